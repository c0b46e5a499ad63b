// A provider that answers from a recording, so that prompts can be tried, evaluated and shown without a key: the answer is looked up by
// the end user's question, not by the rendered text. Text comes out byte for byte as it was recorded.
import { readFinishReason } from '../../wire/openai-chat/finish-reason.ts';
import type {
  CanonicalRequest,
  CanonicalResponse,
  FinishReason,
  Part,
  StreamChunk,
} from '../../contract/canonical.ts';
import { UpstreamError } from '../../contract/upstream-error.ts';
import { usageSchema, type UsageDetail } from '../../contract/usage.ts';
import type { Clock } from '../../kernel/clock.ts';
import { BinnacleError, UsageError } from '../../kernel/errors.ts';
import { eventsOfResponse } from '../../wire/events-of-response.ts';
import { readAnyUsage } from '../../wire/usage/any-usage.ts';
import { abortedError } from '../http-exchange.ts';
import type { CallContext, Provider, ProviderAnswer, Target } from '../provider.ts';
import { inPieces } from './pieces.ts';
import { readRecording, type RecordedAnswer, type Recording } from './recording.ts';

const DEFAULT_PIECE_CHARACTERS = 24;

export interface ReplayParts {
  readonly clock: Clock;
  /** Tokens of a text (cl100k_base), for answers recorded without usage. */
  readonly countTokens: (text: string) => number;
  /** Where a recording named in models.yaml is on disk. */
  readonly resolvePath: (file: string) => string;
  /** Waits; rejects when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

type Options = Target['options'];

/** What `options` of a replay provider say. */
interface ReplaySettings {
  readonly file: string;
  /** `recorded` waits as long as the recording says, `none` not at all, a number that many milliseconds in all. */
  readonly latency: 'none' | 'recorded' | number;
  readonly ttftMs: number;
  readonly pieceCharacters: number;
}

function numberOption(options: Options, name: string, fallback: number): number {
  const value = options[name];
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new UsageError(`options.${name} of a replay provider must be a number from 0.`, name);
  return value;
}

function settingsOf(target: Target): ReplaySettings {
  const { options } = target;
  const file = options['file'];
  if (typeof file !== 'string' || file === '')
    throw new UsageError(
      `Provider ${target.provider} of kind replay needs options.file: a JSONL recording.`,
      'file',
    );
  const latency = options['latency'] ?? 'none';
  if (latency !== 'none' && latency !== 'recorded')
    throw new UsageError(
      'options.latency of a replay provider must be none or recorded; give milliseconds as options.latency_ms.',
      'latency',
    );
  return {
    file,
    latency: options['latency_ms'] === undefined ? latency : numberOption(options, 'latency_ms', 0),
    ttftMs: numberOption(options, 'ttft_ms', 0),
    pieceCharacters: Math.max(1, numberOption(options, 'chunk_characters', DEFAULT_PIECE_CHARACTERS)),
  };
}

/** The end user's question: as the renderer named it, else the last user message's text. */
function questionOf(request: CanonicalRequest): string {
  if (request.question !== undefined) return request.question;
  for (let index = request.messages.length - 1; index >= 0; index -= 1) {
    const message = request.messages[index];
    if (message?.role !== 'user') continue;
    return message.parts
      .map((part) => (part.type === 'text' ? part.text : undefined))
      .filter((text) => text !== undefined)
      .join('\n');
  }
  return '';
}

function textOfPart(part: Part): string {
  switch (part.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return part.text;
    case 'tool-call':
      return part.name + part.arguments;
    case 'tool-result':
      return part.parts.map(textOfPart).join('');
    case 'image':
    case 'document':
    case 'audio':
    case 'opaque':
    default:
      return '';
  }
}

function usageOf(
  answer: RecordedAnswer,
  request: CanonicalRequest,
  count: (text: string) => number,
): UsageDetail {
  if (answer.usage !== undefined) {
    const disjoint = usageSchema.safeParse(answer.usage);
    if (disjoint.success) return { usage: disjoint.data, raw: answer.usage };
    const read = readAnyUsage(answer.usage);
    if (read !== null) return read;
  }
  let input = 0;
  for (const message of request.messages)
    for (const part of message.parts) {
      const text = textOfPart(part);
      if (text !== '') input += count(text);
    }
  const calls = answer.toolCalls.map((call) => call.name + call.arguments);
  const output = [answer.text, ...calls].reduce((total, text) => total + (text === '' ? 0 : count(text)), 0);
  const reasoning = answer.reasoning === '' ? 0 : count(answer.reasoning);
  const usage = { input, cache_read: 0, cache_write: 0, output, reasoning };
  return { usage, raw: { counted_with: 'cl100k_base', ...usage } };
}

function finishOf(answer: RecordedAnswer): FinishReason {
  if (answer.finishReason !== undefined) return readFinishReason(answer.finishReason);
  return answer.toolCalls.length > 0 ? 'tool-calls' : 'stop';
}

function partsOf(answer: RecordedAnswer): readonly Part[] {
  const parts: Part[] = [];
  if (answer.reasoning !== '') parts.push({ type: 'reasoning', text: answer.reasoning });
  if (answer.text !== '') parts.push({ type: 'text', text: answer.text });
  for (const call of answer.toolCalls) parts.push({ type: 'tool-call', ...call });
  return parts;
}

/** Recordings by path, each read once; a failed read is tried again by the next call. */
class Recordings {
  readonly #read = new Map<string, Promise<Recording>>();

  async get(path: string, provider: string): Promise<Recording> {
    let reading = this.#read.get(path);
    if (reading === undefined) {
      reading = readRecording(path);
      this.#read.set(path, reading);
    }
    try {
      return await reading;
    } catch (error) {
      this.#read.delete(path);
      if (!(error instanceof BinnacleError)) throw error;
      throw new UpstreamError({ kind: 'server_error', provider, message: error.message, cause: error });
    }
  }
}

interface Pace {
  readonly beforeFirstMs: number;
  readonly restMs: number;
}

function paceOf(answer: RecordedAnswer, settings: ReplaySettings): Pace {
  if (settings.latency === 'none') return { beforeFirstMs: 0, restMs: 0 };
  const isRecorded = settings.latency === 'recorded';
  const total = typeof settings.latency === 'number' ? settings.latency : (answer.latencyMs ?? 0);
  const first = Math.min(total, (isRecorded ? answer.ttftMs : undefined) ?? settings.ttftMs);
  return { beforeFirstMs: first, restMs: total - first };
}

async function* streamOf(
  response: CanonicalResponse,
  settings: ReplaySettings,
  pace: Pace,
  wait: (milliseconds: number) => Promise<void>,
): AsyncGenerator<readonly StreamChunk[]> {
  await wait(pace.beforeFirstMs);
  const events = eventsOfResponse(response).flatMap((event) => inPieces(event, settings.pieceCharacters));
  const between = events.length === 0 ? 0 : pace.restMs / events.length;
  for (const event of events) {
    yield [{ events: [event] }];
    await wait(between);
  }
}

/** `kind: replay`. */
export function replayProvider(parts: ReplayParts): Provider {
  const recordings = new Recordings();

  async function chat(
    request: CanonicalRequest,
    target: Target,
    context: CallContext,
  ): Promise<ProviderAnswer> {
    const settings = settingsOf(target);
    const recording = await recordings.get(parts.resolvePath(settings.file), target.provider);
    const answer = recording.find(questionOf(request), target.upstreamModel);
    if ('missing' in answer)
      throw new UpstreamError({
        kind: 'invalid_request',
        provider: target.provider,
        message: answer.missing,
        upstreamStatus: 404,
      });
    const response: CanonicalResponse = {
      id: '',
      model: target.upstreamModel,
      created: Math.floor(parts.clock.now() / 1000),
      choices: [
        {
          index: 0,
          parts: partsOf(answer),
          finishReason: finishOf(answer),
          ...(answer.finishReason === undefined ? {} : { nativeFinishReason: answer.finishReason }),
        },
      ],
      usage: usageOf(answer, request, parts.countTokens),
    };
    const head = { status: 200, headers: {} };
    const pace = paceOf(answer, settings);
    const wait = async (milliseconds: number): Promise<void> => {
      if (milliseconds <= 0) return;
      try {
        await parts.sleep(milliseconds, context.signal);
      } catch (error) {
        throw context.signal.aborted ? abortedError() : error;
      }
    };
    if (request.stream) return { kind: 'stream', head, chunks: streamOf(response, settings, pace, wait) };
    await wait(pace.beforeFirstMs + pace.restMs);
    return { kind: 'response', head, response };
  }

  return { kind: 'replay', chat };
}

// Amazon Bedrock's Converse API, read only.
import type {
  CanonicalEvent,
  CanonicalResponse,
  FinishReason,
  Part,
  StreamChunk,
} from '../../contract/canonical.ts';
import type { UsageDetail } from '../../contract/usage.ts';
import { countOf, isRecord, listOf, parseOrUndefined, stringOf } from '../read-json.ts';
import type { EventPayload, StreamReader } from '../shape.ts';
import { notTheFormat, onlyChoice, readEvent, reasonIn, type AnswerReader } from './answer-reader.ts';

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  content_filtered: 'content-filter',
  guardrail_intervened: 'content-filter',
};

/** Classes are disjoint already; reasoning is not told apart. */
function readUsage(raw: unknown): UsageDetail | null {
  if (!isRecord(raw)) return null;
  const usage = {
    input: countOf(raw['inputTokens']),
    cache_read: countOf(raw['cacheReadInputTokens']),
    cache_write: countOf(raw['cacheWriteInputTokens']),
    output: countOf(raw['outputTokens']),
    reasoning: 0,
  };
  return { usage, raw };
}

function readBlock(block: unknown): Part[] {
  if (!isRecord(block)) return [];
  const tool = block['toolUse'];
  if (isRecord(tool)) {
    const id = stringOf(tool['toolUseId']) ?? '';
    return [
      {
        type: 'tool-call',
        id,
        name: stringOf(tool['name']) ?? '',
        arguments: JSON.stringify(tool['input'] ?? {}),
      },
    ];
  }
  const reasoning = isRecord(block['reasoningContent'])
    ? block['reasoningContent']['reasoningText']
    : undefined;
  if (isRecord(reasoning)) return [{ type: 'reasoning', text: stringOf(reasoning['text']) ?? '' }];
  return typeof block['text'] === 'string' ? [{ type: 'text', text: block['text'] }] : [];
}

function readResponse(text: string, provider: string): CanonicalResponse {
  const body = parseOrUndefined(text);
  const output = isRecord(body) && isRecord(body['output']) ? body['output']['message'] : undefined;
  if (!isRecord(body) || !isRecord(output)) throw notTheFormat(provider, 'it is no Converse answer');
  const word = stringOf(body['stopReason']) ?? '';
  const parts = listOf(output['content']).flatMap(readBlock);
  return onlyChoice('', parts, { reason: reasonIn(REASONS, word), word }, readUsage(body['usage']));
}

class ConverseStreamReader implements StreamReader {
  readonly #provider: string;
  readonly #calls = new Map<unknown, number>();
  #done = false;

  constructor(provider: string) {
    this.#provider = provider;
  }

  read(payload: EventPayload): StreamChunk {
    const body = readEvent(payload, this.#provider);
    for (const name of Object.keys(body))
      if (name.endsWith('Exception')) throw notTheFormat(this.#provider, `its stream holds a ${name}`);
    const events: CanonicalEvent[] = [];
    const start = body['contentBlockStart'];
    if (isRecord(start) && isRecord(start['start']) && isRecord(start['start']['toolUse'])) {
      const tool = start['start']['toolUse'];
      const call = this.#calls.size;
      this.#calls.set(start['contentBlockIndex'], call);
      const id = stringOf(tool['toolUseId']) ?? '';
      events.push({ type: 'tool-call-start', choice: 0, call, id, name: stringOf(tool['name']) ?? '' });
    }
    const delta = body['contentBlockDelta'];
    if (isRecord(delta) && isRecord(delta['delta']))
      this.#readDelta(delta['contentBlockIndex'], delta['delta'], events);
    const stop = body['messageStop'];
    if (isRecord(stop)) {
      this.#done = true;
      const word = stringOf(stop['stopReason']) ?? '';
      events.push({ type: 'finish', choice: 0, reason: reasonIn(REASONS, word), nativeReason: word });
    }
    const metadata = body['metadata'];
    const usage = isRecord(metadata) ? readUsage(metadata['usage']) : null;
    if (usage !== null) events.push({ type: 'usage', usage });
    return { events };
  }

  end(): void {
    if (!this.#done) throw notTheFormat(this.#provider, 'its stream was cut');
  }

  #readDelta(index: unknown, delta: Readonly<Record<string, unknown>>, events: CanonicalEvent[]): void {
    if (typeof delta['text'] === 'string')
      events.push({ type: 'text-delta', choice: 0, text: delta['text'] });
    const reasoning = isRecord(delta['reasoningContent'])
      ? stringOf(delta['reasoningContent']['text'])
      : undefined;
    if (reasoning !== undefined) events.push({ type: 'reasoning-delta', choice: 0, text: reasoning });
    const input = isRecord(delta['toolUse']) ? stringOf(delta['toolUse']['input']) : undefined;
    const call = this.#calls.get(index);
    if (input !== undefined && call !== undefined)
      events.push({ type: 'tool-call-delta', choice: 0, call, arguments: input });
  }
}

export const bedrockConverse: AnswerReader = {
  readResponse,
  streamReader: (provider) => new ConverseStreamReader(provider),
};

// Reads a vendor's chat-completions stream, one event payload at a time.
import type { CanonicalEvent, StreamChunk } from '../../contract/canonical.ts';
import { UpstreamError } from '../../contract/upstream-error.ts';
import { isRecord, listOf, parseOrUndefined, stringOf, type JsonRecord } from '../read-json.ts';
import type { EventPayload, StreamReader } from '../shape.ts';
import { readFinishReason } from './finish-reason.ts';
import { argumentsText, badAnswer, errorInside, readContentPieces, reasoningOf } from './read-response.ts';
import { readChatUsage } from '../usage/chat.ts';

/** Tool calls of one choice: which canonical number a vendor's index or id has. */
interface CallState {
  count: number;
  /** Vendor index → the call now open under it. */
  readonly byIndex: Map<number, { readonly number: number; readonly id: string }>;
  last: number;
}

interface ChoiceState {
  readonly calls: CallState;
  finished: boolean;
}

export class ChatStreamReader implements StreamReader {
  readonly #provider: string;
  readonly #choices = new Map<number, ChoiceState>();
  #started = false;
  #done = false;

  constructor(provider: string) {
    this.#provider = provider;
  }

  read(payload: EventPayload): StreamChunk {
    const data = payload.data;
    if (data === '[DONE]') {
      this.#done = true;
      return { events: [] };
    }
    const body = parseOrUndefined(data);
    if (!isRecord(body)) throw badAnswer(this.#provider, 'an event of its stream is not JSON');
    const isError = payload.event === 'error' || body['object'] === 'error';
    if (isError || (body['error'] !== undefined && body['error'] !== null))
      throw errorInside(body, this.#provider);
    const events: CanonicalEvent[] = [];
    if (!this.#started) this.#start(body, events);
    for (const choice of listOf(body['choices'])) if (isRecord(choice)) this.#readChoice(choice, events);
    const groq = isRecord(body['x_groq']) ? body['x_groq']['usage'] : undefined;
    const usage = readChatUsage(body['usage']) ?? readChatUsage(groq);
    if (usage !== null) events.push({ type: 'usage', usage });
    return { events, native: { shape: 'openai-chat', data } };
  }

  end(): void {
    const finished = this.#choices.size > 0 && [...this.#choices.values()].every((choice) => choice.finished);
    if (finished || (this.#done && this.#choices.size > 0)) return;
    throw new UpstreamError({
      kind: 'cut_stream',
      provider: this.#provider,
      message: this.#done
        ? `${this.#provider} ended its stream without any answer.`
        : `${this.#provider} cut its stream before the end mark.`,
    });
  }

  #start(body: JsonRecord, events: CanonicalEvent[]): void {
    this.#started = true;
    const fingerprint = stringOf(body['system_fingerprint']);
    events.push({
      type: 'start',
      id: stringOf(body['id']) ?? '',
      model: stringOf(body['model']) ?? '',
      created: typeof body['created'] === 'number' ? body['created'] : 0,
      ...(fingerprint === undefined ? {} : { fingerprint }),
    });
  }

  #stateOf(index: number): ChoiceState {
    let state = this.#choices.get(index);
    if (state === undefined) {
      state = { calls: { count: 0, byIndex: new Map(), last: -1 }, finished: false };
      this.#choices.set(index, state);
    }
    return state;
  }

  #readChoice(value: JsonRecord, events: CanonicalEvent[]): void {
    const choice = typeof value['index'] === 'number' ? value['index'] : 0;
    const state = this.#stateOf(choice);
    const delta = isRecord(value['delta']) ? value['delta'] : { content: value['text'] };
    const reasoning = reasoningOf(delta);
    if (reasoning !== undefined && reasoning !== '')
      events.push({ type: 'reasoning-delta', choice, text: reasoning });
    for (const piece of readContentPieces(delta['content']))
      events.push({ type: `${piece.kind}-delta`, choice, text: piece.text });
    const refusal = stringOf(delta['refusal']);
    if (refusal !== undefined && refusal !== '')
      events.push({ type: 'refusal-delta', choice, text: refusal });
    for (const call of listOf(delta['tool_calls']))
      if (isRecord(call)) readToolCallDelta(call, choice, state.calls, events);
    if (isRecord(delta['function_call']))
      readToolCallDelta({ index: 0, function: delta['function_call'] }, choice, state.calls, events);
    const word = stringOf(value['finish_reason']);
    if (word !== undefined && !state.finished) {
      state.finished = true;
      events.push({ type: 'finish', choice, reason: readFinishReason(word), nativeReason: word });
    }
  }
}

/**
 * A call is new when its index is, or when another id comes under an index already used (some vendors number every call 0). Without an
 * index an id opens a call and a delta without id goes to the last one.
 */
function readToolCallDelta(
  delta: JsonRecord,
  choice: number,
  calls: CallState,
  events: CanonicalEvent[],
): void {
  const details = isRecord(delta['function']) ? delta['function'] : {};
  const id = stringOf(delta['id']) ?? '';
  const index = typeof delta['index'] === 'number' ? delta['index'] : undefined;
  const open = index === undefined ? undefined : calls.byIndex.get(index);
  const isNew =
    index === undefined
      ? id !== '' || calls.count === 0
      : open === undefined || (id !== '' && open.id !== id);
  let call = open?.number ?? calls.last;
  if (isNew) {
    call = calls.count;
    calls.count += 1;
    if (index !== undefined) calls.byIndex.set(index, { number: call, id });
    events.push({ type: 'tool-call-start', choice, call, id, name: stringOf(details['name']) ?? '' });
  }
  calls.last = call;
  const text = argumentsText(details['arguments']);
  if (text !== '') events.push({ type: 'tool-call-delta', choice, call, arguments: text });
}

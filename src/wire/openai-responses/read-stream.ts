// Reads a vendor's stream of the Responses API, one event payload at a time.
import type { CanonicalEvent, StreamChunk } from '../../contract/canonical.ts';
import { UpstreamError } from '../../contract/upstream-error.ts';
import { errorInside } from '../openai-chat/read-response.ts';
import { isRecord, listOf, parseOrUndefined, stringOf, type JsonRecord } from '../read-json.ts';
import type { EventPayload, StreamReader } from '../shape.ts';
import { readResponsesUsage } from '../usage/responses.ts';
import { readItemCall, reasoningText } from './read-item.ts';
import { badResponse, readFinish, refuseFailed } from './read-response.ts';

/** What has been told of one output item so far. */
interface ItemState {
  /** Number of its tool call; undefined for other items. */
  call: number | undefined;
  hasContent: boolean;
}

const NOTHING_HOSTED: ReadonlySet<string> = new Set();
/** Calls whose arguments are streamed; others are told whole when their item is done. */
const STREAMED_CALLS: ReadonlySet<unknown> = new Set(['function_call', 'custom_tool_call']);

export class ResponsesStreamReader implements StreamReader {
  readonly #provider: string;
  readonly #items = new Map<string, ItemState>();
  #calls = 0;
  #started = false;
  #done = false;

  constructor(provider: string) {
    this.#provider = provider;
  }

  read(payload: EventPayload): StreamChunk {
    if (payload.data === '[DONE]') return { events: [] };
    const body = parseOrUndefined(payload.data);
    if (!isRecord(body)) throw badResponse(this.#provider, 'an event of its stream is not JSON');
    const type = stringOf(body['type']) ?? payload.event ?? '';
    if (type === 'error' || (type === '' && isRecord(body['error']))) throw errorInside(body, this.#provider);
    const events = this.#eventsOf(type, body);
    const native = { shape: 'openai-responses', event: type, data: payload.data } as const;
    return { events: events.length === 0 ? [{ type: 'opaque' }] : events, native };
  }

  end(): void {
    if (this.#done) return;
    throw new UpstreamError({
      kind: 'cut_stream',
      provider: this.#provider,
      message: `${this.#provider} cut its stream before the end mark.`,
    });
  }

  #eventsOf(type: string, body: JsonRecord): CanonicalEvent[] {
    const text = stringOf(body['delta']) ?? '';
    switch (type) {
      case 'response.created':
      case 'response.in_progress':
        return this.#start(body);
      case 'response.output_text.delta':
        return this.#told(body, { type: 'text-delta', choice: 0, text });
      case 'response.refusal.delta':
        return this.#told(body, { type: 'refusal-delta', choice: 0, text });
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return this.#told(body, { type: 'reasoning-delta', choice: 0, text });
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return this.#argumentsDelta(body, text);
      case 'response.output_item.added':
        return this.#itemAdded(body);
      case 'response.output_item.done':
        return this.#itemDone(body);
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        return this.#finish(body);
      default:
        return [];
    }
  }

  #start(body: JsonRecord): CanonicalEvent[] {
    if (this.#started || !isRecord(body['response'])) return [];
    this.#started = true;
    const response = body['response'];
    return [
      {
        type: 'start',
        id: stringOf(response['id']) ?? '',
        model: stringOf(response['model']) ?? '',
        created: typeof response['created_at'] === 'number' ? Math.floor(response['created_at']) : 0,
      },
    ];
  }

  #stateOf(body: JsonRecord): ItemState {
    const item = isRecord(body['item']) ? stringOf(body['item']['id']) : undefined;
    const key = item ?? stringOf(body['item_id']) ?? String(body['output_index']);
    let state = this.#items.get(key);
    if (state === undefined) {
      state = { call: undefined, hasContent: false };
      this.#items.set(key, state);
    }
    return state;
  }

  #told(body: JsonRecord, event: CanonicalEvent & { text: string }): CanonicalEvent[] {
    if (event.text === '') return [];
    this.#stateOf(body).hasContent = true;
    return [event];
  }

  #openCall(state: ItemState, id: string, name: string): CanonicalEvent {
    state.call = this.#calls;
    this.#calls += 1;
    return { type: 'tool-call-start', choice: 0, call: state.call, id, name };
  }

  #argumentsDelta(body: JsonRecord, text: string): CanonicalEvent[] {
    const state = this.#stateOf(body);
    if (state.call === undefined || text === '') return [];
    state.hasContent = true;
    return [{ type: 'tool-call-delta', choice: 0, call: state.call, arguments: text }];
  }

  #itemAdded(body: JsonRecord): CanonicalEvent[] {
    if (!isRecord(body['item']) || !STREAMED_CALLS.has(body['item']['type'])) return [];
    const call = readItemCall(body['item'], NOTHING_HOSTED);
    return call === undefined ? [] : [this.#openCall(this.#stateOf(body), call.id, call.name)];
  }

  /** Tells what an item holds and no delta told. */
  #itemDone(body: JsonRecord): CanonicalEvent[] {
    if (!isRecord(body['item'])) return [];
    const item = body['item'];
    const state = this.#stateOf(body);
    if (state.hasContent) return [];
    if (item['type'] === 'message') return messageEvents(item);
    if (item['type'] === 'reasoning') {
      const text = reasoningText(item);
      return text === '' ? [] : [{ type: 'reasoning-delta', choice: 0, text }];
    }
    const call = readItemCall(item, NOTHING_HOSTED);
    if (call === undefined) return [];
    const events: CanonicalEvent[] = [];
    if (state.call === undefined) events.push(this.#openCall(state, call.id, call.name));
    if (call.arguments !== '')
      events.push({ type: 'tool-call-delta', choice: 0, call: state.call ?? 0, arguments: call.arguments });
    return events;
  }

  #finish(body: JsonRecord): CanonicalEvent[] {
    if (!isRecord(body['response'])) throw badResponse(this.#provider, 'its last event has no response');
    const response = body['response'];
    refuseFailed(response, this.#provider);
    this.#done = true;
    const events: CanonicalEvent[] = this.#start(body);
    const usage = readResponsesUsage(response['usage']);
    const { finishReason, nativeFinishReason } = readFinish(response, this.#calls > 0);
    const nativeReason = nativeFinishReason === undefined ? {} : { nativeReason: nativeFinishReason };
    events.push({ type: 'finish', choice: 0, reason: finishReason, ...nativeReason });
    if (usage !== null) events.push({ type: 'usage', usage });
    return events;
  }
}

function messageEvents(item: JsonRecord): CanonicalEvent[] {
  const events: CanonicalEvent[] = [];
  for (const content of listOf(item['content'])) {
    if (!isRecord(content)) continue;
    const text = stringOf(content['text']) ?? stringOf(content['refusal']) ?? '';
    if (text === '') continue;
    events.push({ type: content['type'] === 'refusal' ? 'refusal-delta' : 'text-delta', choice: 0, text });
  }
  return events;
}

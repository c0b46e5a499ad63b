// The stream of `:streamGenerateContent?alt=sse` as canonical events. It has no end mark of its own: it is complete when every candidate
// said why it ended, or the prompt was blocked.
import type { CanonicalEvent, StreamChunk } from '../../contract/canonical.ts';
import { UpstreamError } from '../../contract/upstream-error.ts';
import type { JsonRecord } from '../read-json.ts';
import { isRecord, listOf, parseOrUndefined, stringOf } from '../read-json.ts';
import type { EventPayload, StreamReader } from '../shape.ts';
import { readGoogleUsage } from '../usage/google.ts';
import { readFinishReason } from './finish-reason.ts';
import { InteractionStream } from './interactions.ts';
import { PartialArguments } from './partial-arguments.ts';
import { badAnswer, errorInside, errorObject } from './read-error.ts';
import { callId, readPart } from './read-parts.ts';
import { blockReason } from './read-response.ts';

interface CandidateState {
  calls: number;
  /** A call whose arguments come in pieces. */
  partial: PartialArguments | undefined;
  finished: boolean;
}

export class GoogleStreamReader implements StreamReader {
  readonly #provider: string;
  readonly #candidates = new Map<number, CandidateState>();
  #interaction: InteractionStream | undefined;
  #responseId = '';
  #started = false;
  #blocked = false;

  constructor(provider: string) {
    this.#provider = provider;
  }

  read(payload: EventPayload): StreamChunk {
    const value = parseOrUndefined(payload.data);
    const error = errorObject(value);
    if (error !== undefined && !(isRecord(value) && value['event_type'] === 'error'))
      throw errorInside(error, this.#provider);
    if (!isRecord(value)) throw badAnswer(this.#provider, 'sent an event that is not JSON.');
    const event = payload.event === undefined ? {} : { event: payload.event };
    return {
      events: this.#events(value),
      native: { shape: 'google-generate-content', ...event, data: payload.data },
    };
  }

  end(): void {
    const states = [...this.#candidates.values()];
    const ended =
      this.#interaction?.isEnded ??
      (this.#blocked || (states.length > 0 && states.every((state) => state.finished)));
    if (!ended)
      throw new UpstreamError({
        kind: 'cut_stream',
        provider: this.#provider,
        message: `${this.#provider} ended its stream before every candidate had a finish reason.`,
      });
  }

  #events(value: JsonRecord): readonly CanonicalEvent[] {
    if (typeof value['event_type'] === 'string') {
      this.#interaction ??= new InteractionStream(this.#provider);
      return this.#interaction.read(value);
    }
    const events: CanonicalEvent[] = [];
    if (!this.#started) {
      this.#started = true;
      this.#responseId = stringOf(value['responseId']) ?? '';
      const model = stringOf(value['modelVersion']) ?? '';
      events.push({ type: 'start', id: this.#responseId, model, created: 0 });
    }
    listOf(value['candidates']).forEach((candidate, position) => {
      if (isRecord(candidate)) this.#candidate(candidate, position, events);
    });
    const block = blockReason(value);
    if (block !== undefined && !this.#blocked) {
      this.#blocked = true;
      events.push({ type: 'finish', choice: 0, reason: 'content-filter', nativeReason: block });
    }
    const usage = readGoogleUsage(value['usageMetadata']);
    if (usage !== null) events.push({ type: 'usage', usage });
    return events;
  }

  #candidate(candidate: JsonRecord, position: number, events: CanonicalEvent[]): void {
    const choice = typeof candidate['index'] === 'number' ? candidate['index'] : position;
    let state = this.#candidates.get(choice);
    if (state === undefined) {
      state = { calls: 0, partial: undefined, finished: false };
      this.#candidates.set(choice, state);
    }
    const content = isRecord(candidate['content']) ? candidate['content'] : {};
    for (const part of listOf(content['parts'])) if (isRecord(part)) this.#part(part, choice, state, events);
    const reason = stringOf(candidate['finishReason']);
    if (reason === undefined || state.finished) return;
    this.#closePartial(choice, state, events);
    state.finished = true;
    const canonical = readFinishReason(reason, state.calls > 0);
    events.push({ type: 'finish', choice, reason: canonical, nativeReason: reason });
  }

  #part(part: JsonRecord, choice: number, state: CandidateState, events: CanonicalEvent[]): void {
    const call = part['functionCall'];
    if (isRecord(call) && (state.partial !== undefined || call['willContinue'] === true)) {
      this.#partialCall(part, call, choice, state, events);
      return;
    }
    for (const read of readPart(part, () => callId(this.#responseId, choice, state.calls))) {
      switch (read.type) {
        case 'text':
          events.push({ type: 'text-delta', choice, text: read.text });
          break;
        case 'reasoning': {
          const signature = read.signature === undefined ? {} : { signature: read.signature };
          events.push({ type: 'reasoning-delta', choice, text: read.text, ...signature });
          break;
        }
        case 'tool-call': {
          const number = state.calls++;
          events.push({ type: 'tool-call-start', choice, call: number, id: read.id, name: read.name });
          events.push({ type: 'tool-call-delta', choice, call: number, arguments: read.arguments });
          break;
        }
        default:
          events.push({ type: 'opaque' });
      }
    }
  }

  /** The first piece names the function, the ones between bring arguments, the last says that nothing more comes. */
  #partialCall(
    part: JsonRecord,
    call: JsonRecord,
    choice: number,
    state: CandidateState,
    events: CanonicalEvent[],
  ): void {
    if (state.partial === undefined) {
      state.partial = new PartialArguments();
      const signature = stringOf(part['thoughtSignature']);
      if (signature !== undefined) events.push({ type: 'reasoning-delta', choice, text: '', signature });
      const number = state.calls++;
      const id = stringOf(call['id']) ?? callId(this.#responseId, choice, number);
      events.push({ type: 'tool-call-start', choice, call: number, id, name: stringOf(call['name']) ?? '' });
    }
    state.partial.add(call['partialArgs']);
    if (call['willContinue'] !== true) this.#closePartial(choice, state, events);
  }

  #closePartial(choice: number, state: CandidateState, events: CanonicalEvent[]): void {
    if (state.partial === undefined) return;
    events.push({
      type: 'tool-call-delta',
      choice,
      call: state.calls - 1,
      arguments: state.partial.text(),
    });
    state.partial = undefined;
  }
}

// A whole answer told as a stream's events, and a stream's events gathered into a whole answer.
import type { CanonicalEvent, CanonicalResponse, Choice, FinishReason, Part } from '../contract/canonical.ts';
import type { UsageDetail } from '../contract/usage.ts';

function eventsOfChoice(choice: Choice): CanonicalEvent[] {
  const events: CanonicalEvent[] = [];
  const at = choice.index;
  let call = 0;
  for (const part of choice.parts) {
    if (part.type === 'text' && part.text !== '')
      events.push({ type: 'text-delta', choice: at, text: part.text });
    if (part.type === 'refusal') events.push({ type: 'refusal-delta', choice: at, text: part.text });
    if (part.type === 'reasoning') {
      const { text, signature, redacted } = part;
      events.push({
        type: 'reasoning-delta',
        choice: at,
        text,
        ...(signature === undefined ? {} : { signature }),
        ...(redacted === undefined ? {} : { redacted }),
      });
    }
    if (part.type === 'tool-call') {
      events.push({ type: 'tool-call-start', choice: at, call, id: part.id, name: part.name });
      if (part.arguments !== '')
        events.push({ type: 'tool-call-delta', choice: at, call, arguments: part.arguments });
      call += 1;
    }
  }
  const { finishReason, nativeFinishReason } = choice;
  events.push({
    type: 'finish',
    choice: at,
    reason: finishReason,
    ...(nativeFinishReason === undefined ? {} : { nativeReason: nativeFinishReason }),
  });
  return events;
}

/** The events that, streamed, would make this answer. */
export function eventsOfResponse(response: CanonicalResponse): readonly CanonicalEvent[] {
  const { id, model, created, fingerprint } = response;
  const events: CanonicalEvent[] = [
    { type: 'start', id, model, created, ...(fingerprint === undefined ? {} : { fingerprint }) },
  ];
  for (const choice of response.choices) events.push(...eventsOfChoice(choice));
  if (response.usage !== null) events.push({ type: 'usage', usage: response.usage });
  return events;
}

interface OpenChoice {
  readonly parts: {
    type: 'text' | 'refusal' | 'reasoning' | 'tool-call';
    text: string;
    id: string;
    name: string;
  }[];
  readonly calls: Map<number, number>;
  finish: { reason: FinishReason; nativeReason?: string } | undefined;
}

/** Gathers a stream's events. Neighbouring deltas of one kind become one part. */
export class ResponseGatherer {
  readonly #choices = new Map<number, OpenChoice>();
  #start: { id: string; model: string; created: number; fingerprint?: string } = {
    id: '',
    model: '',
    created: 0,
  };
  #usage: UsageDetail | null = null;

  add(event: CanonicalEvent): void {
    switch (event.type) {
      case 'start':
        this.#start = event;
        break;
      case 'usage':
        this.#usage = event.usage;
        break;
      case 'text-delta':
        this.#append(event.choice, 'text', event.text);
        break;
      case 'refusal-delta':
        this.#append(event.choice, 'refusal', event.text);
        break;
      case 'reasoning-delta':
        this.#append(event.choice, 'reasoning', event.text);
        break;
      case 'tool-call-start': {
        const open = this.#choice(event.choice);
        open.calls.set(event.call, open.parts.length);
        open.parts.push({ type: 'tool-call', text: '', id: event.id, name: event.name });
        break;
      }
      case 'tool-call-delta': {
        const open = this.#choice(event.choice);
        const part = open.parts[open.calls.get(event.call) ?? -1];
        if (part !== undefined) part.text += event.arguments;
        break;
      }
      case 'finish':
        this.#choice(event.choice).finish = event;
        break;
      case 'opaque':
      default:
        break;
    }
  }

  /** The answer so far. */
  response(): CanonicalResponse {
    const { id, model, created, fingerprint } = this.#start;
    const choices = [...this.#choices.entries()].sort(([a], [b]) => a - b);
    return {
      id,
      model,
      created,
      choices: choices.map(([index, open]) => closeChoice(index, open)),
      usage: this.#usage,
      ...(fingerprint === undefined ? {} : { fingerprint }),
    };
  }

  #choice(index: number): OpenChoice {
    let open = this.#choices.get(index);
    if (open === undefined) {
      open = { parts: [], calls: new Map(), finish: undefined };
      this.#choices.set(index, open);
    }
    return open;
  }

  #append(index: number, type: 'text' | 'refusal' | 'reasoning', text: string): void {
    const { parts } = this.#choice(index);
    const last = parts.at(-1);
    if (last?.type === type) last.text += text;
    else parts.push({ type, text, id: '', name: '' });
  }
}

function closeChoice(index: number, open: OpenChoice): Choice {
  const parts = open.parts.map((part): Part =>
    part.type === 'tool-call'
      ? { type: 'tool-call', id: part.id, name: part.name, arguments: part.text }
      : { type: part.type, text: part.text },
  );
  const nativeReason = open.finish?.nativeReason;
  return {
    index,
    parts,
    finishReason: open.finish?.reason ?? 'unknown',
    ...(nativeReason === undefined ? {} : { nativeFinishReason: nativeReason }),
  };
}

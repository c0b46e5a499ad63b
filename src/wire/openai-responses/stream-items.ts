// The output items of a stream being written: which is open, what it holds so far, and the events that open, fill and close it.
import type { CanonicalEvent } from '../../contract/canonical.ts';
import { callItem, messageItem, reasoningItem, textContent } from './write-response.ts';

type Emit = (type: string, body: Readonly<Record<string, unknown>>) => string;
type ContentEvent = Extract<
  CanonicalEvent,
  { type: 'text-delta' | 'refusal-delta' | 'reasoning-delta' | 'tool-call-start' | 'tool-call-delta' }
>;

type OpenItem =
  | { readonly kind: 'text' | 'refusal' | 'reasoning'; readonly id: string; text: string }
  | {
      readonly kind: 'call';
      readonly id: string;
      readonly call: number;
      readonly callId: string;
      readonly name: string;
      text: string;
    };

export class StreamItems {
  /** Items that are closed, as the whole response holds them. */
  readonly output: unknown[] = [];
  readonly #key: string;
  readonly #emit: Emit;
  #open: OpenItem | undefined;

  constructor(key: string, emit: Emit) {
    this.#key = key;
    this.#emit = emit;
  }

  write(event: ContentEvent): string {
    switch (event.type) {
      case 'text-delta':
        return this.#fill('text', event.text);
      case 'refusal-delta':
        return this.#fill('refusal', event.text);
      case 'reasoning-delta':
        return event.text === '' ? '' : this.#fill('reasoning', event.text);
      case 'tool-call-start':
        return this.close() + this.#openCall(event);
      case 'tool-call-delta':
      default:
        return this.#fillCall(event.call, event.arguments);
    }
  }

  /** Closes the open item, if any. */
  close(): string {
    const open = this.#open;
    if (open === undefined) return '';
    this.#open = undefined;
    const at = { item_id: open.id, output_index: this.output.length };
    const item = this.#item(open, 'completed');
    const text =
      this.#closeContent(open, at) +
      this.#emit('response.output_item.done', { output_index: at.output_index, item });
    this.output.push(item);
    return text;
  }

  #item(open: OpenItem, status: string): Readonly<Record<string, unknown>> {
    switch (open.kind) {
      case 'call':
        return callItem(open.id, status, { id: open.callId, name: open.name, arguments: open.text });
      case 'reasoning':
        return reasoningItem(open.id, open.text);
      case 'text':
      case 'refusal':
      default:
        return messageItem(open.id, status, [this.#content(open.kind, open.text)]);
    }
  }

  #content(kind: 'text' | 'refusal', text: string): Readonly<Record<string, unknown>> {
    return kind === 'text' ? textContent(text) : { type: 'refusal', refusal: text };
  }

  #fill(kind: 'text' | 'refusal' | 'reasoning', delta: string): string {
    let written = '';
    if (this.#open?.kind !== kind) written = this.close() + this.#openText(kind);
    const open = this.#open as OpenItem;
    open.text += delta;
    const at = { item_id: open.id, output_index: this.output.length };
    if (kind === 'reasoning')
      return (
        written + this.#emit('response.reasoning_summary_text.delta', { ...at, summary_index: 0, delta })
      );
    const logprobs = kind === 'text' ? { logprobs: [] } : {};
    const type = kind === 'text' ? 'response.output_text.delta' : 'response.refusal.delta';
    return written + this.#emit(type, { ...at, content_index: 0, delta, ...logprobs });
  }

  #openText(kind: 'text' | 'refusal' | 'reasoning'): string {
    const index = this.output.length;
    const id = `${kind === 'reasoning' ? 'rs' : 'msg'}_${this.#key}_${index}`;
    this.#open = { kind, id, text: '' };
    if (kind === 'reasoning') {
      const added = this.#emit('response.output_item.added', {
        output_index: index,
        item: reasoningItem(id, ''),
      });
      const part = { type: 'summary_text', text: '' };
      const at = { item_id: id, output_index: index, summary_index: 0 };
      return added + this.#emit('response.reasoning_summary_part.added', { ...at, part });
    }
    const item = messageItem(id, 'in_progress', []);
    const added = this.#emit('response.output_item.added', { output_index: index, item });
    const at = { item_id: id, output_index: index, content_index: 0 };
    return added + this.#emit('response.content_part.added', { ...at, part: this.#content(kind, '') });
  }

  #openCall(event: ContentEvent & { type: 'tool-call-start' }): string {
    const id = `fc_${this.#key}_${this.output.length}`;
    this.#open = { kind: 'call', id, call: event.call, callId: event.id, name: event.name, text: '' };
    const item = this.#item(this.#open, 'in_progress');
    return this.#emit('response.output_item.added', { output_index: this.output.length, item });
  }

  /** A delta for a call that is closed already can't be carried: vendors fill one call at a time. */
  #fillCall(call: number, delta: string): string {
    const open = this.#open;
    if (open?.kind !== 'call' || open.call !== call) return '';
    open.text += delta;
    const at = { item_id: open.id, output_index: this.output.length };
    return this.#emit('response.function_call_arguments.delta', { ...at, delta });
  }

  #closeContent(open: OpenItem, at: { readonly item_id: string; readonly output_index: number }): string {
    const { text } = open;
    if (open.kind === 'call')
      return this.#emit('response.function_call_arguments.done', { ...at, name: open.name, arguments: text });
    if (open.kind === 'reasoning') {
      const part = { type: 'summary_text', text };
      return (
        this.#emit('response.reasoning_summary_text.done', { ...at, summary_index: 0, text }) +
        this.#emit('response.reasoning_summary_part.done', { ...at, summary_index: 0, part })
      );
    }
    const done =
      open.kind === 'text'
        ? this.#emit('response.output_text.done', { ...at, content_index: 0, text, logprobs: [] })
        : this.#emit('response.refusal.done', { ...at, content_index: 0, refusal: text });
    const part = this.#content(open.kind, text);
    return done + this.#emit('response.content_part.done', { ...at, content_index: 0, part });
  }
}

// Writes an answer to the application as a chat-completions stream. A chunk of the same shape goes out byte by byte as it came, except
// the usage chunk, which the gateway always asks for and only passes on to callers who asked too.
import type { CanonicalEvent, StreamChunk } from '../../contract/canonical.ts';
import type { UsageDetail } from '../../contract/usage.ts';
import type { BinnacleError } from '../../kernel/errors.ts';
import type { AnswerFacts, StreamWriter } from '../shape.ts';
import { writeFinishReason } from './finish-reason.ts';
import { writeChatUsage } from './write-usage.ts';
import { writeErrorObject } from './write-response.ts';

function deltaOf(event: CanonicalEvent): Readonly<Record<string, unknown>> | undefined {
  switch (event.type) {
    case 'text-delta':
      return { content: event.text };
    case 'refusal-delta':
      return { refusal: event.text };
    case 'reasoning-delta':
      return event.text === '' ? undefined : { reasoning_content: event.text };
    case 'tool-call-start':
      return {
        tool_calls: [
          {
            index: event.call,
            id: event.id,
            type: 'function',
            function: { name: event.name, arguments: '' },
          },
        ],
      };
    case 'tool-call-delta':
      return { tool_calls: [{ index: event.call, function: { arguments: event.arguments } }] };
    case 'start':
    case 'opaque':
    case 'usage':
    case 'finish':
    default:
      return undefined;
  }
}

export class ChatStreamWriter implements StreamWriter {
  readonly #includeUsage: boolean;
  /** For vendors whose format does not say when an answer was made. */
  readonly #created: number;
  /** The JSON text every built chunk begins with, up to `choices`. */
  #head: string;
  #usage: UsageDetail | undefined;
  readonly #announced = new Set<number>();

  constructor(facts: AnswerFacts) {
    this.#includeUsage = facts.includeUsage;
    this.#created = facts.created;
    this.#head = this.#headOf(facts.interaction, facts.created, facts.model, undefined);
  }

  write(chunk: StreamChunk): string {
    if (chunk.native?.shape === 'openai-chat') return this.#passOn(chunk, chunk.native.data);
    let text = '';
    for (const event of chunk.events) text += this.#writeEvent(event);
    return text;
  }

  finish(): string {
    if (!this.#includeUsage || this.#usage === undefined) return '';
    const usage = JSON.stringify(writeChatUsage(this.#usage));
    this.#usage = undefined;
    return `data: ${this.#head}[],"usage":${usage}}\n\n`;
  }

  endMark(): string {
    return 'data: [DONE]\n\n';
  }

  error(error: BinnacleError): string {
    return `data: ${JSON.stringify({ error: writeErrorObject(error) })}\n\n`;
  }

  #passOn(chunk: StreamChunk, data: string): string {
    let isUsageAlone = chunk.events.length > 0;
    for (const event of chunk.events) {
      if (event.type === 'start') this.#readStart(event);
      else if (event.type !== 'usage') isUsageAlone = false;
      if (event.type !== 'usage' && 'choice' in event) this.#announced.add(event.choice);
      if (event.type === 'start') isUsageAlone = false;
    }
    return isUsageAlone && !this.#includeUsage ? '' : `data: ${data}\n\n`;
  }

  #headOf(id: string, created: number, model: string, fingerprint: string | undefined): string {
    const mark = fingerprint === undefined ? '' : `"system_fingerprint":${JSON.stringify(fingerprint)},`;
    return `{"id":${JSON.stringify(id)},"object":"chat.completion.chunk","created":${created},"model":${JSON.stringify(model)},${mark}"choices":`;
  }

  #readStart(event: CanonicalEvent & { type: 'start' }): void {
    if (event.id === '' || event.model === '') return;
    const created = event.created > 0 ? event.created : this.#created;
    this.#head = this.#headOf(event.id, created, event.model, event.fingerprint);
  }

  #writeEvent(event: CanonicalEvent): string {
    if (event.type === 'start') this.#readStart(event);
    if (event.type === 'usage') this.#usage = event.usage;
    if (event.type === 'finish') {
      const reason = writeFinishReason(event.reason);
      return `data: ${this.#head}[{"index":${event.choice},"delta":{},"logprobs":null,"finish_reason":"${reason}"}]}\n\n`;
    }
    const delta = deltaOf(event);
    if (delta === undefined || !('choice' in event)) return '';
    const isFirst = !this.#announced.has(event.choice);
    this.#announced.add(event.choice);
    const content = JSON.stringify(isFirst ? { role: 'assistant', ...delta } : delta);
    return `data: ${this.#head}[{"index":${event.choice},"delta":${content},"logprobs":null,"finish_reason":null}]}\n\n`;
  }
}

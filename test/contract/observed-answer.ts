// What an application sees of an answer, whole or streamed: the form in which tests compare shapes, vendors and libraries.
import type { CanonicalEvent, CanonicalResponse, StreamChunk } from '../../src/contract/canonical.ts';
import type { Usage } from '../../src/contract/usage.ts';
import { SseDecoder } from '../../src/wire/sse-decoder.ts';
import type { OutboundShape } from '../../src/wire/shape.ts';

export interface ObservedCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

export interface ObservedAnswer {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly ObservedCall[];
  readonly usage: Usage | null;
  readonly finish: string | undefined;
}

/** Of the first choice of a complete answer. */
export function observeResponse(response: CanonicalResponse): ObservedAnswer {
  const parts = response.choices[0]?.parts ?? [];
  return {
    text: parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    reasoning: parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join(''),
    calls: parts.flatMap((part) =>
      part.type === 'tool-call' ? [{ id: part.id, name: part.name, arguments: part.arguments }] : [],
    ),
    usage: response.usage?.usage ?? null,
    finish: response.choices[0]?.finishReason,
  };
}

/** Of choice 0 of a stream's events. */
export function observeEvents(events: readonly CanonicalEvent[]): ObservedAnswer {
  let text = '';
  let reasoning = '';
  let usage: Usage | null = null;
  let finish: string | undefined;
  const calls: { id: string; name: string; arguments: string }[] = [];
  for (const event of events) {
    if (event.type === 'text-delta') text += event.text;
    if (event.type === 'reasoning-delta') reasoning += event.text;
    if (event.type === 'tool-call-start')
      calls[event.call] = { id: event.id, name: event.name, arguments: '' };
    if (event.type === 'tool-call-delta') {
      const call = calls[event.call];
      if (call === undefined) throw new Error(`a delta of call ${event.call} before its start`);
      call.arguments += event.arguments;
    }
    if (event.type === 'usage') usage = event.usage.usage;
    if (event.type === 'finish') finish = event.reason;
  }
  return { text, reasoning, calls, usage, finish };
}

/** Reads the bytes of a stream, handed over in the given pieces. */
export function readPieces(shape: OutboundShape, pieces: readonly Uint8Array[]): CanonicalEvent[] {
  const decoder = new SseDecoder();
  const reader = shape.streamReader('vendor');
  const chunks: StreamChunk[] = [];
  for (const piece of pieces) for (const payload of decoder.push(piece)) chunks.push(reader.read(payload));
  for (const payload of decoder.end()) chunks.push(reader.read(payload));
  reader.end();
  return chunks.flatMap((chunk) => chunk.events);
}

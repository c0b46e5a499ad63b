// Server-sent events read the same however their bytes are cut.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventPayload } from './shape.ts';
import { SseDecoder } from './sse-decoder.ts';

function decode(pieces: readonly Uint8Array[]): EventPayload[] {
  const decoder = new SseDecoder();
  return [...pieces.flatMap((piece) => [...decoder.push(piece)]), ...decoder.end()];
}

const STREAM = Buffer.from(
  '\uFEFF: hello\r\n\r\ndata: {"a":"日本 🙂"}\r\n\r\nevent: message_stop\ndata: {"b":1}\n\ndata: {"c":\rdata: 2}\r\rretry: 5\n\ndata: [DONE]\n\n',
);
const EVENTS: EventPayload[] = [
  { data: '{"a":"日本 🙂"}' },
  { event: 'message_stop', data: '{"b":1}' },
  { data: '{"c":\n2}' },
  { data: '[DONE]' },
];

describe('SseDecoder', () => {
  it('gives the same events however the bytes are cut', () => {
    expect(decode([STREAM])).toEqual(EVENTS);
    expect(decode([...STREAM].map((byte) => Uint8Array.of(byte)))).toEqual(EVENTS);
    for (let at = 0; at <= STREAM.length; at += 1)
      expect(decode([STREAM.subarray(0, at), STREAM.subarray(at)])).toEqual(EVENTS);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: STREAM.length }), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), STREAM.length];
        const pieces = at.slice(1).map((end, index) => STREAM.subarray(at[index], end));
        expect(decode(pieces)).toEqual(EVENTS);
      }),
    );
  });

  it('keeps a last event without its empty line only when it is whole', () => {
    expect(decode([Buffer.from('data: {"a":1}')])).toEqual([{ data: '{"a":1}' }]);
    expect(decode([Buffer.from('data: [DONE]')])).toEqual([{ data: '[DONE]' }]);
    expect(decode([Buffer.from('data: {"a":')])).toEqual([]);
  });

  it('stops at an event without end', () => {
    const decoder = new SseDecoder();
    const piece = Buffer.from(`data: ${'a'.repeat(1024 * 1024)}\n`);
    for (let count = 0; count < 20; count += 1) decoder.push(piece);
    expect(decoder.tooLarge).toBe(true);
  });
});

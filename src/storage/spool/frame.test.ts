// Frames: round trip, torn tails, flipped bits.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, frameRoom, frameRows, wholeFrames, writeFrame } from './frame.ts';
import { sampleBegin, sampleEnd } from '../testing/sample-rows.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const begin = text.map((user) => sampleBegin('int_1', 5, { end_user: user }));
const end = fc
  .tuple(begin, text, text)
  .map(([row, request, response]) =>
    sampleEnd(row, 1n, 0, { request_payload: request, response_payload: response }),
  );
const rows = fc.array(fc.oneof(begin, end), { minLength: 1, maxLength: 6 });

test('what was framed comes back, whatever the text', () => {
  fc.assert(
    fc.property(rows, (list) => {
      expect(frameRows(Buffer.concat(list.map(encodeFrame))).rows).toEqual(list);
    }),
  );
});

test('a row from before payloads stood apart is read as well', () => {
  fc.assert(
    fc.property(end, (row) => {
      const before = JSON.stringify(row);
      const frame = Buffer.alloc(frameRoom(before));
      const length = writeFrame(frame, 0, before);
      expect(frameRows(frame.subarray(0, length)).rows).toEqual([row]);
    }),
  );
});

test('a tail cut anywhere keeps exactly the whole rows before the cut', () => {
  fc.assert(
    fc.property(rows, fc.nat(), (list, nat) => {
      const frames = list.map(encodeFrame);
      const bytes = Buffer.concat(frames);
      const cut = nat % bytes.length;
      let whole = 0;
      let count = 0;
      for (const frame of frames) {
        if (whole + frame.length > cut) break;
        whole += frame.length;
        count += 1;
      }
      expect(wholeFrames(bytes.subarray(0, cut))).toBe(whole);
      expect(frameRows(bytes.subarray(0, cut)).rows).toHaveLength(count);
    }),
  );
});

test('a flipped bit ends the whole rows at or before it', () => {
  fc.assert(
    fc.property(rows, fc.nat(), fc.integer({ min: 0, max: 7 }), (list, nat, bit) => {
      const bytes = Buffer.concat(list.map(encodeFrame));
      const at = nat % bytes.length;
      bytes[at] = (bytes[at] as number) ^ (1 << bit);
      expect(wholeFrames(bytes)).toBeLessThanOrEqual(at);
    }),
  );
});

test('a tail of zeros, as a file system may leave after power loss, is not a row', () => {
  expect(wholeFrames(Buffer.alloc(64))).toBe(0);
});

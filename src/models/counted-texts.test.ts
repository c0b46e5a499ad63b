// Counts of texts are remembered while they come again, and only then.
import { expect, test } from 'vitest';
import { MINUTE_MS, ManualClock } from '../kernel/clock.ts';
import { CountedTexts } from './counted-texts.ts';

const text = (letter: string, length = 200): string => letter.repeat(length);

function remembering(): { of: (text: string) => number; counted: string[]; clock: ManualClock } {
  const counted: string[] = [];
  const clock = new ManualClock(1000);
  const texts = new CountedTexts((one) => {
    counted.push(one);
    return one.length / 4;
  }, clock);
  return { of: (one) => texts.of(one), counted, clock };
}

test('a text that comes again is counted once, a short one each time', () => {
  const { of, counted } = remembering();
  expect([of(text('a')), of(text('b')), of(text('a')), of('abcd'), of('abcd')]).toEqual([50, 50, 50, 1, 1]);
  expect(counted).toEqual([text('a'), text('b'), 'abcd', 'abcd']);
});

test('it is remembered for as long as it comes within a minute, and forgotten after two', () => {
  const { of, counted, clock } = remembering();
  of(text('a'));
  for (let minute = 0; minute < 5; minute += 1) {
    clock.advance(MINUTE_MS);
    of(text('a'));
  }
  expect(counted).toHaveLength(1);
  of(text('b'));
  clock.advance(MINUTE_MS);
  of(text('a'));
  clock.advance(MINUTE_MS);
  of(text('b'));
  expect(counted).toEqual([text('a'), text('b'), text('b')]);
  clock.advance(2 * MINUTE_MS);
  of(text('b'));
  expect(counted).toHaveLength(4);
});

test('texts that are new each time take no more than their share of memory', () => {
  const { of, counted } = remembering();
  const system = text('s', 1000);
  for (let turn = 0; turn < 5000; turn += 1) {
    of(system);
    of(String(turn).padEnd(1000, 'x'));
  }
  expect(counted.filter((one) => one === system)).toHaveLength(1);
  of(String(0).padEnd(1000, 'x'));
  expect(counted.at(-1)).toBe(String(0).padEnd(1000, 'x'));
});

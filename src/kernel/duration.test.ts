// Durations as users write them: each unit, and what is refused.
import { describe, expect, it } from 'vitest';
import { parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it('reads the spellings of the contract', () => {
    expect(parseDuration('15m')).toBe(900_000);
    expect(parseDuration('1h')).toBe(3_600_000);
    expect(parseDuration('1h30m')).toBe(5_400_000);
    expect(parseDuration('500ms')).toBe(500);
    expect(parseDuration('2w')).toBe(14 * 86_400_000);
  });

  it('refuses what is not a duration', () => {
    for (const text of ['', '15', '15 m', '-1h', '1.5h', '0s', 'h', '1y', '99999999w', '1h ']) {
      expect(parseDuration(text), text).toBeUndefined();
    }
  });
});

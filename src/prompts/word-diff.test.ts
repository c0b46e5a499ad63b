// The word-level difference of two texts gives both texts back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffWords } from './word-diff.ts';

const textOf = (pieces: ReturnType<typeof diffWords>, without: string): string =>
  pieces
    .filter((piece) => piece.kind !== without)
    .map((piece) => piece.text)
    .join('');

describe('diffWords', () => {
  it('shows single words', () => {
    expect(diffWords('You are a helpful agent.', 'You are a kind agent for Acme.')).toEqual([
      { kind: 'same', text: 'You are a ' },
      { kind: 'removed', text: 'helpful' },
      { kind: 'added', text: 'kind' },
      { kind: 'same', text: ' agent' },
      { kind: 'added', text: ' for Acme' },
      { kind: 'same', text: '.' },
    ]);
    expect(diffWords('', '')).toEqual([]);
    expect(diffWords('', 'a')).toEqual([{ kind: 'added', text: 'a' }]);
  });

  it('gives both texts back, with no more edits than the longest common part leaves', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c', ' ', '.', '\n', 'ä'), { maxLength: 40 });
    fc.assert(
      fc.property(words, words, (a, b) => {
        const [before, after] = [a.join(''), b.join('')];
        const pieces = diffWords(before, after);
        expect(textOf(pieces, 'added')).toBe(before);
        expect(textOf(pieces, 'removed')).toBe(after);
        if (before === after) expect(pieces.length).toBeLessThan(2);
      }),
    );
  });

  it('is the shortest script on words', () => {
    const common = (a: string[], b: string[]): number => {
      const rows = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0));
      for (let i = 1; i <= a.length; i += 1) {
        for (let j = 1; j <= b.length; j += 1) {
          const row = rows[i] as number[];
          const above = rows[i - 1] as number[];
          row[j] =
            a[i - 1] === b[j - 1]
              ? (above[j - 1] as number) + 1
              : Math.max(above[j] as number, row[j - 1] as number);
        }
      }
      return rows[a.length]?.[b.length] as number;
    };
    const marks = fc.array(fc.constantFrom('.', ',', ';'), { maxLength: 30 });
    fc.assert(
      fc.property(marks, marks, (a, b) => {
        const same = textOf(
          diffWords(a.join(''), b.join('')).filter((piece) => piece.kind === 'same'),
          'none',
        );
        expect(same.length).toBe(common(a, b));
      }),
    );
  });

  it('is bounded on texts that have nothing in common', () => {
    const started = performance.now();
    const pieces = diffWords('a '.repeat(100_000), 'b. '.repeat(100_000));
    expect(pieces.length).toBeLessThan(5);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

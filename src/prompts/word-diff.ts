// What changed between two texts, word by word: Myers' shortest edit script ("An O(ND) Difference Algorithm", 1986) over words, runs of
// white space and single marks.

export interface DiffPiece {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** Past this many edits the middle is shown as replaced whole: nobody reads it word by word, and time grows with its square. */
const MAX_EDITS = 2000;

const WORD = /\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu;

/** Pieces in order; those that are not `added` make the old text, those that are not `removed` the new one. */
export function diffWords(before: string, after: string): DiffPiece[] {
  const a = before.match(WORD) ?? [];
  const b = after.match(WORD) ?? [];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (
    end < a.length - start &&
    end < b.length - start &&
    a[a.length - 1 - end] === b[b.length - 1 - end]
  ) {
    end += 1;
  }
  const middleA = a.slice(start, a.length - end);
  const middleB = b.slice(start, b.length - end);
  return merge([
    { kind: 'same', text: a.slice(0, start).join('') },
    ...diffMiddle(middleA, middleB),
    { kind: 'same', text: a.slice(a.length - end).join('') },
  ]);
}

function diffMiddle(a: readonly string[], b: readonly string[]): DiffPiece[] {
  const whole: DiffPiece[] = [
    { kind: 'removed', text: a.join('') },
    { kind: 'added', text: b.join('') },
  ];
  if (a.length === 0 || b.length === 0) return whole;
  const rounds = furthestReaching(a, b);
  return rounds === undefined ? whole : walkBack(a, b, rounds);
}

/** Per number of edits d: the furthest x on each diagonal k = x - y, at index (k + d) / 2. */
function furthestReaching(a: readonly string[], b: readonly string[]): Int32Array[] | undefined {
  const rounds: Int32Array[] = [];
  const most = Math.min(a.length + b.length, MAX_EDITS);
  for (let edits = 0; edits <= most; edits += 1) {
    const round = new Int32Array(edits + 1);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = edits === 0 ? 0 : step(rounds[edits - 1] as Int32Array, edits, diagonal).x;
      let y = x - diagonal;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x += 1;
        y += 1;
      }
      round[(diagonal + edits) / 2] = x;
      if (x >= a.length && y >= b.length) {
        rounds.push(round);
        return rounds;
      }
    }
    rounds.push(round);
  }
  return undefined;
}

/** Where the d-th edit on a diagonal comes from: a word added (from the diagonal above) or removed. */
function step(before: Int32Array, edits: number, diagonal: number): { x: number; isAddition: boolean } {
  const above = before[(diagonal + 1 + edits - 1) / 2];
  const below = before[(diagonal - 1 + edits - 1) / 2];
  const isAddition = diagonal === -edits || (diagonal !== edits && (below as number) < (above as number));
  return isAddition ? { x: above as number, isAddition } : { x: (below as number) + 1, isAddition };
}

function walkBack(a: readonly string[], b: readonly string[], rounds: readonly Int32Array[]): DiffPiece[] {
  const pieces: DiffPiece[] = [];
  let x = a.length;
  let y = b.length;
  for (let edits = rounds.length - 1; edits > 0; edits -= 1) {
    const from = step(rounds[edits - 1] as Int32Array, edits, x - y);
    const fromY = from.x - (x - y);
    for (; x > from.x; x -= 1, y -= 1) pieces.push({ kind: 'same', text: a[x - 1] as string });
    if (from.isAddition) pieces.push({ kind: 'added', text: b[fromY - 1] as string });
    else pieces.push({ kind: 'removed', text: a[from.x - 1] as string });
    y = from.isAddition ? fromY - 1 : fromY;
    x = from.isAddition ? from.x : from.x - 1;
  }
  for (; x > 0; x -= 1) pieces.push({ kind: 'same', text: a[x - 1] as string });
  return pieces.reverse();
}

/** Joins neighbours of a kind, and puts what was removed between two equal pieces before what was added there. */
function merge(pieces: readonly DiffPiece[]): DiffPiece[] {
  const merged: DiffPiece[] = [];
  let removed = '';
  let added = '';
  const flush = (): void => {
    if (removed !== '') merged.push({ kind: 'removed', text: removed });
    if (added !== '') merged.push({ kind: 'added', text: added });
    removed = '';
    added = '';
  };
  for (const piece of pieces) {
    if (piece.text === '') continue;
    if (piece.kind === 'removed') removed += piece.text;
    else if (piece.kind === 'added') added += piece.text;
    else {
      flush();
      const last = merged.at(-1);
      if (last?.kind === 'same') merged[merged.length - 1] = { kind: 'same', text: last.text + piece.text };
      else merged.push(piece);
    }
  }
  flush();
  return merged;
}

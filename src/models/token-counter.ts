// Counts the tokens of a text by a vocabulary and the pattern that splits texts into pieces. Ordinary words and single marks of ASCII, most of
// what there is, are found without the pattern; it is asked about everything else. Both give the same pieces.
import { HASH_START, mixed, type BytePairs } from './byte-pairs.ts';

const SPACE = 32;
const APOSTROPHE = 39;

const isUpper = (unit: number): boolean => unit >= 65 && unit <= 90;
const isLower = (unit: number): boolean => unit >= 97 && unit <= 122;
const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;
const isMark = (unit: number): boolean =>
  unit > SPACE && unit < 127 && !isUpper(unit) && !isLower(unit) && !isDigit(unit);

export class TokenCounter {
  readonly #pairs: BytePairs;
  readonly #split: RegExp;
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(1024);

  /** `split`: global, its matches cover any text without a gap and look at nothing before them. */
  constructor(pairs: BytePairs, split: RegExp) {
    this.#pairs = pairs;
    this.#split = new RegExp(split.source, split.flags);
  }

  /** Pieces of more than `longest` units are counted in parts, since merging is quadratic: a little high. */
  count(text: string, longest = Number.POSITIVE_INFINITY): number {
    let total = 0;
    for (let at = 0; at < text.length;) {
      const word = this.#word(text, at);
      if (word > at) {
        total += 1;
        at = word;
      } else if (isMark(text.charCodeAt(at)) && text.charCodeAt(at + 1) === SPACE) {
        total += 1;
        at += 1;
      } else {
        const end = Math.min(at + longest, this.#endOfPiece(text, at));
        total += this.#countPiece(text.slice(at, end));
        at = end;
      }
    }
    return total;
  }

  /**
   * Where a word ends that is one piece and one token: at most one space, a letter, small letters, and then nothing that could belong to it
   * (a capital is the next piece in one vocabulary and not in the other). `at` where there is none.
   */
  #word(text: string, at: number): number {
    const last = text.length;
    let end = at;
    let hash = HASH_START;
    let unit = text.charCodeAt(end);
    if (unit === SPACE) {
      hash = mixed(hash, unit);
      end += 1;
      if (end === last) return at;
      unit = text.charCodeAt(end);
    }
    if (!isLower(unit) && !isUpper(unit)) return at;
    for (;;) {
      hash = mixed(hash, unit);
      end += 1;
      if (end === last) break;
      unit = text.charCodeAt(end);
      if (unit < 97 || unit > 122) {
        if (unit === APOSTROPHE || isUpper(unit) || unit > 127) return at;
        break;
      }
    }
    return this.#pairs.hasText(text, at, end, hash) ? end : at;
  }

  #endOfPiece(text: string, at: number): number {
    this.#split.lastIndex = at;
    this.#split.test(text);
    const end = this.#split.lastIndex;
    return end > at ? end : text.length;
  }

  #countPiece(piece: string): number {
    if (this.#bytes.length < piece.length * 3) this.#bytes = new Uint8Array(piece.length * 6);
    const { written } = this.#encoder.encodeInto(piece, this.#bytes);
    return this.#pairs.count(this.#bytes, written);
  }
}

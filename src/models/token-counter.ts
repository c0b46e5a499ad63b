// Counts the tokens of a text by a vocabulary and the pattern that splits texts into pieces. Pieces of ASCII, most of what there is, are found
// without the pattern; it is asked about everything else. Both give the same pieces.
import { HASH_START, mixed, type BytePairs } from './byte-pairs.ts';

const NEW_LINE = 10;
const SPACE = 32;
const APOSTROPHE = 39;
/** What stands where a text is over: no unit is negative. */
const END = -1;

const isUpper = (unit: number): boolean => unit >= 65 && unit <= 90;
const isLower = (unit: number): boolean => unit >= 97 && unit <= 122;
const isLetter = (unit: number): boolean => isLower(unit) || isUpper(unit);
const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;
const isMark = (unit: number): boolean => unit > SPACE && unit < 127 && !isLetter(unit) && !isDigit(unit);

export class TokenCounter {
  readonly #pairs: BytePairs;
  readonly #split: RegExp;
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(1024);
  /** Of the piece that was found last. */
  #hash = HASH_START;

  /** `split`: global, its matches cover any text without a gap and look at nothing before them. */
  constructor(pairs: BytePairs, split: RegExp) {
    this.#pairs = pairs;
    this.#split = new RegExp(split.source, split.flags);
  }

  /** Pieces of more than `longest` units are counted in parts, since merging is quadratic: a little high. */
  count(text: string, longest = Number.POSITIVE_INFINITY): number {
    let total = 0;
    for (let at = 0; at < text.length;) {
      let end = this.#endOfPlainPiece(text, at);
      if (end > at && this.#pairs.hasText(text, at, end, this.#hash)) total += 1;
      else {
        if (end === at) end = this.#endOfPiece(text, at);
        end = Math.min(at + longest, end);
        total += this.#countPiece(text.slice(at, end));
      }
      at = end;
    }
    return total;
  }

  /** Where a piece ends that both vocabularies' patterns see alike, nothing but ASCII; `at` where the pattern must say. Keeps its hash. */
  #endOfPlainPiece(text: string, at: number): number {
    const unit = text.charCodeAt(at);
    if (isLetter(unit)) return this.#endOfWord(text, at, at, HASH_START);
    if (isDigit(unit)) return this.#endOfNumber(text, at);
    if (unit === NEW_LINE) return this.#endOfLines(text, at);
    const isSpace = unit === SPACE;
    if (!isSpace && !isMark(unit)) return at;
    const hash = mixed(HASH_START, unit);
    const next = at + 1 < text.length ? text.charCodeAt(at + 1) : END;
    // One space or mark belongs to the word behind it. An apostrophe may be a contraction's.
    if (isLetter(next)) return unit === APOSTROPHE ? at : this.#endOfWord(text, at, at + 1, hash);
    if (!isSpace || isMark(next)) return this.#endOfMarks(text, at, at + 1, hash);
    this.#hash = hash;
    return isDigit(next) ? at + 1 : at;
  }

  /**
   * Capitals, then small letters, then nothing that could belong to them: a capital after small ones begins the next piece in one vocabulary and
   * not in the other.
   */
  #endOfWord(text: string, at: number, from: number, before: number): number {
    const last = text.length;
    let hash = before;
    let end = from;
    let unit = text.charCodeAt(end);
    while (isUpper(unit)) {
      hash = mixed(hash, unit);
      end += 1;
      unit = end < last ? text.charCodeAt(end) : END;
    }
    while (unit >= 97 && unit <= 122) {
      hash = mixed(hash, unit);
      end += 1;
      unit = end < last ? text.charCodeAt(end) : END;
    }
    if (unit === APOSTROPHE || isUpper(unit) || unit > 127) return at;
    this.#hash = hash;
    return end;
  }

  /** Digits go by threes. */
  #endOfNumber(text: string, at: number): number {
    let hash = HASH_START;
    for (let end = at; ;) {
      hash = mixed(hash, text.charCodeAt(end));
      end += 1;
      const next = end < text.length ? text.charCodeAt(end) : END;
      if (end - at < 3 && next > 127) return at;
      if (end - at < 3 && isDigit(next)) continue;
      this.#hash = hash;
      return end;
    }
  }

  /** Marks one after another, and a space before them; line ends behind them would belong to them. */
  #endOfMarks(text: string, at: number, from: number, before: number): number {
    let hash = before;
    for (let end = from; ; end += 1) {
      const unit = end < text.length ? text.charCodeAt(end) : END;
      if (isMark(unit)) {
        hash = mixed(hash, unit);
        continue;
      }
      if (unit > 126 || (unit < SPACE && unit !== END)) return at;
      this.#hash = hash;
      return end;
    }
  }

  /** Line ends before what is no white space. */
  #endOfLines(text: string, at: number): number {
    let hash = HASH_START;
    let end = at;
    while (text.charCodeAt(end) === NEW_LINE) {
      hash = mixed(hash, NEW_LINE);
      end += 1;
    }
    const unit = end < text.length ? text.charCodeAt(end) : END;
    if (unit <= SPACE || unit > 126) return at;
    this.#hash = hash;
    return end;
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

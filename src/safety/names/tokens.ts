// A text as words, numbers, marks and line ends, each with its place.

export interface Token {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly lower: string;
  /** Whether white space stands before it. */
  readonly spaced: boolean;
}

const TOKEN = /[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*|\p{N}+|\n|[^\s\p{L}\p{N}]/gu;
const POSSESSIVE = /['’]s$/i;

/** Tokens in order. A possessive `'s` is a token of its own. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let last = 0;
  for (const match of text.matchAll(TOKEN)) {
    const word = match[0].slice(0, MAX_TOKEN);
    const start = match.index;
    const spaced = start > last;
    last = start + match[0].length;
    const possessive = word.length > 2 ? POSSESSIVE.exec(word) : null;
    const cut = possessive === null ? word.length : possessive.index;
    tokens.push(token(word.slice(0, cut), start, spaced));
    if (possessive !== null) tokens.push(token(word.slice(cut), start + cut, false));
  }
  return tokens;
}

const MAX_TOKEN = 200;

function token(text: string, start: number, spaced: boolean): Token {
  return { start, end: start + text.length, text, lower: text.toLowerCase(), spaced };
}

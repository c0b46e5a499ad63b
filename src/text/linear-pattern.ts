// Regular expressions that users write, matched in linear time: RE2's syntax, without look-around and back-references, so that no
// pattern can stall the process.
import { RE2JS } from 're2js';
import { RequestError, messageOf } from '../kernel/errors.ts';

const MOST_PATTERN_CHARACTERS = 2_000;

export interface LinearPattern {
  /** Whether the pattern is found anywhere in the text. */
  test(text: string): boolean;
  /** The source: what validators tell patterns apart by. */
  toString(): string;
}

/** Throws a RequestError that says what is wrong with the pattern. */
export function linearPattern(source: string, unicode = true): LinearPattern {
  if (source.length > MOST_PATTERN_CHARACTERS)
    throw refused(source, `it is longer than ${MOST_PATTERN_CHARACTERS} characters`);
  try {
    const pattern = RE2JS.compile(unicode ? RE2JS.translateRegExp(source) : source);
    return { test: (text) => pattern.matcher(text).find(), toString: () => source };
  } catch (error) {
    throw refused(source, `${messageOf(error)} (look-around and back-references are not available)`);
  }
}

function refused(source: string, why: string): RequestError {
  return new RequestError({
    code: 'bad_pattern',
    message: `The pattern "${source.slice(0, 80)}" can't be used: ${why}.`,
    param: 'pattern',
  });
}

// JSON Lines: one reader for the whole project. A bad line is a value of its own, so that line N of an answer can always answer
// line N of the question. Lines end at \n alone: Node's readline also splits at U+2028, which JSON strings may hold.
import { createReadStream } from 'node:fs';
import { messageOf, UsageError } from './errors.ts';

/** One line: its value, or why it could not be read. `index` counts from 0. */
export type JsonLine = { index: number; value: unknown } | { index: number; error: string };

const MAX_LINE_CHARACTERS = 64 * 1024 * 1024;

/** Reads a JSONL file (or standard input for `-`) line by line; a bad line never throws. Empty lines at the end are not lines. */
export async function* readJsonLines(path: string): AsyncGenerator<JsonLine> {
  let index = 0;
  let empty = 0;
  for await (const line of linesOf(path)) {
    if (line.trim() === '') {
      empty += 1;
      continue;
    }
    for (; empty > 0; empty -= 1) yield { index: index++, error: `line ${index} is empty` };
    yield parseJsonLine(index === 0 ? line.replace(/^\uFEFF/, '') : line, index);
    index += 1;
  }
}

const WHY_UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
};

/** The text of a file, or of standard input for `-`, piece by piece. Throws a UsageError that says in words why a file can't be read. */
export async function* readTextPieces(path: string): AsyncGenerator<string> {
  const input = path === '-' ? process.stdin : createReadStream(path);
  input.setEncoding('utf8');
  try {
    yield* input as AsyncIterable<string>;
  } catch (error) {
    const why = WHY_UNREADABLE[(error as NodeJS.ErrnoException).code ?? ''];
    throw why === undefined ? error : new UsageError(`${path} can not be read: ${why}.`, 'input');
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of readTextPieces(path)) {
    const pieces = (rest + chunk).split('\n');
    rest = (pieces.pop() as string).slice(0, MAX_LINE_CHARACTERS);
    yield* pieces;
  }
  if (rest !== '') yield rest;
}

/** Parses one line. */
export function parseJsonLine(text: string, index: number): JsonLine {
  try {
    return { index, value: JSON.parse(text) as unknown };
  } catch (error) {
    return { index, error: `line ${index + 1} is not JSON: ${messageOf(error)}` };
  }
}

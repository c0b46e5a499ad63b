// CSV as RFC 4180 has it: quoted fields with doubled quotes and line ends, CRLF or LF. Pure.
import { UsageError } from '../../kernel/errors.ts';

const FIELD = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;

/** All records. Throws a UsageError naming the line of a broken quote. A byte order mark and empty lines are left out. */
export function parseCsv(text: string): string[][] {
  const source = text.replace(/^\uFEFF/, '');
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < source.length) {
    FIELD.lastIndex = at;
    const match = FIELD.exec(source);
    if (match === null) throw broken(source, at);
    record.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    at = FIELD.lastIndex;
    const next = source[at];
    if (next === ',') {
      at += 1;
      if (at === source.length) record.push('');
      continue;
    }
    if (next !== undefined && next !== '\n' && next !== '\r') throw broken(source, at);
    at += source.startsWith('\r\n', at) ? 2 : 1;
    if (record.length > 1 || record[0] !== '') records.push(record);
    record = [];
  }
  if (record.length > 0) records.push(record);
  return records;
}

function broken(source: string, at: number): UsageError {
  const line = source.slice(0, at).split('\n').length;
  return new UsageError(`line ${line}: a quote is not closed, or stands inside a field without quotes.`);
}

/** Records under the names of the first one. A record longer than it is an error; a shorter one lacks fields. */
export function csvObjects(text: string): Record<string, string>[] {
  const [header, ...records] = parseCsv(text);
  if (header === undefined) return [];
  return records.map((record, index) => {
    if (record.length > header.length)
      throw new UsageError(
        `record ${index + 2} has ${record.length} fields where the first line names ${header.length}.`,
      );
    const entries = record.map((value, column) => [header[column] as string, value] as const);
    return Object.fromEntries(entries);
  });
}

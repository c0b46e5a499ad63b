// The cases of a suite: inline ones, files of JSONL or CSV, and recorded interactions, in the order the suite names them.
import { readFile } from 'node:fs/promises';
import { UsageError, messageOf } from '../../kernel/errors.ts';
import { readJsonLines } from '../../kernel/jsonl.ts';
import type { SuiteCase } from '../suite.ts';
import { csvObjects } from './parse-csv.ts';

/** A filter over recorded interactions, as a suite file has it. */
export interface InteractionSource {
  readonly prompt?: string | undefined;
  readonly version?: string | undefined;
  readonly model?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly thumb?: 'up' | 'down' | undefined;
  readonly rating_at_least?: number | undefined;
  readonly rating_at_most?: number | undefined;
}

export type CaseSource =
  | { readonly file: string; readonly limit?: number | undefined }
  | { readonly interactions: InteractionSource; readonly limit: number };

export interface CaseReaders {
  /** Validates one case; throws an Error with one line that says what is wrong. */
  readonly parseCase: (value: unknown) => SuiteCase;
  readonly resolvePath: (file: string) => string;
  /** Recorded interactions as cases; throws a UsageError where no installation runs. */
  readonly recorded: (source: InteractionSource, limit: number) => Promise<readonly SuiteCase[]>;
}

export interface CaseList {
  readonly cases: readonly SuiteCase[];
  readonly cases_from: readonly CaseSource[];
}

/** Reads them all. Throws a UsageError naming file and line. */
export async function loadCases(list: CaseList, readers: CaseReaders): Promise<SuiteCase[]> {
  const cases = [...list.cases];
  for (const source of list.cases_from) {
    if ('interactions' in source) cases.push(...(await readers.recorded(source.interactions, source.limit)));
    else cases.push(...(await fromFile(source.file, source.limit ?? Infinity, readers)));
  }
  return cases;
}

async function fromFile(file: string, limit: number, readers: CaseReaders): Promise<SuiteCase[]> {
  const path = readers.resolvePath(file);
  const cases: SuiteCase[] = [];
  const add = (value: unknown, line: number): void => {
    try {
      cases.push(readers.parseCase(value));
    } catch (error) {
      throw new UsageError(`${file}, line ${line}: ${messageOf(error)}`, file);
    }
  };
  if (file.endsWith('.csv')) {
    const rows = csvObjects(await readText(path, file));
    for (const [index, row] of rows.slice(0, limit).entries()) add(caseOfRow(row), index + 2);
    return cases;
  }
  await readText(path, file);
  for await (const line of readJsonLines(path)) {
    if (cases.length >= limit) break;
    if ('error' in line) throw new UsageError(`${file}: ${line.error}`, file);
    add(line.value, line.index + 1);
  }
  return cases;
}

async function readText(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`The case file ${file} can't be read: ${messageOf(error)}.`, file);
  }
}

const OWN_COLUMNS = ['name', 'reference', 'context', 'code_tests'] as const;

/** A column a variable, beside the case's own fields; tags are separated by commas or semicolons. */
function caseOfRow(row: Readonly<Record<string, string>>): unknown {
  const found: Record<string, unknown> = {};
  const variables: Record<string, string> = {};
  for (const [column, value] of Object.entries(row)) {
    if ((OWN_COLUMNS as readonly string[]).includes(column)) {
      if (value !== '') found[column] = value;
      if (column === 'context') variables[column] = value;
    } else if (column === 'tags') {
      const tags = value.split(/[;,]/).map((tag) => tag.trim());
      found['tags'] = tags.filter((tag) => tag !== '');
    } else if (column === 'weight') found['weight'] = Number(value);
    else variables[column] = value;
  }
  return { ...found, variables };
}

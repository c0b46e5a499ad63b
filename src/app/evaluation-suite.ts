// A suite of the workspace made ready to run: its cases read from wherever they lie.
import { join, sep } from 'node:path';
import { loadCases, type CaseReaders } from '../evaluation/cases/load-cases.ts';
import type { Suite, SuiteCase } from '../evaluation/suite.ts';
import { UsageError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { describeIssues } from '../kernel/schema-issues.ts';
import { caseSchema, type SuiteFile } from '../workspace/schemas/suite.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** The suite file named. Throws a UsageError with the nearest name. */
export function findSuite(workspace: Workspace, name: string): SuiteFile {
  const item = workspace.suites.get(name);
  if (item !== undefined) return item.value;
  const known = [...workspace.suites.keys()];
  const list = known.length === 0 ? ' The workspace has no suites/.' : ` There are: ${known.join(', ')}.`;
  throw new UsageError(`There is no suite "${name}".${didYouMean(name, known) || list}`, 'suite');
}

function parseCase(value: unknown): SuiteCase {
  const parsed = caseSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(describeIssues(parsed.error, value));
}

export interface SuiteSource {
  readonly name: string;
  readonly file: SuiteFile;
  readonly workspaceFolder: string;
  readonly recorded: CaseReaders['recorded'];
  /** Most cases, from the first. */
  readonly limit?: number | undefined;
}

/** Reads its cases. */
export async function readSuite(source: SuiteSource): Promise<Suite> {
  const { file, workspaceFolder } = source;
  const root = workspaceFolder.endsWith(sep) ? workspaceFolder : workspaceFolder + sep;
  const cases = await loadCases(file, {
    parseCase,
    resolvePath: (path) => join(root, path),
    recorded: source.recorded,
  });
  const kept = cases.slice(0, source.limit ?? cases.length);
  if (kept.length === 0) throw new UsageError(`The suite "${source.name}" has no cases.`, 'suite');
  return {
    name: source.name,
    cases: kept,
    scorers: file.scorers,
    repeat: file.repeat,
    passThreshold: file.pass_threshold ?? null,
    gate: file.gate,
  };
}

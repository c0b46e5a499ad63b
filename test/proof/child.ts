// Runs what exists already (test files, benchmarks, harnesses) as a process of its own and reads its figures.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { exactly, type Extent, type Part, type Row } from './part.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a module or a program's entry by this Node, in the project's folder, to its end. */
export function runNode(
  arguments_: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, arguments_, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

/** Runs a benchmark and reads its last line of output, one JSON document. Throws where that is not what the schema says. */
export async function figuresOf<Figures>(
  schema: z.ZodType<Figures>,
  arguments_: readonly string[],
): Promise<Figures> {
  const { code, out, err } = await runNode(arguments_);
  const line = out.trim().split('\n').at(-1) ?? '';
  try {
    return schema.parse(JSON.parse(line));
  } catch {
    throw new Error(`${arguments_[0]} ended with ${code} and no figures: ${err.slice(-1500)}`);
  }
}

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** Longer than the suite's own: what else is measured beside it takes time, and no promise of a test file is a time. */
const TEST_TIMEOUT = '--testTimeout=60000';

type TestFile = z.output<typeof reportSchema>['testResults'][number];

export interface TestsRun {
  readonly passed: number;
  readonly skipped: number;
  readonly failed: readonly string[];
}

/** Runs test files, two at once, and tells what each came to. Throws when the runner itself does not come to a report. */
async function runFiles(
  files: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<readonly TestFile[]> {
  const folder = await mkdtemp(join(tmpdir(), 'binnacle-proof-'));
  try {
    const report = join(folder, 'report.json');
    const entry = join(root, 'node_modules/vitest/vitest.mjs');
    const ended = await runNode(
      [entry, 'run', '--reporter=json', `--outputFile=${report}`, TEST_TIMEOUT, ...files],
      environment,
    );
    const text = await readFile(report, 'utf8').catch(() => {
      throw new Error(`the test runner ended with ${ended.code} and no report: ${ended.err.slice(-2000)}`);
    });
    return reportSchema.parse(JSON.parse(text)).testResults;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function counted(results: readonly TestFile[]): TestsRun {
  const all = results.flatMap(({ assertionResults }) => assertionResults);
  const of = (status: string): typeof all => all.filter((one) => one.status === status);
  const unread = results.filter((file) => file.assertionResults.length === 0).map(({ name }) => name);
  return {
    passed: of('passed').length,
    skipped: all.length - of('passed').length - of('failed').length,
    failed: [...of('failed').map(({ fullName }) => fullName), ...unread],
  };
}

/** Runs test files and counts. Throws when the runner itself does not come to a report. */
export async function runTests(
  files: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<TestsRun> {
  return counted(await runFiles(files, environment));
}

/** The row that a run of tests makes: none may fail, and at least one must have run. */
export function testsRow(promise: string, run: TestsRun): Row {
  const total = run.passed + run.failed.length;
  const row = exactly(promise, run.passed, Math.max(1, total));
  const left = run.skipped === 0 ? '' : `, ${run.skipped} skipped`;
  const names = run.failed.length === 0 ? '' : `; failing: ${run.failed.slice(0, 3).join('; ')}`;
  return { ...row, figure: `${run.passed} of ${total} tests${left}${names}`, threshold: 'all' };
}

/** A part whose promises are held by test files: one row a promise. */
export function testsPart(
  part: Pick<Part, 'name' | 'what'> & Partial<Pick<Part, 'data'>>,
  promises: Readonly<Record<string, readonly string[]>>,
  environment: (extent: Extent) => Readonly<Record<string, string>> = () => ({}),
): Part {
  return {
    data: [],
    ...part,
    fast: false,
    timed: false,
    run: async (extent) => {
      const results = await runFiles(Object.values(promises).flat(), environment(extent));
      return Object.entries(promises).map(([promise, files]) => {
        const paths = new Set(files.map((file) => join(root, file)));
        return testsRow(promise, counted(results.filter(({ name }) => paths.has(name))));
      });
    },
  };
}

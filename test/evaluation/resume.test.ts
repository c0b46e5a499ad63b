// A run killed at half and resumed: what the journal holds is never paid for again; ceilings hold; repeats are asked anew.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../../src/evaluation/run/run-result.ts';
import { startCountingUpstream, type CountingUpstream } from './counting-upstream.ts';
import { makeCountedWorkspace } from './counted-workspace.ts';

const MAIN = resolve('src/cli/main.ts');
const CASES = 120;
let folder: string;
let upstream: CountingUpstream;
let onAsked: (total: number) => void = () => undefined;

beforeEach(async () => {
  onAsked = () => undefined;
  folder = await mkdtemp(join(tmpdir(), 'resume-'));
  upstream = await startCountingUpstream(20, (total) => onAsked(total));
  await makeCountedWorkspace(folder, upstream.url, CASES);
});
afterEach(async () => {
  await upstream.close();
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line beside this process, which serves the upstream. */
function run(args: readonly string[], onStart?: (kill: () => void) => void): Promise<Ended> {
  return new Promise((settle) => {
    const child = spawn(process.execPath, [MAIN, 'eval', 'run', 'counted', '--json', ...args], {
      cwd: folder,
    });
    onStart?.(() => child.kill('SIGKILL'));
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => settle({ code, out, err }));
  });
}

async function journalled(): Promise<number> {
  const runs = join(folder, '.binnacle/runs');
  const name = (await readdir(runs)).find((one) => one.endsWith('.jsonl')) ?? '';
  const lines = (await readFile(join(runs, name), 'utf8')).split('\n');
  return lines.filter((line) => line.startsWith('{"type":"call"') && line.endsWith('}')).length;
}

describe('a run', { timeout: 60_000 }, () => {
  it('killed at half is resumed without a paid call repeated', async () => {
    let kill: () => void = () => undefined;
    onAsked = (total) => {
      if (total === CASES / 2) kill();
    };
    await run(['--concurrency', '10'], (ready) => (kill = ready));
    const kept = await journalled();
    const before = upstream.total();
    expect(kept).toBeGreaterThan(0);
    // Answers that were on their way when the process died are the only ones it could not keep.
    expect(before - kept).toBeLessThanOrEqual(2 * 10);
    onAsked = () => undefined;
    const { code, out, err } = await run(['--concurrency', '10', '--resume']);
    expect(err + String(code)).toMatch(/0$/);
    const result = JSON.parse(out) as RunResult;
    expect(result.summaries[0]).toMatchObject({ answered: CASES, failed: 0, quality: { mean: 1 } });
    expect(result).toMatchObject({ calls_kept: kept, calls_made: CASES - kept });
    expect(upstream.total() - before).toBe(CASES - kept);
    expect(upstream.mostAtOnce()).toBe(10);
  });

  it('stops before its ceiling, and a repeat is a question of its own', async () => {
    // 10 in at $1 and 20 out at $2 a million at the worst: each call reserves about 5e-5.
    const stopped = await run(['--max-cost', '0.001', '--concurrency', '4']);
    const { status, spent_usd } = JSON.parse(stopped.out) as RunResult;
    expect(stopped.code).toBe(1);
    expect(status).toBe('over_ceiling');
    expect(Number(spent_usd)).toBeLessThanOrEqual(0.001);
    expect(upstream.total()).toBeLessThan(CASES);
    const repeated = await run(['--repeat', '2', '--limit', '5']);
    expect(JSON.parse(repeated.out)).toMatchObject({ calls_made: 5, calls_kept: 5 });
    expect(upstream.asked.get('question 0')).toBe(2);
  });

  it('says what is wrong with a name in one line', () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'eval', 'run', 'count'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/There is no suite "count"\. Did you mean "counted"\?/);
  });
});

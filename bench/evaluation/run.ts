// How long an evaluation of 1,000 cases takes against an upstream of 50 ms at concurrency 50, against the ideal and beside promptfoo on the
// same cases, interleaved; and beside a bare loop of the same requests, which tells what this machine makes of the ideal under its load of
// the moment. promptfoo is no dependency: it takes part where install-promptfoo.sh has put it into a scratch folder.
//   node bench/evaluation/run.ts [--promptfoo FOLDER] [--cases 1000] [--rounds 3] [--json]
import { fork, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Agent, request } from 'undici';
import type { RunResult } from '../../src/evaluation/run/run-result.ts';
import { makeCountedWorkspace } from '../../test/evaluation/counted-workspace.ts';

const LATENCY_MS = 50;
const CONCURRENCY = 50;

const { values } = parseArgs({
  options: {
    promptfoo: { type: 'string', default: join(tmpdir(), 'binnacle-bench-promptfoo') },
    cases: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
/** With --json the figures are the only thing on standard output. */
const tell = (line: string): void => (values.json ? console.error(line) : console.log(line));
const cases = Number(values.cases);
const ideal = Math.ceil(cases / CONCURRENCY) * LATENCY_MS;

interface Measured {
  readonly wallMs: number;
  /** Largest resident size of the process, MiB. */
  readonly peakMiB: number;
  readonly out: string;
}

/** Runs a program and looks at its resident size as it runs. */
function measure(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<Measured> {
  return new Promise((settle, reject) => {
    const started = performance.now();
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let out = '';
    let peak = 0;
    const look = setInterval(() => {
      void readFile(`/proc/${child.pid}/status`, 'utf8')
        .then((text) => (peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024)))
        .catch(() => undefined);
    }, 100);
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => {
      clearInterval(look);
      settle({ wallMs: performance.now() - started, peakMiB: peak, out });
    });
  });
}

async function startUpstream(): Promise<{ url: string; stop: () => void }> {
  const child = fork(resolve('bench/evaluation/upstream.ts'), [String(LATENCY_MS)]);
  const url = await new Promise<string>((settle) => {
    child.once('message', (message) => settle((message as { url: string }).url));
  });
  return { url, stop: () => child.disconnect() };
}

/** The same questions straight to the upstream from a loop, nothing kept: milliseconds. */
async function bareLoop(url: string): Promise<number> {
  const agent = new Agent({ connections: CONCURRENCY, pipelining: 1 });
  const started = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < cases) {
      const messages = [{ role: 'user', content: `question ${next}` }];
      next += 1;
      const options = {
        dispatcher: agent,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      } as const;
      const answer = await request(`${url}/chat/completions`, {
        ...options,
        body: JSON.stringify({ model: 'm', messages }),
      });
      await answer.body.json();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  const took = performance.now() - started;
  await agent.close();
  return took;
}

async function promptfooConfig(folder: string, url: string): Promise<void> {
  const tests = Array.from({ length: cases }, (_, index) => ({
    vars: { question: `question ${index}` },
    assert: [{ type: 'equals', value: `answer to question ${index}` }],
  }));
  await writeFile(
    join(folder, 'promptfooconfig.json'),
    JSON.stringify({
      prompts: ['{{question}}'],
      providers: [{ id: 'openai:chat:m', config: { apiBaseUrl: url, apiKey: 'none', max_tokens: 20 } }],
      tests,
    }),
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const upstream = await startUpstream();
const folder = await mkdtemp(join(tmpdir(), 'bench-evaluation-'));
const scratch = values.promptfoo;
await makeCountedWorkspace(folder, upstream.url, cases);
const promptfoo = join(scratch, 'node_modules/.bin/promptfoo');
const isBeside = existsSync(promptfoo);
if (isBeside) await promptfooConfig(scratch, upstream.url);
else
  tell(
    'promptfoo is not installed, and left out: bench/evaluation/install-promptfoo.sh puts it into a scratch folder',
  );
const runMs: number[] = [];
const ours: Measured[] = [];
const theirs: Measured[] = [];
const bare: number[] = [];
const quiet = {
  PROMPTFOO_DISABLE_TELEMETRY: '1',
  PROMPTFOO_DISABLE_UPDATE: '1',
  PROMPTFOO_DISABLE_REMOTE_GENERATION: '1',
  PROMPTFOO_CONFIG_DIR: join(scratch, 'state'),
};
for (let round = 0; round < Number(values.rounds); round += 1) {
  const args = [
    resolve('src/cli/main.ts'),
    'eval',
    'run',
    'counted',
    '--json',
    '--no-reuse',
    '--concurrency',
    String(CONCURRENCY),
  ];
  const one = await measure(process.execPath, args, folder, {});
  const result = JSON.parse(one.out) as RunResult;
  if (result.summaries[0]?.quality?.mean !== 1)
    throw new Error(`not every case was answered rightly: ${JSON.stringify(result.summaries[0])}`);
  ours.push(one);
  bare.push(await bareLoop(upstream.url));
  runMs.push(result.elapsed_ms);
  if (isBeside) {
    const options = [
      'eval',
      '-c',
      'promptfooconfig.json',
      '--no-cache',
      '--no-table',
      '--no-write',
      '--no-progress-bar',
      '-j',
      String(CONCURRENCY),
      '-o',
      'out.json',
    ];
    theirs.push(await measure(promptfoo, options, scratch, quiet));
  }
}
const kept = await readdir(join(folder, '.binnacle/run-spools'));
tell(
  `${cases} cases, upstream ${LATENCY_MS} ms, concurrency ${CONCURRENCY}: ideal ${ideal} ms; ${ours.length} rounds, medians`,
);
tell(
  `bare loop  ${median(bare).toFixed(0)} ms (${(median(bare) / ideal).toFixed(2)} × ideal); load of the machine ${loadavg()[0]?.toFixed(1)}`,
);
tell(
  `binnacle   run ${median(runMs).toFixed(0)} ms (${(median(runMs) / ideal).toFixed(2)} × ideal, ${(median(runMs) / median(bare)).toFixed(2)} × bare loop), whole command ${median(ours.map((one) => one.wallMs)).toFixed(0)} ms, peak ${median(ours.map((one) => one.peakMiB)).toFixed(0)} MiB, ${kept.length} run spools kept for the console`,
);
if (theirs.length > 0) {
  const stats = JSON.parse(await readFile(join(scratch, 'out.json'), 'utf8')) as {
    results: { stats: { successes: number } };
  };
  const [ourWall, theirWall] = [ours, theirs].map((side) => median(side.map((one) => one.wallMs)));
  const [ourPeak, theirPeak] = [ours, theirs].map((side) => median(side.map((one) => one.peakMiB)));
  tell(
    `promptfoo  whole command ${theirWall?.toFixed(0)} ms, peak ${theirPeak?.toFixed(0)} MiB, ${stats.results.stats.successes} of ${cases} passed`,
  );
  tell(
    `promptfoo / binnacle: time ${((theirWall ?? 0) / (ourWall ?? 1)).toFixed(2)}, memory ${((theirPeak ?? 0) / (ourPeak ?? 1)).toFixed(2)}`,
  );
}
if (values.json) {
  const over = (figure: 'wallMs' | 'peakMiB'): number | null =>
    theirs.length === 0
      ? null
      : median(theirs.map((one) => one[figure])) / median(ours.map((one) => one[figure]));
  console.log(
    JSON.stringify({
      overIdeal: median(runMs) / ideal,
      overBareLoop: median(runMs) / median(bare),
      timeRatio: over('wallMs'),
      memoryRatio: over('peakMiB'),
    }),
  );
}
upstream.stop();
await rm(folder, { recursive: true, force: true });

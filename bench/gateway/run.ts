// The gateway's benchmark: one run, targets interleaved, recording on; `guarded` has the default guardrails too. Load generator and mock upstream on core 0, the target alone on
// core 1. Prints a table, ratios and whether each threshold holds; exit code 1 when one does not. Only 127.0.0.1 is ever loaded.
//
//   npm run bench:gateway [-- --seconds 4 --rounds 3 --only saturation|rates --targets bare,process --loads json-1.5k --json]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './measure.ts';
import { median, report, type Measurement } from './report.ts';
import {
  directTarget,
  startBare,
  startBinnacle,
  startNginx,
  startPortkey,
  startUpstream,
  type Target,
} from './targets.ts';
import type { Load } from './wire.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    targets: { type: 'string', default: '' },
    loads: { type: 'string', default: 'json-1.5k,stream-40,json-20k' },
    json: { type: 'boolean', default: false },
    portkey: { type: 'string', default: join(tmpdir(), 'binnacle-bench-portkey') },
  },
});
const NO_GUARDRAILS = { sets: { default: { input: [], output: [] } } };
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);

async function startAll(scratch: string): Promise<Target[]> {
  const targets: (Target | null)[] = [
    directTarget(),
    await startNginx(scratch),
    await startBare(),
    await startPortkey(values.portkey),
    await startBinnacle(scratch, 'durable', 18_094, NO_GUARDRAILS),
    await startBinnacle(scratch, 'process', 18_095, NO_GUARDRAILS),
    await startBinnacle(scratch, 'process', 18_096, {}, 'binnacle guarded'),
  ];
  const missing = [
    targets[1] === null ? 'nginx' : '',
    targets[3] === null ? 'Portkey (bench/gateway/install-portkey.sh)' : '',
  ];
  for (const name of missing) if (name !== '') console.error(`not installed, left out: ${name}`);
  const wanted = values.targets.split(',');
  const all = targets.filter((target) => target !== null);
  return all.filter(({ name }) => wanted.some((one) => name.includes(one)));
}

async function saturate(targets: readonly Target[], results: Measurement[]): Promise<void> {
  const loads = values.loads.split(',') as Load[];
  const run = async (load: Load, round: number): Promise<void> => {
    for (const target of targets)
      results.push(
        await measure(target, { load, connections: 64, rate: 0, seconds, warmup: round === 0 ? 2 : 0.7 }),
      );
  };
  // Large bodies come last: the memory bound is for the others.
  for (const isLarge of [false, true])
    for (let round = 0; round < rounds; round += 1)
      for (const load of loads) if ((load === 'json-20k') === isLarge) await run(load, round);
}

async function atRates(targets: readonly Target[], results: Measurement[]): Promise<void> {
  // At 200 requests a second an engine takes a minute to compile what it runs: all are warmed up alike, then measured.
  for (const target of targets)
    await measure(target, { load: 'json-1.5k', connections: 64, rate: 1000, seconds: 2, warmup: 1 });
  for (let round = 0; round < rounds; round += 1)
    for (const rate of [200, 1000])
      for (const target of targets) {
        if (target.name === 'Portkey' && rate === 1000 && round > 0) continue;
        results.push(
          await measure(target, {
            load: 'json-1.5k',
            connections: 64,
            rate,
            seconds: seconds * 2,
            warmup: 1,
          }),
        );
      }
}

const scratch = mkdtempSync(join(tmpdir(), 'binnacle-bench-'));
const upstream = await startUpstream();
const targets = await startAll(scratch);
const results: Measurement[] = [];
try {
  if (values.only !== 'saturation') await atRates(targets, results);
  if (values.only !== 'rates') await saturate(targets, results);
} finally {
  for (const target of targets) target.stop();
  upstream.kill();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  rmSync(scratch, { recursive: true, force: true });
}
const verdict = report(results, median);
console.log(values.json ? JSON.stringify(verdict.checks) : verdict.text);
process.exitCode = verdict.holds ? 0 : 1;

// The gateway's benchmark: one run, targets interleaved, recording on. `limits` needs a key and counts in limits and hard budgets; `cache miss` and
// `cache hit` ask it for a prompt whose answers are kept; `guarded` has the default guardrails; `all on` has all of it. Load generator and mock upstream on core 0, the target alone on
// core 1, no console running; with --console the gateway of a whole installation in the place of these, its console on core 0. Prints a table,
// ratios and whether each threshold holds; exit code 1 when one does not. Only 127.0.0.1 is ever loaded.
//
//   npm run bench:gateway [-- --seconds 4 --rounds 3 --rate-seconds 8 --rate-rounds 3 --only saturation|rates --targets bare,process --rate-targets bare --loads json-1.5k --console --json]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './measure.ts';
import { median, report, type Measurement } from './report.ts';
import {
  askedForPrompt,
  directTarget,
  startBare,
  startBinnacle,
  startLimited,
  startNginx,
  startPortkey,
  startUpstream,
  type Target,
} from './targets.ts';
import { startWhole } from './whole.ts';
import type { Load } from './wire.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    'rate-seconds': { type: 'string', default: '8' },
    'rate-rounds': { type: 'string', default: '3' },
    only: { type: 'string' },
    targets: { type: 'string', default: '' },
    'rate-targets': { type: 'string', default: 'direct,nginx,bare,Portkey,durable,process' },
    loads: { type: 'string', default: 'json-1.5k,stream-40,json-20k' },
    console: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    portkey: { type: 'string', default: join(tmpdir(), 'binnacle-bench-portkey') },
  },
});
const NO_GUARDRAILS = { sets: { default: { input: [], output: [] } } };
const seconds = Number(values.seconds);
/** Under full load until the engine's optimising compiler is done; the same for every target. */
const WARM_SECONDS = 6;
const rounds = Number(values.rounds);

/** All targets by name, each with what starts it; null: not installed. Asking a gateway in another way needs that gateway. */
function starters(scratch: string): [name: string, start: () => Promise<Target | null>][] {
  const peers: [name: string, start: () => Promise<Target | null>][] = [
    ['direct', () => Promise.resolve(directTarget())],
    ['nginx', () => startNginx(scratch)],
    ['bare undici', startBare],
    ['Portkey', () => startPortkey(values.portkey)],
  ];
  if (values.console)
    return [
      ...peers,
      ['binnacle durable with console', () => startWhole(scratch, 'durable', [18_110, 18_111])],
      ['binnacle process with console', () => startWhole(scratch, 'process', [18_112, 18_113])],
    ];
  const cache = once(() => startLimited(scratch, 18_103, NO_GUARDRAILS, 'binnacle cache'));
  return [
    ...peers,
    ['binnacle durable', () => startBinnacle(scratch, 'durable', 18_094, NO_GUARDRAILS)],
    ['binnacle process', () => startBinnacle(scratch, 'process', 18_095, NO_GUARDRAILS)],
    ['binnacle limits', () => startLimited(scratch, 18_105, NO_GUARDRAILS, 'binnacle limits')],
    ['binnacle cache miss', async () => askedForPrompt(await cache(), 'binnacle cache miss', true)],
    ['binnacle cache hit', async () => askedForPrompt(await cache(), 'binnacle cache hit', false)],
    ['binnacle guarded', () => startBinnacle(scratch, 'process', 18_096, {}, 'binnacle guarded')],
    ['binnacle all on', () => startLimited(scratch, 18_104, {}, 'binnacle all on')],
  ];
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** Starts the targets that are wanted, and no other: each would take memory and keep this process from ending. */
async function startWanted(scratch: string): Promise<Target[]> {
  const targets: Target[] = [];
  for (const [name, start] of starters(scratch)) {
    if (!isAmong(values.targets, name)) continue;
    const target = await start();
    if (target === null) console.error(`not installed, left out: ${name}`);
    else targets.push(target);
  }
  return targets;
}

/** Others are measured as fast as they answer alone. */
const isAtRates = ({ name }: Target): boolean =>
  values.only !== 'saturation' && isAmong(values['rate-targets'], name);

/** Whether a list of parts of names has one that is in this name. */
function isAmong(list: string, name: string): boolean {
  return list.split(',').some((one) => name.includes(one));
}

async function saturate(targets: readonly Target[], results: Measurement[]): Promise<void> {
  const loads = values.loads.split(',') as Load[];
  const run = async (load: Load, round: number): Promise<void> => {
    // There and back: what drifts within a round falls on nobody in particular.
    for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
      const isWarm = round > 0 || (load === 'json-1.5k' && isAtRates(target));
      const order = { load, connections: 64, rate: 0, seconds, warmup: isWarm ? 0.7 : WARM_SECONDS };
      results.push(await measure(target, order));
    }
  };
  // Large bodies come last: the memory bound is for the others.
  for (const isLarge of [false, true])
    for (let round = 0; round < rounds; round += 1)
      for (const load of loads) if ((load === 'json-20k') === isLarge) await run(load, round);
}

async function atRates(all: readonly Target[], results: Measurement[]): Promise<void> {
  const targets = all.filter(isAtRates);
  // At 200 requests a second an engine takes minutes to compile what it runs, on the core that serves: all are warmed up alike, then measured.
  for (const target of targets)
    await measure(target, {
      load: 'json-1.5k',
      connections: 64,
      rate: 0,
      seconds: 0.5,
      warmup: WARM_SECONDS,
    });
  for (let round = 0; round < Number(values['rate-rounds']); round += 1)
    for (const rate of [200, 1000])
      for (const target of targets) {
        if (target.name === 'Portkey' && rate === 1000 && round > 0) continue;
        results.push(
          await measure(target, {
            load: 'json-1.5k',
            connections: 64,
            rate,
            seconds: Number(values['rate-seconds']),
            warmup: 1,
          }),
        );
      }
}

const scratch = mkdtempSync(join(tmpdir(), 'binnacle-bench-'));
const upstream = await startUpstream();
const targets = await startWanted(scratch);
const results: Measurement[] = [];
try {
  if (values.only !== 'saturation') await atRates(targets, results);
  if (values.only !== 'rates') await saturate(targets, results);
} finally {
  for (const target of targets) target.stop();
  upstream.kill();
  await new Promise((resolve) => setTimeout(resolve, values.console ? 8000 : 1000));
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
}
const verdict = report(results, median);
console.log(values.json ? JSON.stringify(verdict.checks) : verdict.text);
process.exitCode = verdict.holds ? 0 : 1;

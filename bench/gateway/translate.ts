// What translation between the vendors' formats costs: the same gateway asked in OpenAI's and in Anthropic's format, answered by a vendor of
// OpenAI's and of Anthropic's format, interleaved, recording on, no guardrails. Exit code 1 when a way costs more than 1.5 times the processor
// time of OpenAI in → OpenAI out.
//
//   node bench/gateway/translate.ts [--seconds 3 --rounds 3 --json]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './measure.ts';
import { median, type Check } from './report.ts';
import { startBinnacle, startUpstream, type Target } from './targets.ts';

const MOST = 1.5;
const LOADS = ['json-1.5k', 'stream-40'] as const;
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});

const scratch = mkdtempSync(join(tmpdir(), 'binnacle-translate-'));
const upstream = await startUpstream();
const gateway = await startBinnacle(scratch, 'process', 18_095, {
  sets: { default: { input: [], output: [] } },
});
const direct = 'OpenAI in → OpenAI out';
const ways: readonly Target[] = [
  { ...gateway, name: direct },
  {
    ...gateway,
    name: 'OpenAI in → Anthropic out',
    body: { shape: 'openai', model: 'bench-anthropic' },
  },
  {
    ...gateway,
    name: 'Anthropic in → Anthropic out',
    path: '/v1/messages',
    body: { shape: 'anthropic', model: 'bench-anthropic' },
  },
  {
    ...gateway,
    name: 'Anthropic in → OpenAI out',
    path: '/v1/messages',
    body: { shape: 'anthropic', model: 'bench' },
  },
];

const costs = new Map<string, number[]>();
let failures = 0;
try {
  for (let round = 0; round < Number(values.rounds); round += 1)
    for (const load of LOADS)
      for (const way of ways) {
        const warmup = round === 0 ? 2 : 0.7;
        const figure = await measure(way, {
          load,
          connections: 64,
          rate: 0,
          seconds: Number(values.seconds),
          warmup,
        });
        failures += figure.failures;
        const key = `${load} ${way.name}`;
        costs.set(key, [...(costs.get(key) ?? []), figure.cpuMicroseconds]);
      }
} finally {
  gateway.stop();
  upstream.kill();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  rmSync(scratch, { recursive: true, force: true });
}

const costOf = (load: string, name: string): number => median(costs.get(`${load} ${name}`) ?? []);
const checks: Check[] = LOADS.flatMap((load) =>
  ways.map(({ name }) => ({
    what: `${load}, ${name}: processor time over ${direct}`,
    value: costOf(load, name) / costOf(load, direct),
    bound: MOST,
    atLeast: false,
  })),
);
if (values.json) console.log(JSON.stringify(checks));
else
  for (const load of LOADS)
    for (const { name } of ways) {
      const cost = costOf(load, name);
      const ratio = (cost / costOf(load, direct)).toFixed(2);
      console.log(`${load.padEnd(10)} ${name.padEnd(30)} ${cost.toFixed(0).padStart(5)} µs  ${ratio}`);
    }
if (failures > 0) console.error(`${failures} requests failed`);
if (failures > 0 || checks.some(({ value }) => !(value <= MOST))) process.exitCode = 1;

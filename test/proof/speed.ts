// Benchmarks as parts: gateway, translation, metrics, evaluation.
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { figuresOf } from './child.ts';
import { atLeast, atMost, notMeasured, type Part, type Row } from './part.ts';

const checksSchema = z.array(
  z.object({
    what: z.string(),
    value: z.number().nullable(),
    bound: z.number().nullable(),
    atLeast: z.boolean(),
  }),
);

/** The gateway's benchmark with some of its options, one row a check. */
async function gatewayChecks(options: readonly string[], bench = 'bench/gateway/run.ts'): Promise<Row[]> {
  if (availableParallelism() < 2)
    return [notMeasured('gateway benchmark', 'needs two cores, one for the load and one for the target')];
  const checks = await figuresOf(checksSchema, [bench, '--json', ...options]);
  return checks.map(({ what, value, bound, atLeast: least }) => {
    if (value === null || bound === null)
      return notMeasured(
        what,
        'a target of the comparison is not installed, or is measured with --full alone',
      );
    return least ? atLeast(what, value, bound) : atMost(what, value, bound);
  });
}

/** Shorter windows, and without nginx, the cache and the peer's latency: these are measured with --full. */
const QUICK: readonly string[] =
  '--seconds 2 --rounds 3 --rate-seconds 2 --rate-rounds 2 --loads json-1.5k,stream-40 --targets direct,bare,Portkey,durable,process,limits,guarded,all --rate-targets direct,bare,durable,process'.split(
    ' ',
  );

export const gatewaySpeed: Part = {
  name: 'gateway',
  what: 'requests a second, added latency and memory against a bare proxy and a peer, also with limits, budgets, cache and guardrails on',
  data: [],
  fast: false,
  timed: true,
  run: async ({ full }) =>
    full ? [...(await gatewayChecks([])), ...(await gatewayChecks(['--console']))] : gatewayChecks(QUICK),
};

export const translation: Part = {
  name: 'translation',
  what: "what it costs to translate between the vendors' formats",
  data: [],
  fast: false,
  timed: true,
  run: ({ full }) =>
    gatewayChecks(
      full ? ['--rounds', '5'] : ['--rounds', '2', '--seconds', '1'],
      'bench/gateway/translate.ts',
    ),
};

export const metricsSpeed: Part = {
  name: 'metrics',
  what: 'metrics over seven days by hour and 200 alert rules at once, also while interactions are taken in',
  data: [],
  fast: false,
  timed: true,
  run: async ({ full }) => {
    const rows = full ? 1_000_000 : 200_000;
    const schema = z.object({
      slowestMs: z.number(),
      rulesMs: z.number(),
      meanwhile: z.object({ rate: z.number(), slowestMs: z.number(), rulesMs: z.number() }),
      peakMebibytes: z.number(),
    });
    const figures = await figuresOf(schema, ['bench/metrics.ts', String(rows), '--json']);
    return [
      atMost(`slowest metric by hour over 7 days (${rows} rows, median)`, figures.slowestMs, 150, 'ms'),
      atMost('200 alert rules evaluated at once, median', figures.rulesMs, 2_000, 'ms'),
      atMost(
        'slowest metric while interactions are taken in, median',
        figures.meanwhile.slowestMs,
        150,
        'ms',
      ),
      atMost('200 alert rules meanwhile, median', figures.meanwhile.rulesMs, 2_000, 'ms'),
      atLeast('interactions with 2 KB payloads taken meanwhile', figures.meanwhile.rate, 10_000, '/s'),
      atMost("memory of the ledger's process at its peak", figures.peakMebibytes, 1024, 'MiB'),
    ];
  },
};

function besidePromptfoo(promise: string, ratio: number | null): Row {
  return ratio === null
    ? notMeasured(promise, 'promptfoo is not installed: bench/evaluation/install-promptfoo.sh')
    : atLeast(promise, ratio, 1);
}

export const evaluationSpeed: Part = {
  name: 'evaluation-speed',
  what: '1,000 cases against an upstream of 50 ms at concurrency 50, beside promptfoo on the same cases',
  data: [],
  fast: false,
  timed: true,
  run: async ({ full }) => {
    const schema = z.object({
      overIdeal: z.number(),
      overBareLoop: z.number(),
      timeRatio: z.number().nullable(),
      memoryRatio: z.number().nullable(),
    });
    const rounds = ['--rounds', full ? '5' : '2'];
    const figures = await figuresOf(schema, ['bench/evaluation/run.ts', '--json', ...rounds]);
    return [
      atMost('time over the ideal', figures.overIdeal, 1.15),
      atMost('time over a bare loop of the same requests', figures.overBareLoop, 1.15),
      besidePromptfoo("promptfoo's time over ours", figures.timeRatio),
      besidePromptfoo("promptfoo's memory over ours", figures.memoryRatio),
    ];
  },
};

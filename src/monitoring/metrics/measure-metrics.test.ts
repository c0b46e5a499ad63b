// Metrics over a real ledger: every name of the contract, exact, late facts at their interaction's time, and no data apart from zero.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndRow, SpoolRow } from '../../contract/interaction.ts';
import { METRIC_NAMES } from '../../contract/metric-names.ts';
import { newId } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { openLedger } from '../../storage/ledger/ledger-child.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { encodeFrame } from '../../storage/spool/frame.ts';
import { sampleBegin, sampleEnd, sampleFeedback } from '../../storage/testing/sample-rows.ts';
import { measureMetrics } from './measure-metrics.ts';
import { METRICS } from './metric-table.ts';

const START = Date.UTC(2026, 4, 1);
const HOUR = 3_600_000;

let folder: string;
let ledger: LedgerClient;

/** One interaction a second: two models, latencies 1..100, one cent each but the tenth unpriced. */
function ends(): EndRow[] {
  return Array.from({ length: 100 }, (_, index) =>
    sampleEnd(
      sampleBegin(newId('int', START + index * 1000), START + index * 1000, {
        model: index % 2 === 0 ? 'small' : 'large',
        end_user: `user-${index % 4}`,
      }),
      10n ** 16n,
      200,
      {
        latency_ms: index + 1,
        refused: index < 5,
        finish_reason: index < 10 ? 'length' : 'stop',
        cache: index < 25 ? 'hit' : 'miss',
        scores: index < 10 ? { grounded: index < 2 ? 0.25 : 0.75 } : {},
        ...(index === 99 ? { cost_usd: null } : {}),
        ...(index === 98 ? { findings: [leak('pii', 'flag')] } : {}),
        ...(index === 97 ? { findings: [leak('bias', 'flag')] } : {}),
      },
    ),
  );
}

function leak(guardrail: string, action: 'flag'): EndRow['findings'][number] {
  return { guardrail, type: 'X', direction: 'output', start: 0, end: 1, score: 1, action, place: '0' };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-metrics-'));
  ledger = await openLedger({ directory: folder, logger: silentLogger });
  const rows: SpoolRow[] = ends();
  const first = rows[0] as EndRow;
  const failed = sampleEnd(sampleBegin(newId('int', START + 2 * HOUR), START + 2 * HOUR), 0n, 100, {
    status: 'error',
    error_kind: 'timeout',
    cost_usd: null,
    usage: null,
  });
  const blocked = sampleEnd(sampleBegin(newId('int', START + 2 * HOUR), START + 2 * HOUR), 0n, 100, {
    status: 'blocked',
  });
  const probe = sampleEnd(
    sampleBegin(newId('int', START + 2 * HOUR), START + 2 * HOUR, { tags: ['probe'] }),
    10n ** 16n,
  );
  const judge = sampleEnd(
    sampleBegin(newId('int', START + 2 * HOUR), START + 2 * HOUR, { tags: ['guardrail', 'guardrail:bias'] }),
    0n,
    100,
    { status: 'error', error_kind: 'timeout', usage: null },
  );
  await ledger.ingest({
    name: 'a/1',
    frames: Buffer.concat([...rows, failed, blocked, probe, judge].map((row) => encodeFrame(row))),
  });
  // A day later: about an interaction of the first hour.
  const late: SpoolRow[] = [
    sampleFeedback(newId('fbk', START + 24 * HOUR), first.id, START + 24 * HOUR),
    {
      ...sampleFeedback(newId('fbk', START), (rows[1] as EndRow).id, START),
      thumb: 'up',
      rating: 4,
      labels: [],
    },
    {
      row: 'score',
      id: newId('scr', START),
      at: START + 24 * HOUR,
      interaction: first.id,
      scorer: 'judge:helpfulness',
      score: 0.5,
      reason: '',
      cost_usd: '0.01',
    },
    {
      row: 'rating',
      id: newId('rat', START),
      at: START + 24 * HOUR,
      interaction: first.id,
      rater: 'anna',
      dimension: 'overall',
      value: 3,
      comment: '',
      cost_usd: null,
    },
  ];
  await ledger.ingest({ name: 'a/2', frames: Buffer.concat(late.map((row) => encodeFrame(row))) });
});

afterAll(async () => {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

const firstHour = { from: START, to: START + HOUR };

it('knows every metric of the contract, and an error rate of each kind', () => {
  const known = METRICS.map(({ name }) => name);
  expect(known.filter((name) => !name.includes(':'))).toEqual([...METRIC_NAMES]);
  expect(new Set(known).size).toBe(known.length);
});

describe('over the hour of the interactions', () => {
  const expected: Record<string, [value: number, sample: number]> = {
    requests: [100, 100],
    error_rate: [0, 100],
    blocked_rate: [0, 100],
    latency_p50: [50.5, 100],
    latency_p90: [90.1, 100],
    latency_p99: [99.01, 100],
    ttft_p50: [80, 100],
    avg_tokens_per_request: [220, 100],
    total_tokens: [22_000, 100],
    cost_per_request: [0.01, 99],
    cost_per_user: [0.2475, 4],
    cumulative_spend: [0.99, 99],
    cache_hit_rate: [0.25, 100],
    positive_feedback_percentage: [50, 2],
    avg_rating: [3, 2],
    task_completion_rate: [0, 2],
    groundedness_percentage: [65, 10],
    hallucination_percentage: [20, 10],
    guardrail_trigger_percentage: [2, 100],
    pii_exposure_percentage: [1, 100],
    bias_incidents: [2, 100],
    refusal_rate: [0.05, 100],
    avg_response_length: [100, 100],
    truncation_rate: [0.1, 100],
    complaint_rate: [0.01, 100],
    judge_score: [0.5, 1],
    human_score: [3, 1],
  };
  it.each(Object.entries(expected))('%s', async (name, [value, sample]) => {
    const [cell] = await measureMetrics(ledger, { ...firstHour, metrics: [name] });
    const measured = cell?.values.get(name);
    expect(measured?.value).toBeCloseTo(value, 9);
    expect(measured?.sample).toBe(sample);
    const { low, high } = measured?.interval ?? { low: value, high: value };
    expect(low).toBeLessThanOrEqual(value);
    expect(high).toBeGreaterThanOrEqual(value);
  });
  it('money is exact', async () => {
    const [cell] = await measureMetrics(ledger, {
      ...firstHour,
      metrics: ['cumulative_spend', 'cost_per_user'],
    });
    expect(cell?.values.get('cumulative_spend')?.usd).toBe('0.99');
    expect(cell?.values.get('cost_per_user')?.usd).toBe('0.2475');
  });
  it('cut by dimension and by time', async () => {
    const cells = await measureMetrics(ledger, {
      ...firstHour,
      metrics: ['requests', 'positive_feedback_percentage'],
      by: ['model', 'user'],
      where: { model: ['large'] },
      stepMilliseconds: 60_000,
    });
    expect(cells.map(({ group, at, values }) => [group, at, values.get('requests')?.value])).toEqual(
      expect.arrayContaining([
        [{ model: 'large', user: 'user-1' }, START, 15],
        [{ model: 'large', user: 'user-3' }, START + 60_000, 10],
      ]),
    );
    expect(cells).toHaveLength(4);
    const praised = cells.filter((cell) => cell.values.get('positive_feedback_percentage')?.value === 100);
    expect(praised.map(({ at }) => at)).toEqual([START]);
  });
});

it('counts errors, blocks and probes apart', async () => {
  const [cell] = await measureMetrics(ledger, {
    from: START + 2 * HOUR,
    to: START + 3 * HOUR,
    metrics: [
      'requests',
      'error_rate',
      'error_rate:timeout',
      'error_rate:api_error',
      'blocked_rate',
      'cumulative_spend',
    ],
  });
  const of = (name: string): number | null | undefined => cell?.values.get(name)?.value;
  expect(of('requests')).toBe(2);
  expect([of('error_rate'), of('error_rate:timeout'), of('error_rate:api_error')]).toEqual([0.5, 0.5, 0]);
  expect(of('blocked_rate')).toBe(0.5);
  expect(of('cumulative_spend')).toBe(0.01);
});

it('says null where there is no data, of each metric', async () => {
  const names = METRICS.map(({ name }) => name);
  const [cell] = await measureMetrics(ledger, { from: START - HOUR, to: START, metrics: names });
  for (const name of names)
    expect([name, cell?.values.get(name)]).toEqual([
      name,
      { value: null, usd: null, sample: 0, interval: null },
    ]);
  expect(
    (await measureMetrics(ledger, { from: START - HOUR, to: START, metrics: names, by: ['model'] })).length,
  ).toBe(0);
});

it('refuses a name that is none', async () => {
  await expect(measureMetrics(ledger, { ...firstHour, metrics: ['latency'] })).rejects.toThrow('"latency"');
});

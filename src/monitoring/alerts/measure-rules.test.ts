// What is measured for rules: their own cells and no others, a value a subject, baselines before the window and the same hour in weeks before.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AlertCondition, AlertRule } from '../../contract/alert-rule.ts';
import { newId } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { openLedger } from '../../storage/ledger/ledger-child.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { encodeFrame } from '../../storage/spool/frame.ts';
import { sampleBegin, sampleEnd } from '../../storage/testing/sample-rows.ts';
import { measureOver, measureRules, type RuleMeasurement } from './measure-rules.ts';

const NOW = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60_000;
const WEEK = 7 * 86_400_000;

let folder: string;
let ledger: LedgerClient;

function rule(alert_rule: string, condition: Partial<AlertCondition>): AlertRule {
  return {
    alert_rule,
    condition: {
      metric: 'avg_response_length',
      operator: 'greater_than',
      threshold: 1,
      duration: 10 * MINUTE,
      window: 5 * MINUTE,
      where: {},
      ...condition,
    },
    action: 'create incident',
    severity: 'warning',
    no_data: 'keep',
    enabled: true,
  };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-rules-'));
  ledger = await openLedger({ directory: folder, logger: silentLogger });
  const row = (at: number, model: string, prompt: string, length: number): Buffer =>
    encodeFrame(
      sampleEnd(sampleBegin(newId('int', at), at, { model, prompt }), 1n, 10, {
        response_characters: length,
      }),
    );
  const frames = [
    row(NOW - MINUTE, 'small', 'a', 10),
    row(NOW - MINUTE, 'large', 'a', 30),
    row(NOW - MINUTE, 'large', 'b', 50),
    row(NOW - 6 * MINUTE, 'large', 'b', 70),
    row(NOW - 20 * MINUTE, 'large', 'b', 90),
    ...[1, 2, 3, 8, 9].map((week) => row(NOW - week * WEEK - MINUTE, 'large', 'b', week)),
    row(NOW - WEEK - 6 * MINUTE, 'large', 'b', 1_000),
  ];
  await ledger.ingest({ name: 'a/1', frames: Buffer.concat(frames) });
});

afterAll(async () => {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

it('gives each rule its own window, cut and sample', async () => {
  const rules = [
    rule('all', {}),
    rule('large', { where: { model: 'large' } }),
    rule('large, b', { where: { model: 'large', prompt: 'b' } }),
    rule('per model', { per: 'model' }),
    rule('baseline', { operator: 'increased_by_percentage', baseline: 10 * MINUTE, where: { prompt: 'b' } }),
    rule('season', { operator: 'anomalous', where: { model: 'large' } }),
    rule('silence', { metric: 'requests', operator: 'less_than', where: { model: 'none' } }),
    rule('nothing', { where: { model: 'none' } }),
  ];
  const known = (one: AlertRule): string[] => (one.alert_rule === 'per model' ? ['gone'] : []);
  const measured = await measureRules(ledger, rules, NOW, known);
  const of = (name: string): unknown[] =>
    measured
      .filter((one) => one.rule.alert_rule === name)
      .map(({ subject, measurement: { value, sample, baseline, history } }) => [
        subject,
        value,
        sample,
        baseline,
        [...(history ?? [])].sort((a, b) => a - b),
      ])
      .sort((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1));
  expect(of('all')).toEqual([['', 30, 3, undefined, []]]);
  expect(of('large')).toEqual([['', 40, 2, undefined, []]]);
  expect(of('large, b')).toEqual([['', 50, 1, undefined, []]]);
  expect(of('per model')).toEqual([
    ['gone', null, 0, undefined, []],
    ['large', 40, 2, undefined, []],
    ['small', 10, 1, undefined, []],
  ]);
  expect(of('baseline')).toEqual([['', 50, 1, 70, []]]);
  expect(of('season')).toEqual([['', 40, 2, undefined, [1, 2, 3, 8]]]);
  expect(of('silence')).toEqual([['', 0, 1, undefined, []]]);
  expect(of('nothing')).toEqual([['', null, 0, undefined, []]]);
});

/** Earlier weeks come in no order. */
const inOrder = (measured: readonly RuleMeasurement[]): unknown[] =>
  measured.map(({ subject, measurement: { history = [], ...rest } }) => ({
    subject,
    ...rest,
    history: history.toSorted((a, b) => a - b),
  }));

it('over many moments at once every one is measured as by itself, subjects that went silent too', async () => {
  const rules = [
    rule('all', {}),
    rule('each model', { per: 'model' }),
    rule('one model', { where: { model: 'large' }, baseline: 60 * MINUTE }),
    rule('each prompt, beside its weeks', { per: 'prompt', operator: 'anomalous' }),
    rule('silence', { metric: 'requests', where: { model: 'nobody' } }),
  ];
  const moments = Array.from({ length: 25 }, (_, index) => NOW - (24 - index) * MINUTE);
  for (const one of rules) {
    const seen = new Set<string>();
    const together: number[] = [];
    for await (const { at, measured } of measureOver(ledger, one, moments, () => seen)) {
      together.push(at);
      const alone = await measureRules(ledger, [one], at, () => seen);
      expect(inOrder(measured)).toEqual(inOrder(alone));
      for (const { subject } of measured) seen.add(subject);
    }
    expect(together).toEqual(moments);
  }
});

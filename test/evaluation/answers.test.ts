// Recorded answers through the whole of an evaluation: win rates and intervals as computed independently, and the gate's verdicts on
// changes whose effect is known.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatePrompt } from '../../src/app/evaluation-gate.ts';
import { executeRun, type RunRequest } from '../../src/app/evaluation-run.ts';
import { readSuite, findSuite } from '../../src/app/evaluation-suite.ts';
import { findVersion } from '../../src/app/evaluation-targets.ts';
import type { GatedPrompt } from '../../src/evaluation/gate/gate-result.ts';
import { decideGate, type GateCase } from '../../src/evaluation/gate/gate-decision.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { seededUniform } from '../../src/statistics/seeded.ts';
import {
  ANSWERS,
  makeAnswersWorkspace,
  openAnswersWorkspace,
  VARIANTS,
  writeSuite,
  type AnswersWorkspace,
  type Variant,
} from './answers-workspace.ts';

const GATE = '{ margin: 0.02, cost_increase: any_gain }';
let made: AnswersWorkspace;

beforeAll(async () => {
  if (existsSync(ANSWERS)) made = await makeAnswersWorkspace(await mkdtemp(join(tmpdir(), 'answers-')), GATE);
});
afterAll(async () => {
  if (existsSync(ANSWERS)) await rm(made.folder, { recursive: true });
});

function around(): Omit<
  RunRequest,
  'suite' | 'versions' | 'repeats' | 'comparesTargets' | 'resume' | 'maxCostUsd'
> {
  const { snapshot, workspace } = made.opened;
  if (snapshot === undefined) throw new Error(JSON.stringify(made.opened.problems));
  return {
    snapshot,
    judges: new Map([...workspace.judges].map(([name, item]) => [name, item.value])),
    workspaceFolder: made.folder,
    dataFolder: join(made.folder, '.binnacle'),
    environment: {},
    logger: silentLogger,
    concurrency: 50,
    retries: 0,
    reuse: false,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
}

function version(variant: Variant) {
  return findVersion(around().snapshot, 'assistant', VARIANTS[variant]);
}

/** `policy`: the suite's gate instead of the usual one, as YAML. */
async function gate(base: Variant, fresh: Variant, policy = GATE): Promise<GatedPrompt> {
  await writeSuite(made.folder, policy);
  const opened = await openAnswersWorkspace(made.folder);
  const request = {
    ...around(),
    opened,
    recorded: () => Promise.resolve([]),
    suiteName: undefined,
  };
  const change = { base: version(base), new: version(fresh) };
  return gatePrompt(change, { ...request, limit: undefined, maxCostUsd: null });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Half the width of the normal interval at 95 %, written out once more by hand. */
function halfWidth(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return 1.965 * Math.sqrt(squares / (values.length - 1) / values.length);
}

describe.skipIf(!existsSync(ANSWERS))('recorded answers', () => {
  it('gives win rates and intervals as computed independently', async () => {
    const file = findSuite(made.opened.workspace, 'answers');
    const suite = await readSuite({
      name: 'answers',
      file,
      workspaceFolder: made.folder,
      recorded: () => Promise.resolve([]),
    });
    const variants = Object.keys(VARIANTS) as Variant[];
    const versions = variants.map((variant, index) => ({
      version: version(variant),
      label: `staging-${index + 1}`,
    }));
    const run = await executeRun({
      ...around(),
      suite,
      versions,
      repeats: 1,
      comparesTargets: false,
      resume: false,
      maxCostUsd: null,
    });
    for (const [index, variant] of variants.entries()) {
      const verdicts = made.rows.map((row) => Number(made.verdictFor(row, variant).toFixed(6)));
      const quality = run.summaries[index]?.quality;
      expect(run.summaries[index]?.failures).toEqual({});
      expect(quality?.n).toBe(made.rows.length);
      expect(quality?.mean).toBeCloseTo(mean(verdicts), 9);
      expect(quality?.interval[0]).toBeCloseTo(mean(verdicts) - halfWidth(verdicts), 4);
      expect(quality?.interval[1]).toBeCloseTo(mean(verdicts) + halfWidth(verdicts), 4);
    }
    const judged = run.answers.flatMap(({ scores }) =>
      scores.flatMap(({ interactions }) => interactions ?? []),
    );
    expect(judged).toHaveLength(3 * made.rows.length);
    expect(Number(run.spent_usd)).toBeGreaterThan(0);
  });

  it('lets concise → verbose pass on quality, and stops it by a policy on cost', async () => {
    const passed = await gate('concise', 'verbose');
    expect(passed.verdict).toMatchObject({ decision: 'approve' });
    expect(passed.verdict.quality?.interval.low).toBeGreaterThan(0);
    expect(passed.at_equal_length?.n).toBe(made.rows.length);
    // The same change in a workspace whose suite accepts no dearer answer, then one that asks for more than is gained.
    for (const policy of ['never', '{ quality_gain_per_10_percent: 0.05 }']) {
      const { verdict } = await gate('concise', 'verbose', `{ margin: 0.02, cost_increase: ${policy} }`);
      expect(verdict.decision).toBe('block');
      expect(verdict.reasons.join()).toMatch(/^cost per request rises by \d/);
      expect(verdict.quality).toEqual(passed.verdict.quality);
    }
  });

  it('blocks verbose → concise on quality', async () => {
    const { verdict } = await gate('verbose', 'concise');
    expect(verdict.decision).toBe('block');
    expect(verdict.reasons.join()).toMatch(/quality is down/);
  });

  it('blocks plain → plain in at most 5 of 100 resamples', async () => {
    const { policy, verdict } = await gate('plain', 'plain');
    expect(verdict.decision).not.toBe('block');
    const uniform = seededUniform(7);
    const scores = made.rows.map((row) => made.verdictFor(row, 'plain'));
    const costs = made.rows.map((row) => 6e-6 * (row.answers['gpt-3.5-turbo']?.text.length ?? 0));
    const draw = (): number => Math.floor(uniform() * scores.length);
    let blocked = 0;
    for (let resample = 0; resample < 100; resample += 1) {
      const cases = scores.map((): GateCase => {
        const [one, other] = [draw(), draw()];
        return {
          baseScore: scores[one] as number,
          newScore: scores[other] as number,
          baseCost: costs[one] as number,
          newCost: costs[other] as number,
          baseUnsafe: false,
          newUnsafe: false,
        };
      });
      if (decideGate(cases, policy as NonNullable<typeof policy>).decision === 'block') blocked += 1;
    }
    expect(blocked).toBeLessThanOrEqual(5);
  });
});

// Every step of a runbook in a whole console over the example workspace and its history: what it changes is served, audited, ends, and can be
// taken back; a step that takes too long stops what follows or not, as written; a console that dies goes on where it was.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Incident } from '../contract/api-monitoring.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { ManualClock } from '../kernel/clock.ts';
import { Incidents } from '../console/monitoring/incidents.ts';
import type { EvaluationOrder, RunEvaluation } from '../console/monitoring/runbooks/runbook-acts.ts';
import { createExample } from '../workspace/create-example.ts';
import { runbookSchema } from '../workspace/schemas/runbook.ts';
import type { ComposedConsole } from './compose-console.ts';
import { composeScratchConsole } from './testing/scratch-console.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const HOUR = 3_600_000;
const clock = new ManualClock(Date.UTC(2026, 5, 1, 8));
const admin = { authorization: 'Bearer the-admin-token', host: 'localhost:7071' };
const orders: EvaluationOrder[] = [];
let evaluate: RunEvaluation;
let folder: string;
let composed: ComposedConsole;
let incidents: Incidents;

async function compose(): Promise<void> {
  composed = await composeScratchConsole(folder, clock, {
    runEvaluation: async (order, signal) => {
      orders.push(order);
      return evaluate(order, signal);
    },
  });
  const { documents, audit } = composed.state;
  incidents = new Incidents({ documents, audit, clock });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-runbooks-'));
  await createExample(folder, clock.now());
  await compose();
});

afterAll(async () => {
  await composed.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens an incident about the example's prompt and model, and orders the steps for it. */
async function order(id: string, steps: readonly object[]): Promise<void> {
  await incidents.open({
    id,
    title: 'Answers got worse',
    severity: 'warning',
    source: { kind: 'person', name: 'anna', subject: '', metric: '' },
    prompt: 'customer-support',
    model: 'gpt-4-turbo',
    reason: 'Seen by a person.',
  });
  await composed.monitoring.runner.order(`job ${id}`, id, 'trial', runbookSchema.parse({ steps }));
}

async function run(id: string, steps: readonly object[]): Promise<[status: string, result: string][]> {
  await order(id, steps);
  await composed.monitoring.runner.start();
  await composed.monitoring.runner.settled();
  return stepsOf(await incidents.require(id));
}

function stepsOf(incident: Incident): [status: string, result: string][] {
  return (incident.runbooks[0]?.steps ?? []).map(({ status, result }) => [status, result]);
}

async function served(): Promise<Snapshot> {
  const headers = { authorization: 'Bearer the-internal-token' };
  const answer = await composed.app.inject({ method: 'GET', url: '/internal/snapshot', headers });
  return answer.json<Snapshot>();
}

/** Overrides set and ended, as the audit chain has them. */
async function acts(): Promise<string[]> {
  const found: string[] = [];
  for await (const { act, subject } of composed.state.audit.entries())
    if (act.startsWith('override.')) found.push(`${act} ${subject}`);
  return found;
}

it('has the fallback answer for a model, for as long as it is asked to', async () => {
  const before = await served();
  expect(await run('inc_1', [{ step: 'switch_to_fallback', for: '2h' }])).toEqual([
    ['done', 'Requests for gpt-4-turbo are served by gpt-3.5-turbo until 2026-06-01T10:00:00.000Z.'],
  ]);
  const { models } = await served();
  expect(models['gpt-4-turbo']?.deployments).toEqual(before.models['gpt-3.5-turbo']?.deployments);
  expect(models['gpt-4-turbo']?.prices).toEqual(before.models['gpt-3.5-turbo']?.prices);
  clock.advance(2 * HOUR);
  await composed.schedule.tick();
  expect((await served()).models).toEqual(before.models);
  expect(await acts()).toEqual(['override.set model:gpt-4-turbo', 'override.end model:gpt-4-turbo']);
});

it('points a label at the version it led to before, until somebody takes that back', async () => {
  expect(await run('inc_2', [{ step: 'move_label_back' }])).toEqual([
    ['done', expect.stringContaining('production of customer-support leads to 3.0 instead of 3.1') as string],
  ]);
  expect((await served()).prompts['customer-support']?.labels['production']).toBe('3.0');
  const url = '/api/overrides/label:customer-support:production?by=anna';
  const ended = await composed.app.inject({ method: 'DELETE', url, headers: admin });
  expect(ended.json()).toEqual({ ended: true });
  expect((await served()).prompts['customer-support']?.labels['production']).toBe('3.1');
});

it('says of a step what is wrong and what to do, and leaves the rest alone or goes on, as written', async () => {
  const wrong = { step: 'switch_to_fallback', model: 'gpt-3.5-turbo' };
  const after = { step: 'collect_examples', count: 3 };
  expect(await run('inc_3', [wrong, after])).toEqual([
    ['failed', 'gpt-3.5-turbo has no fallback in models.yaml.'],
    ['skipped', expect.any(String) as string],
  ]);
  expect(
    (await run('inc_4', [{ ...wrong, on_failure: 'continue' }, after])).map(([status]) => status),
  ).toEqual(['failed', 'done']);
});

it('ends a step at its time limit', async () => {
  evaluate = () => new Promise(() => undefined);
  const steps = [{ step: 'run_evaluation', suite: 'support-answers', timeout: '1s' }];
  expect(await run('inc_5', steps)).toEqual([['failed', 'It did not end within 1 s.']]);
});

it('goes on after a restart at the step that had not ended, under the same name', async () => {
  orders.length = 0;
  let begun = Promise.withResolvers<void>();
  evaluate = () => {
    begun.resolve();
    return new Promise(() => undefined);
  };
  await order('inc_6', [
    { step: 'raise_sampling', people: 0.5, for: '1h' },
    { step: 'run_evaluation', suite: 'support-answers' },
    { step: 'collect_examples' },
  ]);
  await composed.monitoring.runner.start();
  await begun.promise;
  await composed.close();
  begun = Promise.withResolvers();
  evaluate = () => Promise.resolve({ text: 'It is complete.', data: null });
  await compose();
  // The lease of the console that is gone runs out.
  clock.advance(120_000);
  await composed.monitoring.runner.start();
  await composed.monitoring.runner.settled();
  const incident = await incidents.require('inc_6');
  expect(stepsOf(incident).map(([status]) => status)).toEqual(['done', 'done', 'done']);
  expect(incident.runbooks[0]?.status).toBe('done');
  expect(orders.map(({ id }) => id)).toEqual(['job inc_6-1', 'job inc_6-1']);
  expect((await acts()).filter((text) => text.includes('sampling'))).toEqual(['override.set sampling']);
});

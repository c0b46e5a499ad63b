// Quality of live traffic on a whole installation: end users' feedback by prompt and version, a suite drawn from recorded interactions,
// people's grades blind and with their agreement, and judges that grade a share of the traffic under a budget of their own.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agreement, LiveScores, SampleResult, Satisfaction } from '../../src/contract/api-evaluation.ts';
import type { CostReport } from '../../src/contract/api.ts';
import type { RunResult } from '../../src/evaluation/run/run-result.ts';
import { runCommand, scratchFolder, startUp, stopUp, type Started } from './installation.ts';

const folder = scratchFolder();
const desk = join(folder.path, 'desk');
const CALLS = 24;
/** Room for about half of what grading all of it would cost. */
const DAILY = '0.03';
let started: Started;
const answered: { interaction: string; version: string }[] = [];

interface Case {
  readonly variables: Readonly<Record<string, string>>;
}

function linesOf<Line>(text: string): Line[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

async function ask({ variables }: Case, version: string): Promise<void> {
  const answer = await fetch(`${started.running.gateway}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: { id: 'customer-support', version, variables } }),
  });
  expect(answer.status).toBe(200);
  await answer.text();
  answered.push({ interaction: answer.headers.get('x-binnacle-interaction') ?? '', version });
}

async function feedback(interaction: string, given: object): Promise<void> {
  const answer = await fetch(`${started.running.gateway}/v1/feedback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ interaction, ...given }),
  });
  expect(answer.status).toBeLessThan(300);
}

async function fromConsole<Body>(path: string): Promise<Body> {
  const answer = await fetch(`${started.running.console}${path}`);
  expect(answer.status, path).toBe(200);
  return (await answer.json()) as Body;
}

async function command<Out>(...words: string[]): Promise<Out> {
  const { code, out, err } = await runCommand(desk, [...words, '--json']);
  expect(code, err).toBe(0);
  return JSON.parse(out) as Out;
}

beforeAll(async () => {
  expect((await runCommand(folder.path, ['init', 'desk'])).code).toBe(0);
  const settings = readFileSync(join(desk, 'binnacle.yaml'), 'utf8');
  const judges = '[{ judge: helpfulness, share: 1 }]';
  writeFileSync(
    join(desk, 'binnacle.yaml'),
    `${settings}\nsampling: { judges: ${judges}, scorers: [{ scorer: refusal, share: 1 }], max_cost_usd_per_day: "${DAILY}" }\n`,
  );
  mkdirSync(join(desk, 'suites'), { recursive: true });
  writeFileSync(
    join(desk, 'suites/liked.yaml'),
    'prompt: customer-support\ncases_from: [{ interactions: { prompt: customer-support, version: "3.1", thumb: up }, limit: 50 }]\nscorers: [{ scorer: rouge-1 }]\n',
  );
  started = await startUp(desk, ['--port', '0', '--console-port', '0']);
  const cases = linesOf<Case>(readFileSync(join(desk, 'suites/support-questions.jsonl'), 'utf8'));
  await Promise.all(
    cases.slice(0, CALLS).map((one, index) => ask(one, index % 2 === 0 ? 'production' : 'staging')),
  );
}, 90_000);
afterAll(async () => {
  await stopUp(started);
  folder[Symbol.dispose]();
}, 30_000);

describe('quality of live traffic', { timeout: 150_000 }, () => {
  it('tells satisfaction by prompt and version', async () => {
    for (const [index, { interaction, version }] of answered.entries())
      await feedback(interaction, {
        thumb: version === 'production' || index % 4 === 1 ? 'up' : 'down',
        ...(index < 4 ? { rating: 5 - index, task_completed: true } : {}),
      });
    const lines = async () => {
      const told = await fromConsole<Satisfaction>('/api/evaluation/satisfaction');
      return told.lines.filter(({ prompt }) => prompt === 'customer-support');
    };
    const given = async () => (await lines()).reduce((sum, line) => sum + line.feedback, 0);
    await expect.poll(given, { timeout: 30_000, interval: 500 }).toBe(CALLS);
    const [old, fresh] = (await lines()).toSorted((a, b) => (a.version < b.version ? -1 : 1));
    expect(old).toMatchObject({ version: '3.1', thumbs_up: CALLS / 2, thumbs_down: 0, positive_share: 1 });
    const ups = answered.filter(({ version }, index) => version === 'staging' && index % 4 === 1).length;
    expect(fresh).toMatchObject({ version: '3.2', thumbs_up: ups, thumbs_down: CALLS / 2 - ups });
    expect(fresh?.positive_interval?.[0]).toBeLessThan(ups / (CALLS / 2));
    expect((old?.ratings ?? 0) + (fresh?.ratings ?? 0)).toBe(4);
  });

  it('draws the cases of a suite from recorded interactions by version and thumb', async () => {
    const run = await command<RunResult>('eval', 'run', 'liked', '--concurrency', '20');
    expect(run.cases).toHaveLength(CALLS / 2);
    const production = new Set(
      answered.filter(({ version }) => version === 'production').map(({ interaction }) => interaction),
    );
    expect(run.cases.every(({ name }) => production.has(name))).toBe(true);
    // The recording answers the same question with the same text: the reference is what was answered then.
    expect(run.summaries[0]?.quality?.mean).toBe(1);
  });

  it('has people grade a blind sample, and tells how far they agree', async () => {
    const drawn = await command<SampleResult>('human', 'sample', '--share', '0.25', '--raters', '2');
    expect(drawn.drawn).toBe(CALLS / 4);
    const audited = linesOf<Record<string, unknown>>((await runCommand(desk, ['audit', 'export'])).out);
    expect(audited.filter(({ act }) => act === 'human.sample')).toMatchObject([
      {
        actor: 'admin',
        subject: 'interactions',
        details: { drawn: CALLS / 4, added: drawn.added, raters: 2 },
      },
    ]);
    const { out } = await runCommand(desk, ['human', 'export', '--rater', 'ann']);
    const tasks = linesOf<Record<string, unknown> & { interaction: string }>(out);
    expect(tasks).toHaveLength(CALLS / 4);
    for (const task of tasks)
      expect(Object.keys(task).toSorted()).toEqual([
        'context',
        'grades',
        'interaction',
        'question',
        'response',
      ]);
    const grades = ['ann', 'bob'].flatMap((rater) =>
      tasks.map(({ interaction }, index) => ({
        interaction,
        rater,
        dimension: 'helpfulness',
        value: 1 + (index % 5),
        cost_usd: '0.05',
      })),
    );
    const file = join(desk, 'grades.jsonl');
    writeFileSync(file, `${grades.map((one) => JSON.stringify(one)).join('\n')}\n`);
    expect(await command('human', 'import', file)).toMatchObject({ accepted: grades.length, duplicates: 0 });
    expect(await command('human', 'import', file)).toMatchObject({ accepted: 0, duplicates: grades.length });
    const told = await command<Agreement>('human', 'agreement');
    expect(told.dimensions.find(({ dimension }) => dimension === 'helpfulness')).toMatchObject({
      ratings: grades.length,
      raters: 2,
      shared: tasks.length,
      alpha: 1,
    });
    expect(told).toMatchObject({ cost_per_rating_usd: '0.05', queue: { open: 0, done: tasks.length } });
    expect(told.ratings_by_day.at(-1)?.ratings).toBe(grades.length);
  });

  it('grades live answers by judge and scorer, and stops judging at the budget of the day', async () => {
    const scored = async (scorer: string): Promise<number> => {
      const { models } = await fromConsole<LiveScores>(`/api/evaluation/live-scores?scorer=${scorer}`);
      return models.reduce((sum, { scores }) => sum + scores.length, 0);
    };
    await expect
      .poll(() => scored('refusal'), { timeout: 90_000, interval: 1_000 })
      .toBeGreaterThanOrEqual(CALLS);
    const judged = await scored('judge:helpfulness');
    expect(judged).toBeGreaterThan(0);
    expect(judged).toBeLessThan(CALLS);
    const told = await command<Agreement>('human', 'agreement');
    expect(told.judges['judge:helpfulness']?.items).toBe(judged);
    const report = await fromConsole<CostReport>('/api/cost/report?by=model&limit=100');
    const spent = report.lines.find(({ group }) => group === 'simulated-judge')?.cost_usd ?? null;
    expect(Number(spent)).toBeGreaterThan(0);
    expect(Number(spent)).toBeLessThanOrEqual(Number(DAILY));
  });
});

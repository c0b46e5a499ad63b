// Erasing a person through the console: nothing planted is left in any file of the data folder, what was delivered late goes too, every
// sum is the same to the last digit, and the audit chain is whole and does not name the person.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Snapshot } from '../contract/snapshot.ts';
import { ManualClock } from '../kernel/clock.ts';
import { userPseudonym } from '../kernel/user-pseudonym.ts';
import { encodeFrame, SEGMENT_MAGIC } from '../storage/spool/frame.ts';
import { sampleBegin, sampleEnd, sampleFeedback } from '../storage/testing/sample-rows.ts';
import { type ScratchFolder, scratchFolder } from '../storage/testing/scratch-folder.ts';
import type { ComposedConsole } from './compose-console.ts';
import { composeScratchConsole } from './testing/scratch-console.ts';

const START = Date.UTC(2026, 2, 10, 12);
const USER = 'planted.person@example.org';
const PLANTS = [
  USER,
  'PLANTED-QUESTION',
  'PLANTED-ANSWER',
  'PLANTED-COMMENT',
  'PLANTED-REASON',
  'PLANTED-SESSION',
];
const headers = { authorization: 'Bearer the-admin-token', host: '127.0.0.1:7071' };
const clock = new ManualClock(START + 60_000);

let folder: ScratchFolder;
let composed: ComposedConsole;

const idOf = (index: number): string => `int_${index.toString(16).padStart(32, '0')}`;

function rowsFrom(first: number): Buffer {
  const rows = Array.from({ length: 20 }, (_, offset) => {
    const index = first + offset;
    const theirs = index % 2 === 0;
    const begin = sampleBegin(idOf(index), START + index, {
      end_user: theirs ? USER : 'somebody-else',
      session: theirs ? 'PLANTED-SESSION' : 's',
    });
    const texts = { request_payload: '"PLANTED-QUESTION"', response_payload: '"PLANTED-ANSWER"' };
    return sampleEnd(begin, 10n ** 15n + BigInt(index), 100, theirs ? texts : {});
  });
  const about = { interaction: idOf(first), at: START + 5 };
  const late = [
    { ...sampleFeedback(`fbk_${first}`, about.interaction, about.at), comment: 'PLANTED-COMMENT' },
    {
      row: 'score' as const,
      id: `scr_${first}`,
      ...about,
      scorer: 'x',
      score: 0.5,
      reason: 'PLANTED-REASON',
      cost_usd: '0.5',
    },
    {
      row: 'rating' as const,
      id: `rat_${first}`,
      ...about,
      rater: 'r',
      dimension: 'd',
      value: 3,
      comment: 'PLANTED-COMMENT',
      cost_usd: '0.25',
    },
  ];
  return Buffer.concat([...rows, ...late].map((row) => encodeFrame(row)));
}

async function deliver(segment: string, frames: Buffer): Promise<void> {
  const from = SEGMENT_MAGIC.length;
  const answer = await composed.app.inject({
    method: 'POST',
    url: `/internal/spool?gateway=gw_${'1'.repeat(32)}&segment=seg_${segment.repeat(32)}&from=${from}&to=${from + frames.length}&sealed=0`,
    headers: { authorization: 'Bearer the-internal-token', 'content-type': 'application/octet-stream' },
    payload: frames,
  });
  expect(answer.statusCode, answer.body).toBe(200);
}

/** Files of the data folder that hold a planted text. */
function traces(path = join(folder.path, '.binnacle')): string[] {
  return readdirSync(path).flatMap((name) => {
    const file = join(path, name);
    if (statSync(file).isDirectory()) return traces(file);
    const bytes = readFileSync(file);
    return PLANTS.filter((plant) => bytes.includes(plant)).map((plant) => `${plant} in ${file}`);
  });
}

const sums = (): Promise<unknown[]> =>
  composed.ledger.query(
    `SELECT (SELECT toString(sum(cost_usd)) FROM ledger.interactions) AS cost, (SELECT count() FROM ledger.interactions) AS n,
      (SELECT toString(sum(cost_usd)) FROM ledger.attempts) AS attempts, (SELECT toString(sum(cost_usd)) FROM ledger.scores) AS scores,
      (SELECT toString(sum(cost_usd)) FROM ledger.ratings) AS ratings`,
  );

async function erase(): Promise<Record<string, number>> {
  const answer = await composed.app.inject({
    method: 'POST',
    url: '/api/people/erase',
    headers: { ...headers, 'content-type': 'application/json' },
    payload: JSON.stringify({ user: USER }),
  });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<Record<string, number>>();
}

/** Erased users as the snapshot tells them. */
async function toldToGateways(): Promise<Snapshot['erasedUsers']> {
  const answer = await composed.app.inject({
    method: 'GET',
    url: '/internal/snapshot',
    headers: { authorization: 'Bearer the-internal-token' },
  });
  return answer.json<Snapshot>().erasedUsers;
}

beforeAll(async () => {
  folder = await scratchFolder();
  writeFileSync(join(folder.path, 'binnacle.yaml'), 'name: test-desk\n');
  composed = await composeScratchConsole(folder.path, clock);
  await deliver('1', rowsFrom(0));
  await composed.ledger.query('SELECT 1');
}, 30_000);
afterAll(async () => {
  await composed.close();
  await folder[Symbol.asyncDispose]();
});

test('nothing of the person is left on disk, others and all sums are as before', async () => {
  expect(traces().length).toBeGreaterThan(0);
  const before = await sums();
  const erased = await erase();
  expect(erased).toMatchObject({ interactions: 10, payloads: 10, feedback: 1, ratings: 1, scores: 1 });
  expect(traces()).toEqual([]);
  expect(await sums()).toEqual(before);
  expect(await toldToGateways()).toEqual([
    { user: userPseudonym(USER, 'test-desk'), until: erased['until'] },
  ]);
  const [others] = await composed.ledger.query<{ n: number }>(
    "SELECT count() AS n FROM ledger.payloads WHERE end_user = 'somebody-else' AND request != ''",
  );
  expect(others?.n).toBe(10);
});

test('what is delivered afterwards goes by itself, the chain is whole and names nobody', async () => {
  await deliver('2', rowsFrom(100));
  expect(traces().length).toBeGreaterThan(0);
  const before = await sums();
  clock.advance(61_000);
  await composed.schedule.tick();
  expect(traces()).toEqual([]);
  expect(await sums()).toEqual(before);
  const subjects: string[] = [];
  for await (const entry of composed.state.audit.entries())
    subjects.push(`${entry.act} ${JSON.stringify(entry)}`);
  expect(subjects.filter((text) => text.startsWith('person.erase'))).toHaveLength(2);
  expect(subjects.join('\n')).not.toContain(USER);
  const verdict = await composed.app.inject({ method: 'GET', url: '/api/audit/verify', headers });
  expect(verdict.json()).toMatchObject({ sound: true });
});

test('an unknown person is no error; without the admin token nobody is erased', async () => {
  expect(await erase()).toMatchObject({ interactions: 0, payloads: 0 });
  const answer = await composed.app.inject({
    method: 'POST',
    url: '/api/people/erase',
    headers: { host: '127.0.0.1:7071', 'content-type': 'application/json' },
    payload: JSON.stringify({ user: USER }),
  });
  expect(answer.statusCode).toBe(401);
});

test('gateways are told for a little more than a day, then no longer', async () => {
  expect((await toldToGateways())?.length).toBeGreaterThan(0);
  clock.advance(28 * 3_600_000);
  await composed.schedule.tick();
  expect(await toldToGateways()).toBeUndefined();
});

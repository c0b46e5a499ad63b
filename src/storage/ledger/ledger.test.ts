// The ledger and exactly-once ingestion, against a real chDB in a real child process.
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SpoolRow } from '../../contract/interaction.ts';
import { systemClock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { formatUsd, parseUsd } from '../../kernel/money.ts';
import { encodeFrame } from '../spool/frame.ts';
import { carrySpool } from '../spool/carry-spool.ts';
import { openSpool } from '../spool/spool.ts';
import { openSqliteState } from '../state/sql-state.ts';
import { sampleBegin, sampleEnd, sampleFeedback } from '../testing/sample-rows.ts';
import { type ScratchFolder, scratchFolder } from '../testing/scratch-folder.ts';
import { type Ingestor, createIngestor } from './ingest-range.ts';
import type { LedgerClient } from './ledger.ts';
import { openLedger } from './ledger-child.ts';
import type { RangeStore } from './range-store.ts';

let folder: ScratchFolder;
let ledger: LedgerClient;

beforeAll(async () => {
  folder = await scratchFolder();
  ledger = await openLedger({ directory: join(folder.path, 'ledger'), logger: silentLogger });
});
afterAll(async () => {
  await ledger.close();
  await folder[Symbol.asyncDispose]();
});

const frames = (rows: readonly SpoolRow[]): Buffer => Buffer.concat(rows.map(encodeFrame));

const end = (user: string, costAtto = 1n, changes = {}) => {
  const now = Date.now();
  return sampleEnd(sampleBegin(newId('int', now), now, { end_user: user }), costAtto, 300, changes);
};

async function totals(user: string): Promise<{ n: number; cost: string }> {
  const rows = await ledger.query<{ n: number; cost: string }>(
    'SELECT count() AS n, toString(sum(cost_usd)) AS cost FROM ledger.interactions WHERE end_user = {user:String}',
    { user },
  );
  return rows[0] ?? { n: 0, cost: '0' };
}

test('a batch sent twice is there once, in each of its tables', async () => {
  const rows = Array.from({ length: 50 }, (_, index) =>
    end('twice', BigInt(index), {
      findings: [
        {
          guardrail: 'pii',
          type: 'PERSON',
          direction: 'input',
          start: 1,
          end: 4,
          score: 0.9,
          action: 'redact',
          place: 'messages.0',
        },
      ],
    }),
  );
  const batch = { name: 'gw/seg/8-100', frames: frames(rows) };
  const report = await ledger.ingest(batch);
  expect(report.rows).toEqual({ attempts: 50, findings: 50, payloads: 50, interactions: 50 });
  await ledger.ingest(batch);
  for (const table of ['interactions', 'attempts', 'findings', 'payloads']) {
    const [row] = await ledger.query<{ n: number }>(
      `SELECT count() AS n FROM ledger.${table} WHERE end_user = 'twice'`,
    );
    expect(row?.n, table).toBe(50);
  }
  expect(await totals('twice')).toEqual({ n: 50, cost: '0.000000000000001225' });
});

test('every field of an interaction comes back as it was recorded, money to the last digit', async () => {
  const cost = parseUsd('12345.000000000000000001');
  const row = end('fields"; DROP TABLE ledger.interactions --', cost, {
    scores: { groundedness: 0.25 },
    tags: ['a,b', "it's"],
    status: 'disconnected',
    usage: null,
    ttft_ms: null,
    saved_usd: null,
  });
  await ledger.ingest({ name: 'gw/seg/fields', frames: frames([row]) });
  const [stored] = await ledger.query<Record<string, unknown>>(
    'SELECT *, toUnixTimestamp64Milli(at) AS at_ms FROM ledger.interactions WHERE id = {id:String}',
    { id: row.id },
  );
  expect(stored).toMatchObject({
    end_user: row.end_user,
    at_ms: row.at,
    tags: row.tags,
    status: 'disconnected',
    usage_known: false,
    cost_usd: formatUsd(cost),
    saved_usd: null,
    ttft_ms: null,
    scores: { groundedness: 0.25 },
    attempt_count: 1,
  });
});

test('later facts carry the time and the dimensions of their interaction, also in the same batch', async () => {
  const known = end('late');
  const feedback = sampleFeedback(newId('fbk', Date.now()), known.id, known.at + 86_400_000);
  const stranger = sampleFeedback(
    'fbk_2',
    `int_${(5000).toString(16).padStart(12, '0')}${'a'.repeat(20)}`,
    9e11,
  );
  await ledger.ingest({ name: 'gw/seg/late', frames: frames([feedback, stranger, known]) });
  const rows = await ledger.query(
    'SELECT id, prompt, end_user, toUnixTimestamp64Milli(at) AS at, rating FROM ledger.feedback ORDER BY at',
  );
  expect(rows).toEqual([
    { id: 'fbk_2', prompt: '', end_user: '', at: 5000, rating: 2 },
    { id: feedback.id, prompt: 'customer-support', end_user: 'late', at: known.at, rating: 2 },
  ]);
});

test("feedback of another key than the interaction's is left out and counted, before and after it is known", async () => {
  const known = end('tenant');
  const from = (id: string, key: string, interaction = known.id) => ({
    ...sampleFeedback(id, interaction, Date.now()),
    key,
  });
  const rows = [
    known,
    from('fbk_own', 'key_sample'),
    from('fbk_foreign', 'key_other'),
    from('fbk_keyless', ''),
  ];
  const report = await ledger.ingest({ name: 'gw/seg/tenant', frames: frames(rows) });
  expect(report.foreign).toBe(1);
  const later = end('tenant');
  const early = [from('fbk_early', 'key_sample', later.id), from('fbk_early_foreign', 'key_other', later.id)];
  expect((await ledger.ingest({ name: 'gw/seg/tenant-1', frames: frames(early) })).foreign).toBe(0);
  expect((await ledger.ingest({ name: 'gw/seg/tenant-2', frames: frames([later]) })).foreign).toBe(1);
  const kept = await ledger.query<{ id: string; key: string }>(
    'SELECT id, key FROM ledger.feedback WHERE interaction IN {ids:Array(String)} ORDER BY id',
    { ids: [known.id, later.id] },
  );
  expect(kept.map(({ id }) => id)).toEqual(['fbk_early', 'fbk_keyless', 'fbk_own']);
  expect(new Set(kept.map(({ key }) => key))).toEqual(new Set(['key_sample']));
});

test('facts that come before their interaction end with its dimensions, once, also across a restart and sent again', async () => {
  const later = end('early', 1n, { prompt: 'returns', version: '7', model: 'large' });
  const at = later.at + 1000;
  const score = {
    row: 'score' as const,
    id: 'scr_early',
    at,
    interaction: later.id,
    scorer: 'x',
    score: 0.5,
  };
  const rows = [
    sampleFeedback('fbk_before', later.id, at),
    { ...score, reason: 'r', cost_usd: '0.000000000000000001' },
  ];
  const early = { name: 'gw/seg/early-1', frames: frames(rows) };
  await ledger.ingest(early);
  process.kill((await ledger.figures()).processId as number, 'SIGKILL');
  await expect.poll(() => ledger.query('SELECT 1 AS one').catch(() => null)).toEqual([{ one: 1 }]);
  const own = { name: 'gw/seg/early-2', frames: frames([later]) };
  for (const batch of [own, early, own, { ...early, name: 'gw/seg/early-3', onlyMissing: true }])
    await ledger.ingest(batch);
  const columns = 'interaction, toUnixTimestamp64Milli(at) AS at, key, prompt, version, model, end_user';
  const expected = { at: later.at, key: 'key_sample', prompt: 'returns', version: '7', model: 'large' };
  for (const [table, more] of [
    ['feedback', ", comment AS own, labels[1] AS other, ''  AS cost"],
    ['scores', ', reason AS own, scorer AS other, toString(cost_usd) AS cost'],
  ] as const)
    expect(
      await ledger.query(`SELECT ${columns}${more} FROM ledger.${table} WHERE interaction = {id:String}`, {
        id: later.id,
      }),
      table,
    ).toEqual([
      {
        interaction: later.id,
        ...expected,
        end_user: 'early',
        own: table === 'feedback' ? 'It was wrong.' : 'r',
        other: table === 'feedback' ? 'bias' : 'x',
        cost: table === 'feedback' ? '' : '0.000000000000000001',
      },
    ]);
});

test('early facts and their interactions at the same time, in batches side by side: each fact once, none without its prompt', async () => {
  const ends = Array.from({ length: 40 }, () => end('side-by-side'));
  await Promise.all(
    ends.flatMap((one, index) => [
      ledger.ingest({ name: `gw/seg/side-e${index}`, frames: frames([one]) }),
      ledger.ingest({
        name: `gw/seg/side-f${index}`,
        frames: frames([sampleFeedback(`fbk_side_${index}`, one.id, one.at)]),
      }),
    ]),
  );
  const rows = await ledger.query<{ prompt: string; n: number; ids: number }>(
    "SELECT prompt, count() AS n, uniqExact(id) AS ids FROM ledger.feedback WHERE startsWith(id, 'fbk_side_') GROUP BY prompt",
  );
  expect(rows).toEqual([{ prompt: 'customer-support', n: 40, ids: 40 }]);
});

test('a row that no table can hold is left out and named, the rest is kept', async () => {
  const bad = { ...end('poison'), latency_ms: 'soon' } as never;
  const report = await ledger.ingest({
    name: 'gw/seg/poison',
    frames: frames([end('poison'), bad, end('poison')]),
  });
  expect(report.rejected).toMatchObject([{ position: 1 }]);
  expect((await totals('poison')).n).toBe(2);
});

test('only missing rows are inserted where that is asked', async () => {
  const rows = [end('missing'), end('missing'), end('missing')];
  await ledger.ingest({ name: 'gw/seg/m1', frames: frames(rows.slice(0, 2)) });
  await ledger.ingest({ name: 'gw/seg/m2', frames: frames(rows), onlyMissing: true });
  expect((await totals('missing')).n).toBe(3);
  const [attempts] = await ledger.query<{ n: number }>(
    "SELECT count() AS n FROM ledger.attempts WHERE end_user = 'missing'",
  );
  expect(attempts?.n).toBe(3);
});

test('a killed ledger process fails what it was asked retryably and comes back by itself', async () => {
  const before = await ledger.figures();
  const lost = ledger.query('SELECT sleep(2)');
  await sleep(100);
  process.kill(before.processId as number, 'SIGKILL');
  await expect(lost).rejects.toMatchObject({
    code: 'ledger_unavailable',
    isRetryable: true,
    httpStatus: 503,
  });
  expect(await ledger.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect((await ledger.figures()).restarts).toBe(before.restarts + 1);
});

test('a process that is stopped is ended and started again, one that works for long is not', async () => {
  await using scratch = await scratchFolder();
  const said: string[] = [];
  const own = await openLedger({
    directory: join(scratch.path, 'ledger'),
    logger: { log: (_level, message) => void said.push(message) },
    hungAfter: 1000,
  });
  try {
    const { processId } = await own.figures();
    expect(await own.query('SELECT sleep(2.5) AS slept')).toEqual([{ slept: 0 }]);
    expect(await own.figures()).toMatchObject({ processId, restarts: 0 });
    process.kill(processId as number, 'SIGSTOP');
    // Asked how it is, as the console does each second: no work that would excuse its silence.
    const probed = expect(own.figures()).rejects.toMatchObject({ code: 'ledger_unavailable' });
    await sleep(300);
    const lost = own.query('SELECT 1 AS one');
    const begun = Date.now();
    await expect(lost).rejects.toMatchObject({ code: 'ledger_unavailable', isRetryable: true });
    expect(Date.now() - begun).toBeLessThan(8000);
    await probed;
    expect(await own.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await own.figures()).restarts).toBe(1);
    expect((await own.ingest({ name: 'gw/seg/hung', frames: frames([end('hung')]) })).rows).toMatchObject({
      interactions: 1,
    });
    expect(said.filter((message) => message.includes('does not answer'))).toHaveLength(1);
  } finally {
    await own.close();
  }
});

test('a wrong statement is an error of its own, not an outage', async () => {
  await expect(ledger.query('SELECT nonsense')).rejects.toMatchObject({ code: 'ledger_error' });
});

/** A console that dies before or after any of its steps: each call may throw. */
function failing(store: RangeStore, dice: () => boolean): RangeStore {
  const maybe = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (dice()) throw new Error('died before');
    const value = await work();
    if (dice()) throw new Error('died after');
    return value;
  };
  return {
    progress: (gateway, segment) => store.progress(gateway, segment),
    begin: (...args) => maybe(() => store.begin(...args)),
    finish: (...args) => maybe(() => store.finish(...args)),
    seal: (...args) => maybe(() => store.seal(...args)),
  };
}

test('spool to ledger exactly once, with crashes at every step and a spool that goes on growing', async () => {
  await using scratch = await scratchFolder();
  const state = await openSqliteState({ path: join(scratch.path, 'state.db'), clock: systemClock });
  const spool = await openSpool({
    directory: join(scratch.path, 'spool'),
    durability: 'process',
    clock: systemClock,
    logger: silentLogger,
    segmentBytes: 40_000,
  });
  let seed = 7;
  const dice = (): boolean => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % 5 === 0;
  let rolls = 0;
  const ingestor: Ingestor = createIngestor({
    ledger: {
      ...ledger,
      async ingest(batch) {
        const report = await ledger.ingest(batch);
        if (dice()) throw new Error('died after the insert');
        return report;
      },
    },
    ranges: failing(state.ranges, dice),
    clock: systemClock,
    logger: silentLogger,
  });
  let expected = 0n;
  let count = 0;
  let taken = 1;
  for (let round = 0; round < 20 || taken > 0; round += 1) {
    if (round < 12) {
      const cost = BigInt(1_000_000 + round);
      await Promise.all(Array.from({ length: 10 }, () => spool.appendDurable(end('spooled', cost))));
      expected += 10n * cost;
      count += 10;
    } else if (round === 12) {
      await spool.rotate();
    }
    try {
      taken = await carrySpool(
        spool,
        (range, bytes) => ingestor.ingestRange({ ...range, bytes }),
        round % 2 === 0 ? 9000 : 30_000,
      );
    } catch {
      rolls += 1;
      taken = 1;
    }
  }
  expect(rolls).toBeGreaterThan(3);
  const sums = await totals('spooled');
  expect({ n: sums.n, cost: parseUsd(sums.cost) }).toEqual({ n: count, cost: expected });
  const seals: string[] = [];
  for await (const entry of state.audit.entries()) seals.push(entry.subject);
  expect(seals.length).toBeGreaterThan(1);
  expect(new Set(seals).size).toBe(seals.length);
  expect(spool.figures()).toMatchObject({ segments: 1, unacknowledgedBytes: 0 });
  await spool.close();
  await state.close();
});

test('rows that the store lost with its process, while it kept the name of their insert, are brought in by the next try', async () => {
  await using scratch = await scratchFolder();
  const state = await openSqliteState({ path: join(scratch.path, 'state.db'), clock: systemClock });
  const ingestor = createIngestor({ ledger, ranges: state.ranges, clock: systemClock, logger: silentLogger });
  const bytes = frames([end('named'), end('named')]);
  const to = 8 + bytes.length;
  const range = { gateway: newId('gw', 2), segment: newId('seg', 2), from: 8, to, bytes, sha256: null };
  await state.ranges.begin(range.gateway, range.segment, 8, to);
  const name = `${range.gateway}/${range.segment}/8-${to}`;
  await ledger.ingest({ name, frames: bytes });
  await ledger.command(
    "ALTER TABLE ledger.interactions DELETE WHERE end_user = 'named' SETTINGS mutations_sync = 1",
  );
  await ledger.ingest({ name, frames: bytes });
  expect((await totals('named')).n, 'the name alone keeps them out').toBe(0);
  expect(await ingestor.ingestRange(range)).toMatchObject({ acknowledged: to, interactions: 2 });
  expect((await totals('named')).n).toBe(2);
  const [payloads] = await ledger.query<{ n: number }>(
    "SELECT count() AS n FROM ledger.payloads WHERE end_user = 'named'",
  );
  expect(payloads?.n).toBe(2);
  await state.close();
});

test('what is no range of whole rows is refused, a gap asks for what is missing', async () => {
  await using scratch = await scratchFolder();
  const state = await openSqliteState({ path: join(scratch.path, 'state.db'), clock: systemClock });
  const ingestor = createIngestor({ ledger, ranges: state.ranges, clock: systemClock, logger: silentLogger });
  const bytes = frames([end('refused')]);
  const base = { gateway: newId('gw', 1), segment: newId('seg', 1), sha256: null };
  const to = 8 + bytes.length;
  await expect(
    ingestor.ingestRange({ ...base, from: 8, to: to - 1, bytes: bytes.subarray(0, -1) }),
  ).rejects.toMatchObject({ code: 'bad_range', httpStatus: 400 });
  await expect(ingestor.ingestRange({ ...base, from: 8, to: to + 1, bytes })).rejects.toMatchObject({
    code: 'bad_range',
  });
  await expect(
    ingestor.ingestRange({ ...base, gateway: "x'; --", from: 8, to, bytes }),
  ).rejects.toMatchObject({ code: 'bad_range' });
  expect(await ingestor.ingestRange({ ...base, from: 500, to: 500 + bytes.length, bytes })).toMatchObject({
    acknowledged: 8,
  });
  expect(await ingestor.ingestRange({ ...base, from: 8, to, bytes })).toMatchObject({
    acknowledged: to,
    interactions: 1,
  });
  expect(await ingestor.ingestRange({ ...base, from: 8, to, bytes })).toMatchObject({
    acknowledged: to,
    interactions: 0,
  });
  expect((await totals('refused')).n).toBe(1);
  await state.close();
});

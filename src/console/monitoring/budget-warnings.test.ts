// Lines of budgets that were crossed, through a real ledger and outbox: each is told to every channel once, those of end users once a day.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../contract/interaction.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { openLedger } from '../../storage/ledger/ledger-child.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { encodeFrame } from '../../storage/spool/frame.ts';
import { openSqliteState } from '../../storage/state/sql-state.ts';
import type { StateStore } from '../../storage/state/state.ts';
import { sampleBegin, sampleEnd } from '../../storage/testing/sample-rows.ts';
import type { Notification } from '../notifications/notification.ts';
import { NOTIFY_JOB, Outbox } from '../notifications/outbox.ts';
import { tellBudgetWarnings } from './budget-warnings.ts';

const NOON = Date.UTC(2026, 4, 5, 12);
const clock = new ManualClock(NOON);
let folder: string;
let ledger: LedgerClient;
let state: StateStore;

const finding = (place: string, percentage: number): Finding => ({
  guardrail: 'budget',
  type: `BUDGET_${percentage}_PERCENT`,
  direction: 'input',
  start: 0,
  end: 0,
  score: 1,
  action: 'flag',
  place,
});

function crossing(minutes: number, place: string, percentage: number, user = 'u'): Buffer {
  const at = NOON + minutes * 60_000;
  const begin = sampleBegin(newId('int', at), at, { end_user: user, key: 'key_shop' });
  return encodeFrame(sampleEnd(begin, 1n, 0, { findings: [finding(place, percentage)] }));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-budget-warnings-'));
  ledger = await openLedger({ directory: join(folder, 'ledger'), logger: silentLogger });
  state = await openSqliteState({ path: join(folder, 'state.sqlite'), clock });
  const frames = [
    crossing(-3 * 1440, 'team', 80),
    crossing(-20, 'team', 80),
    crossing(-10, 'team', 100),
    crossing(-9, 'shop', 80),
    crossing(-8, 'each', 80, 'anna'),
    crossing(-7, 'each', 80, 'boris'),
    crossing(-6, 'gone', 80),
  ];
  await ledger.ingest({ name: 'a/crossings', frames: Buffer.concat(frames) });
}, 60_000);
afterAll(async () => {
  await ledger.close();
  await state.close();
  rmSync(folder, { recursive: true, force: true });
});

async function onTheirWay(): Promise<{ channel: string; notification: Notification }[]> {
  const found: { channel: string; notification: Notification }[] = [];
  for (let job = await state.jobs.claim([NOTIFY_JOB], 1000); job !== null;) {
    found.push(job.payload as (typeof found)[number]);
    await state.jobs.finish(job.id, job.tries, {});
    job = await state.jobs.claim([NOTIFY_JOB], 1000);
  }
  return found;
}

it('tells every channel of each line crossed in the last day, once', async () => {
  const channel = {
    kind: 'webhook',
    url: 'http://127.0.0.1:9/',
    secret: 'x'.repeat(32),
    headers: {},
  } as const;
  const outbox = new Outbox({
    jobs: state.jobs,
    clock,
    logger: silentLogger,
    channels: () => ({ desk: channel, night: channel }) as never,
    resolve: (text) => text,
  });
  const budget = { period: 'month', amount_usd: '50', hard: false } as const;
  const tell = (): Promise<void> =>
    tellBudgetWarnings({
      ledger,
      clock,
      outbox,
      budgets: () => [
        { ...budget, name: 'team', subject: 'workspace' },
        { ...budget, name: 'shop', subject: 'key', hard: true },
        { ...budget, name: 'each', subject: 'user' },
      ],
    });
  await tell();
  await tell();
  const told = await onTheirWay();
  const titles = told.map(({ channel: to, notification }) => `${to}: ${notification.title}`);
  expect(titles.sort()).toEqual([
    'desk: Budget "each": 80 % used',
    'desk: Budget "shop": 80 % used',
    'desk: Budget "team": 100 % used',
    'desk: Budget "team": 80 % used',
    'night: Budget "each": 80 % used',
    'night: Budget "shop": 80 % used',
    'night: Budget "team": 100 % used',
    'night: Budget "team": 80 % used',
  ]);
  const text = JSON.stringify(told);
  expect(text).toContain('of the key key_shop are used. Beyond 100 % requests are refused.');
  expect(text).not.toContain('anna');
  clock.advance(3_600_000);
  await tell();
  expect(await onTheirWay()).toEqual([]);
});

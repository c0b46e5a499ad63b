// A joined part with a file cut short, as a full disk leaves it: found by whoever reads it, and also where nobody does, while what it was
// joined from is still there; nothing is lost.
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { BinnacleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { encodeFrame } from '../spool/frame.ts';
import { sampleBegin, sampleEnd } from '../testing/sample-rows.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { openLedger } from './ledger-child.ts';
import type { LedgerClient } from './ledger.ts';
import { brokenPart } from './part-watch.ts';

const BATCHES = 8;
const ROWS = 500;
/** Of a test on a slow machine. */
const LONGEST_MS = 60_000;

/** With a ledger whose interactions have been joined into one part. */
async function inJoined(work: (ledger: LedgerClient) => Promise<void>): Promise<void> {
  await using folder = await scratchFolder();
  const ledger = await openLedger({ directory: join(folder.path, 'ledger'), logger: silentLogger });
  try {
    await fill(ledger);
    await work(ledger);
  } finally {
    await ledger.close();
  }
}

async function fill(ledger: LedgerClient): Promise<void> {
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const now = Date.now();
    const frames = Array.from({ length: ROWS }, () =>
      encodeFrame(sampleEnd(sampleBegin(newId('int', now), now), 1n, 300)),
    );
    await ledger.ingest({ name: `gw/seg/${batch}`, frames: Buffer.concat(frames) });
  }
  await ledger.command('OPTIMIZE TABLE ledger.interactions FINAL');
}

async function joinedPart(ledger: LedgerClient): Promise<string> {
  const parts = await ledger.query<{ path: string }>(
    "SELECT path FROM system.parts WHERE database = 'ledger' AND table = 'interactions' AND active",
  );
  expect(parts).toHaveLength(1);
  return parts[0]?.path ?? '';
}

async function summed(ledger: LedgerClient): Promise<unknown> {
  const sql =
    'SELECT count() AS rows, toString(sum(cost_usd)) AS cost, uniqExact(id) AS ids FROM ledger.interactions';
  const [row] = await ledger.query(sql);
  return row;
}

const whole = { rows: BATCHES * ROWS, cost: '0.000000000000004', ids: BATCHES * ROWS };

test.each(['data.cmrk4', 'data.bin'])(
  '%s is empty: found by who reads it',
  async (file) => {
    await inJoined(async (ledger) => {
      truncateSync(join(await joinedPart(ledger), file), 0);
      // Who meets it may try again; once in hundreds of runs the look every few seconds is sooner.
      const told = await summed(ledger).catch((error: unknown) => (error as BinnacleError).code);
      expect(['ledger_unavailable', whole]).toContainEqual(told);
      expect(await summed(ledger)).toEqual(whole);
      expect((await ledger.figures()).restarts).toBe(1);
    });
  },
  LONGEST_MS,
);

test(
  'found also where nobody reads it',
  async () => {
    await inJoined(async (ledger) => {
      truncateSync(join(await joinedPart(ledger), 'data.cmrk4'), 0);
      const restarts = async (): Promise<number> => (await ledger.figures()).restarts;
      await expect.poll(restarts, { timeout: 15_000, interval: 500 }).toBe(1);
      expect(await summed(ledger)).toEqual(whole);
    });
  },
  LONGEST_MS,
);

test(
  'whole parts are left alone',
  async () => {
    await inJoined(async (ledger) => {
      await joinedPart(ledger);
      await new Promise((resolve) => setTimeout(resolve, 9_000));
      expect((await ledger.figures()).restarts).toBe(0);
      expect(await summed(ledger)).toEqual(whole);
    });
  },
  LONGEST_MS,
);

test(
  'other failures are about no part',
  () => {
    const reading = '(while reading from part /data/202611_1_8_2/ in table ledger.interactions)';
    expect(brokenPart(`Code: 246. DB::Exception: Empty marks file: ${reading}`)).toBe('/data/202611_1_8_2/');
    expect(brokenPart(`Code: 241. DB::Exception: Memory limit exceeded: ${reading}`)).toBeUndefined();
    expect(brokenPart('Code: 246. DB::Exception: something else')).toBeUndefined();
  },
  LONGEST_MS,
);

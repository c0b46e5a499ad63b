// The spool on a real disk: rotation, crashes, a full disk, kill -9.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SpoolRow } from '../../contract/interaction.ts';
import { systemClock } from '../../kernel/clock.ts';
import { BinnacleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { frameRows } from './frame.ts';
import { sampleBegin, sampleEnd, sampleFeedback } from '../testing/sample-rows.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { type SegmentCalls, segmentCalls } from './segment-writer.ts';
import type { SpoolOptions } from './spool-options.ts';
import { type Spool, openSpool } from './spool.ts';

function open(directory: string, changes: Partial<SpoolOptions> = {}): Promise<Spool> {
  return openSpool({
    directory,
    durability: 'durable',
    clock: systemClock,
    logger: silentLogger,
    probeMilliseconds: 5,
    ...changes,
  });
}

async function allRows(spool: Spool, acknowledge = false, maxBytes?: number): Promise<SpoolRow[]> {
  const rows: SpoolRow[] = [];
  for (;;) {
    const ranges = await spool.ranges(maxBytes);
    for (const range of ranges) {
      const bytes = await spool.read(range);
      expect(frameRows(bytes).end).toBe(bytes.length);
      rows.push(...frameRows(bytes).rows);
      if (acknowledge) await spool.acknowledge(range.segment, range.to);
    }
    if (!acknowledge || ranges.length === 0) return rows;
  }
}

const begin = (changes = {}) => sampleBegin(newId('int', Date.now()), Date.now(), changes);

test('rows come back whole, through rotation, in ranges of whole rows, and acknowledged segments are deleted', async () => {
  await using folder = await scratchFolder();
  const spool = await open(folder.path, { segmentBytes: 20_000 });
  const sent: string[] = [];
  for (let index = 0; index < 60; index += 1) {
    const row = begin();
    spool.append(row);
    await spool.appendDurable(sampleEnd(row, 1n));
    sent.push(row.id);
  }
  expect(spool.figures().segments).toBeGreaterThan(2);
  const rows = await allRows(spool, true, 5000);
  const ends = rows.filter((row) => row.row === 'end').map((row) => row.id);
  expect(ends.sort()).toEqual(sent.sort());
  expect(spool.figures()).toMatchObject({
    segments: 1,
    unacknowledgedBytes: 0,
    oldestUnacknowledgedAt: null,
  });
  await spool.close();
});

test('a durable row is on the disk before its promise resolves, and concurrent rows share a sync', async () => {
  await using folder = await scratchFolder();
  let syncs = 0;
  const calls: SegmentCalls = {
    ...segmentCalls,
    async synchronise(descriptor) {
      syncs += 1;
      await segmentCalls.synchronise(descriptor);
    },
  };
  const spool = await open(folder.path, { calls });
  syncs = 0;
  await Promise.all(Array.from({ length: 500 }, () => spool.appendDurable(sampleEnd(begin(), 1n))));
  expect(syncs).toBeGreaterThan(0);
  expect(syncs).toBeLessThan(20);
  const loose = await open(join(folder.path, 'loose'), { calls, durability: 'process' });
  syncs = 0;
  await loose.appendDurable(sampleEnd(begin(), 1n));
  expect(syncs).toBe(0);
  await spool.close();
  await loose.close();
});

test('a sealed segment names the SHA-256 of its file, also of one whose last write was cut short', async () => {
  await using folder = await scratchFolder();
  let isCut = false;
  const calls: SegmentCalls = {
    ...segmentCalls,
    async write(descriptor, bytes, offset, length, position) {
      if (!isCut) return segmentCalls.write(descriptor, bytes, offset, length, position);
      await segmentCalls.write(descriptor, bytes, offset, length >> 1, position);
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    },
  };
  const spool = await open(folder.path, { calls });
  const add = (text: string): Promise<void> => spool.appendDurable(sampleFeedback(text, 'int_1', 5));
  for (const text of ['fbk_1', 'fbk_2']) await add(text);
  await spool.rotate();
  await add('fbk_3');
  isCut = true;
  await expect(add('fbk_4')).rejects.toMatchObject({ code: 'spool_unavailable' });
  isCut = false;
  await expect.poll(() => spool.isWritable()).toBe(true);
  await add('fbk_5');
  await spool.rotate();
  const sealed = await spool.ranges();
  expect(sealed).toHaveLength(3);
  for (const { segment, sha256 } of sealed) {
    const bytes = await readFile(join(folder.path, `${segment}.spool`));
    expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
  expect((await allRows(spool)).map(({ id }) => id)).toEqual(['fbk_1', 'fbk_2', 'fbk_3', 'fbk_5']);
  await spool.close();
});

test('an interaction open across rotations and a crash becomes interrupted at its reserved cost, once', async () => {
  await using folder = await scratchFolder();
  const crashed = await open(folder.path);
  const left = begin({ reserved_usd: '0.0375' });
  crashed.append(left);
  const done = begin();
  crashed.append(done);
  await crashed.rotate();
  await crashed.appendDurable(sampleEnd(done, 3n));
  await crashed.rotate();
  for (const range of await crashed.ranges()) await crashed.acknowledge(range.segment, range.to);
  // Not closed: the process is taken to have died here. A torn tail is left behind as well.
  const [live] = (await readdir(folder.path)).filter((name) => name.endsWith('.spool'));
  await appendFile(join(folder.path, live as string), Buffer.from([200, 0, 0, 0, 1, 2, 3, 4, 123]));
  const spool = await open(folder.path);
  expect(spool.interrupted).toBe(1);
  const again = await open(folder.path);
  expect(again.interrupted).toBe(0);
  const ends = (await allRows(again)).filter((row) => row.row === 'end');
  expect(ends).toHaveLength(1);
  expect(ends[0]).toMatchObject({ id: left.id, status: 'interrupted', cost_usd: '0.0375', usage: null });
  await again.close();
});

test('a full disk is a 503, leaves nothing half-written, and is over by itself when there is room', async () => {
  await using folder = await scratchFolder();
  let full = false;
  const calls: SegmentCalls = {
    ...segmentCalls,
    async write(descriptor, bytes, offset, length, position) {
      if (!full) return segmentCalls.write(descriptor, bytes, offset, length, position);
      if (length > 100) return segmentCalls.write(descriptor, bytes, offset, 100, position);
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    },
  };
  const spool = await open(folder.path, { calls });
  const before = begin();
  spool.append(before);
  await spool.appendDurable(sampleEnd(before, 1n));
  full = true;
  const refused = await Promise.allSettled(
    Array.from({ length: 20 }, () => spool.appendDurable(sampleEnd(begin(), 1n))),
  );
  for (const result of refused) {
    expect(result.status).toBe('rejected');
    const reason: unknown = result.status === 'rejected' ? result.reason : null;
    expect(reason).toBeInstanceOf(BinnacleError);
    expect(reason).toMatchObject({ code: 'spool_unavailable', httpStatus: 503, retryAfterSeconds: 1 });
  }
  expect(spool.isWritable()).toBe(false);
  expect(() => spool.append(begin())).toThrow(BinnacleError);
  full = false;
  await expect.poll(() => spool.isWritable()).toBe(true);
  const after = begin();
  await spool.appendDurable(sampleEnd(after, 1n));
  await spool.close();
  const reopened = await open(folder.path);
  const ends = (await allRows(reopened)).filter((row) => row.row === 'end');
  expect(ends.map((row) => row.id)).toEqual([before.id, after.id]);
  expect(reopened.interrupted).toBe(0);
  await reopened.close();
});

test('what a full disk refused although it was paid for is recorded once there is room, at the cost it had', async () => {
  await using folder = await scratchFolder();
  let full = false;
  const calls: SegmentCalls = {
    ...segmentCalls,
    write: (...call) =>
      full
        ? Promise.reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }))
        : segmentCalls.write(...call),
  };
  const spool = await open(folder.path, { calls });
  const paid = [begin(), begin(), begin()];
  for (const row of paid) spool.append(row);
  await spool.appendDurable(sampleEnd(begin(), 1n));
  full = true;
  // The first meets the disk, the others a spool that is known to be unwritable.
  for (const row of paid)
    await expect(spool.appendDurable(sampleEnd(row, 7n))).rejects.toMatchObject({
      code: 'spool_unavailable',
    });
  full = false;
  await expect.poll(() => spool.figures().openInteractions).toBe(0);
  await spool.close();
  const reopened = await open(folder.path);
  expect(reopened.interrupted).toBe(0);
  const rows = (await allRows(reopened)).filter((row) => row.row === 'end');
  const late = rows.filter((row) => row.row === 'end' && row.status === 'interrupted');
  expect(late.map((row) => row.id).sort()).toEqual(paid.map(({ id }) => id).sort());
  for (const row of late) expect(row).toMatchObject({ cost_usd: '0.000000000000000007', http_status: 0 });
  expect(rows).toHaveLength(4);
  await reopened.close();
});

test('a segment ages by time that passes, also when the clock is set back an hour', async () => {
  await using folder = await scratchFolder();
  let offset = 0;
  const clock = { now: () => Date.now() + offset, monotonic: () => performance.now() };
  const spool = await open(folder.path, { clock, segmentAge: 100 });
  offset = -3_600_000;
  const begun = { ...begin(), at: clock.now() };
  await spool.appendDurable(sampleEnd(begun, 1n));
  await expect
    .poll(async () => (await spool.ranges()).filter(({ sha256 }) => sha256 !== null), { timeout: 3_000 })
    .toHaveLength(1);
  await spool.close();
});

test('a console that fetches nothing fills the spool up to its bound and no further', async () => {
  await using folder = await scratchFolder();
  const spool = await open(folder.path, { maxBytes: 30_000, segmentBytes: 5000 });
  const outcome = async (): Promise<void> => {
    for (let index = 0; index < 100; index += 1) await spool.appendDurable(sampleEnd(begin(), 1n));
  };
  await expect(outcome()).rejects.toMatchObject({ code: 'spool_unavailable' });
  expect(spool.figures().bytes).toBeLessThan(35_000);
  await allRows(spool, true);
  await spool.appendDurable(sampleEnd(begin(), 1n));
  await spool.close();
});

test('kill -9 of the writer: each row whose promise resolved is there once, open ones are interrupted', async () => {
  await using folder = await scratchFolder();
  const script = join(import.meta.dirname, '../testing/endless-writer.ts');
  const child = spawn(process.execPath, [script, folder.path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.length > 40_000) child.kill('SIGKILL');
  });
  await once(child, 'close');
  const safe = output.split('\n').slice(0, -1);
  const spool = await open(folder.path);
  const ends = (await allRows(spool)).filter((row) => row.row === 'end');
  const ids = new Set(ends.map((row) => row.id));
  expect(safe.length).toBeGreaterThan(100);
  expect(ids.size).toBe(ends.length);
  expect(safe.filter((id) => !ids.has(id))).toEqual([]);
  expect(spool.interrupted).toBeGreaterThan(0);
  expect(ends.filter((row) => row.row === 'end' && row.status === 'interrupted')).toHaveLength(
    spool.interrupted,
  );
  await spool.close();
});

/** Syncs, each of no time at all, that 800 rows of 40 callers take where writes wait so long for one another. */
async function syncsOf(directory: string, gatherMilliseconds: number): Promise<number> {
  let syncs = 0;
  const synchronise = (): Promise<void> => {
    syncs += 1;
    return Promise.resolve();
  };
  const spool = await open(directory, { calls: { ...segmentCalls, synchronise }, gatherMilliseconds });
  const before = syncs;
  const caller = async (_: unknown, which: number): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) {
      // Each comes in a turn of its own, as requests do.
      for (let turns = 0; turns <= (which + turn) % 40; turns += 1)
        await new Promise((resolve) => setImmediate(resolve));
      await spool.appendDurable(sampleEnd(begin(), 1n));
    }
  };
  await Promise.all(Array.from({ length: 40 }, caller));
  const after = syncs;
  await spool.close();
  return after - before;
}

test('where many wait for each write, writes wait a moment for one another: one sync serves more rows', async () => {
  await using waiting = await scratchFolder();
  await using atOnce = await scratchFolder();
  expect(await syncsOf(waiting.path, 1)).toBeLessThan(0.7 * (await syncsOf(atOnce.path, 0)));
});

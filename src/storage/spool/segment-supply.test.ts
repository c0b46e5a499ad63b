// Segments made ready ahead, on a real disk: one is used once, none is left behind, and want of room is told to who needs the segment.
import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { SegmentSupply } from './segment-supply.ts';
import { type SegmentCalls, segmentCalls } from './segment-writer.ts';

const supplyIn = (directory: string, calls: Partial<SegmentCalls> = {}, durable = true): SegmentSupply =>
  new SegmentSupply({
    directory,
    clock: new ManualClock(1_000_000),
    calls: { ...segmentCalls, ...calls },
    durable,
  });

test('what was made ready is next, once; names ascend although the clock stands', async () => {
  await using folder = await scratchFolder();
  const supply = supplyIn(folder.path);
  supply.prepare(0);
  supply.prepare(0);
  const first = await supply.next(0);
  const second = await supply.next(0);
  expect(await readdir(folder.path)).toHaveLength(2);
  expect([second.segment, first.segment].sort()).toEqual([first.segment, second.segment]);
  await first.close();
  await second.close();
});

test('closing removes what was made ready and not used', async () => {
  await using folder = await scratchFolder();
  const supply = supplyIn(folder.path);
  supply.prepare(0);
  await supply.close();
  expect(await readdir(folder.path)).toEqual([]);
});

test('where there was no room to make one ready it is tried again when it is needed, and then told', async () => {
  await using folder = await scratchFolder();
  let isFull = true;
  const noRoom = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const supply = supplyIn(folder.path, {
    write: (...all) => (isFull ? Promise.reject(noRoom) : segmentCalls.write(...all)),
  });
  supply.prepare(0);
  await expect(supply.next(0)).rejects.toThrow('no space left');
  expect(await readdir(folder.path)).toEqual([]);
  isFull = false;
  const writer = await supply.next(0);
  expect(await readdir(folder.path)).toHaveLength(1);
  await writer.close();
});

test.each([
  [true, 1],
  [false, 0],
])('a new segment is synced where its rows must survive power loss (durable: %s)', async (durable, syncs) => {
  await using folder = await scratchFolder();
  let made = 0;
  const synchronise = (descriptor: number): Promise<void> => {
    made += 1;
    return segmentCalls.synchronise(descriptor);
  };
  const writer = await supplyIn(folder.path, { synchronise }, durable).next(0);
  expect(made).toBe(syncs);
  await writer.close();
});

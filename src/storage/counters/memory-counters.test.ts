// Memory counters pass the contract, and budgets survive a kill.
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { sampleBegin, sampleEnd } from '../testing/sample-rows.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { rebuildBudgets, writeCheckpoint } from './budget-checkpoint.ts';
import { countersContract } from './counters-contract.ts';
import { MemoryCounters } from './memory-counters.ts';

describe('memory', () => {
  countersContract(() => {
    const clock = new ManualClock(1000);
    return Promise.resolve({ clock, counters: new MemoryCounters(clock) });
  });
});

test('a budget survives a kill: checkpoint and spool rows add up, none twice', async () => {
  await using folder = await scratchFolder();
  const period = { budget: 'monthly/workspace', start: 0, end: 1e13 };
  const rows = [5n, 7n, 11n].map((cost, index) => sampleEnd(sampleBegin(`int_${index}`, index), cost));
  const before = new MemoryCounters(new ManualClock(1));
  before.addSpent(period, 100n);
  before.addSpent(period, 5n);
  before.reserve([{ period, limit: null }], 50n);
  await writeCheckpoint(folder.path, before, ['int_0']);
  const after = new MemoryCounters(new ManualClock(2));
  expect(await rebuildBudgets(folder.path, after, rows, () => [period])).toEqual({ accounts: 1, rows: 2 });
  expect(after.budget(period)).toEqual({ settled: 123n, reserved: 0n });
  const empty = new MemoryCounters(new ManualClock(2));
  expect(await rebuildBudgets(`${folder.path}/none`, empty, rows, () => [period])).toEqual({
    accounts: 0,
    rows: 3,
  });
});

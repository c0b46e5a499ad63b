// Budgets across a restart: what was settled is written aside and renamed, together with how far the spool was counted; at the start
// the checkpoint is read and the spool's later end rows are added, so that nothing spent before a kill is forgotten or counted twice.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EndRow } from '../../contract/interaction.ts';
import { formatUsd, parseUsd } from '../../kernel/money.ts';
import { replaceFile } from '../spool/segment-file.ts';
import type { BudgetPeriod } from './counters.ts';
import type { MemoryCounters } from './memory-counters.ts';

interface Checkpoint {
  /** Interactions whose cost is in the accounts although their rows may still be in the spool. */
  readonly counted: readonly string[];
  readonly accounts: readonly { readonly account: string; readonly end: number; readonly settled: string }[];
}

const FILE = 'budgets.json';

/** Writes the settled amounts. `counted`: ids of the ended interactions still in the spool whose cost they include. */
export async function writeCheckpoint(
  directory: string,
  counters: MemoryCounters,
  counted: readonly string[],
): Promise<void> {
  const accounts = counters
    .accounts()
    .map(({ account, end, settled }) => ({ account, end, settled: formatUsd(settled) }));
  await replaceFile(directory, FILE, JSON.stringify({ counted, accounts } satisfies Checkpoint));
}

/**
 * Fills fresh counters from the checkpoint and the end rows found in the spool (interrupted ones too, at their reserved cost).
 * `periodsOf` says which budgets an interaction counts against.
 */
export async function rebuildBudgets(
  directory: string,
  counters: MemoryCounters,
  rows: AsyncIterable<EndRow> | Iterable<EndRow>,
  periodsOf: (row: EndRow) => readonly BudgetPeriod[],
): Promise<{ readonly accounts: number; readonly rows: number }> {
  const checkpoint = await readCheckpoint(directory);
  for (const { account, end, settled } of checkpoint.accounts) {
    counters.restore({ account, end, settled: parseUsd(settled), reserved: 0n });
  }
  const counted = new Set(checkpoint.counted);
  let added = 0;
  for await (const row of rows) {
    if (counted.has(row.id) || row.cost_usd === null) continue;
    counted.add(row.id);
    added += 1;
    for (const period of periodsOf(row)) counters.addSpent(period, parseUsd(row.cost_usd));
  }
  return { accounts: checkpoint.accounts.length, rows: added };
}

async function readCheckpoint(directory: string): Promise<Checkpoint> {
  try {
    return JSON.parse(await readFile(join(directory, FILE), 'utf8')) as Checkpoint;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { counted: [], accounts: [] };
    throw error;
  }
}

// What went wrong in a whole-system run, one line each, from what clients saw, what phases saw and what is stored. Values in, values out.
import { attoOf, type Outcome } from './mixed-load.ts';
import type { Reconciled, Stored } from './reconcile.ts';
import type { Counts } from './whole-installation.ts';
import { PURSE } from './whole-workspace.ts';

export interface Evidence {
  readonly outcomes: readonly Outcome[];
  readonly stored: Stored;
  readonly reconciled: Reconciled;
  /** Ids of answers that phases asked for, and what the ledger must call each. */
  readonly wanted: ReadonlyMap<string, string>;
  readonly crashes: Counts;
  /** Decimal US$ that the workspace's budget has settled or holds. */
  readonly settledUsd: string;
  /** Notifications received, by their type. */
  readonly notified: ReadonlyMap<string, number>;
}

/** Atto-dollars as decimal US$. */
export function usd(atto: bigint): string {
  const digits = atto.toString().padStart(19, '0');
  return `${digits.slice(0, -18)}.${digits.slice(-18)}`.replace(/\.?0+$/, '');
}

const some = (what: string, ids: readonly string[]): string[] =>
  ids.length === 0 ? [] : [`${ids.length} ${what}: ${ids.slice(0, 3).join(', ')}`];

function misrecorded({ wanted, stored }: Evidence): string[] {
  const rows = new Map(stored.interactions.map((row) => [row.id, row]));
  return [...wanted].flatMap(([id, status]) => {
    const row = rows.get(id);
    if (row?.status === status) return [];
    return [`${id} of ${row?.model} is recorded as ${row?.status ?? 'nothing'}, not as ${status}`];
  });
}

function moneyFaults({ settledUsd, stored, reconciled, outcomes }: Evidence): string[] {
  const faults: string[] = [];
  if (attoOf(settledUsd) !== reconciled.recorded)
    faults.push(`budgets settled US$ ${settledUsd}, the ledger recorded US$ ${usd(reconciled.recorded)}`);
  const dear = stored.interactions.filter(({ model }) => model === 'dear');
  const spent = dear.reduce((sum, { cost }) => sum + attoOf(cost ?? '0'), 0n);
  if (spent > PURSE) faults.push(`a hard budget of US$ ${usd(PURSE)} let US$ ${usd(spent)} be spent`);
  if (!outcomes.some(({ kind, code }) => kind === 'purse' && code === 'budget_exceeded'))
    faults.push('the hard budget of a key never refused');
  return faults;
}

/** What people must have been told: a budget's line is crossed, and the errors of the faulty vendors fire an alert. */
export const TOLD = ['budget.warning', 'alert.fired'] as const;

/** Empty: all is as it must be. */
export function verdict(evidence: Evidence): string[] {
  const { outcomes, reconciled, crashes, notified } = evidence;
  return [
    ...outcomes.flatMap(({ phase, kind, fault }) => (fault === null ? [] : [`${phase}, ${kind}: ${fault}`])),
    ...some('lost', reconciled.lost),
    ...some('doubled', reconciled.doubled),
    ...some('at a wrong cost', reconciled.wrongCost),
    ...some('finished and recorded otherwise', reconciled.wrongStatus),
    ...some('running backwards', reconciled.backwards),
    ...some('interrupted and recorded otherwise', reconciled.wrongInterrupted),
    ...misrecorded(evidence),
    ...moneyFaults(evidence),
    ...Object.entries(crashes).flatMap(([name, count]) =>
      count === 0 ? [] : [`${name}: ${count} deaths that nobody asked for`],
    ),
    ...(outcomes.some(({ cacheHit }) => cacheHit) ? [] : ['the cache was never hit']),
    ...(evidence.stored.findings > 0 ? [] : ['guardrails found nothing']),
    ...(reconciled.interrupted > 0 ? [] : ['nothing was interrupted']),
    ...TOLD.filter((type) => !notified.has(type)).map((type) => `nobody was told ${type}`),
  ];
}

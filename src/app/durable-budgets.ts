// Budgets of one gateway across its restarts: filled at the start from the checkpoint and the spool, and written aside before the spool
// deletes anything they were counted from.
import { mkdirSync } from 'node:fs';
import type { EndRow } from '../contract/interaction.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import type { Clock } from '../kernel/clock.ts';
import { BudgetKeeper } from '../limits/budget-keeper.ts';
import { rebuildBudgets, writeCheckpoint } from '../storage/counters/budget-checkpoint.ts';
import type { BudgetPeriod } from '../storage/counters/counters.ts';
import { MemoryCounters } from '../storage/counters/memory-counters.ts';
import { frameRows } from '../storage/spool/frame.ts';
import type { Spool } from '../storage/spool/spool.ts';

/** A row is in the spool within this time of being settled, milliseconds. */
const WRITTEN_WITHIN_MS = 5_000;
const SECOND_MS = 1_000;
/** From the beginning of the second it was settled in until its row is in the spool, at most. */
const GONE_AFTER_MS = SECOND_MS + WRITTEN_WITHIN_MS;
/** No row lies longer than this in a segment that is not yet sealed. */
const SEALED_WITHIN_MS = 120_000;

export interface DurableBudgets {
  readonly counters: MemoryCounters;
  /** Hears of each interaction whose cost was settled. */
  readonly noteSettled: (interaction: string) => void;
  /** The spool as the pusher gets it: the checkpoint is written before a segment is deleted. */
  readonly spool: Pick<Spool, 'gateway' | 'ranges' | 'read' | 'acknowledge'>;
}

export interface DurableBudgetsOptions {
  readonly directory: string;
  readonly spool: Spool;
  readonly clock: Clock;
  /** Whose rules the spool's rows count against. */
  readonly snapshot: Pick<Snapshot, 'budgets' | 'keys'> | null;
}

async function* endRows(spool: Pick<Spool, 'ranges' | 'read'>): AsyncGenerator<EndRow> {
  for (const range of await spool.ranges(Number.MAX_SAFE_INTEGER))
    for (const row of frameRows(await spool.read(range)).rows) if (row.row === 'end') yield row;
}

/** Which budgets a recorded interaction counts against. */
function periodsBy(
  snapshot: Pick<Snapshot, 'budgets' | 'keys'>,
  keeper: BudgetKeeper,
): (row: EndRow) => readonly BudgetPeriod[] {
  const names = new Map(snapshot.keys.map(({ id, name }) => [id, name]));
  return ({ key, end_user, prompt, workspace, at }) => {
    const caller = { keyId: key, keyName: names.get(key) ?? '', user: end_user, prompt, workspace };
    return keeper.claims(snapshot.budgets, caller, at).map(({ period }) => period);
  };
}

const LINE_END = 10;

/** Ids one behind another in one piece of memory: so many texts would be copied by each collection of garbage. */
class IdList {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  add(id: string): void {
    if (this.#length + id.length + 1 > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(2 * this.#bytes.length + id.length);
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    // One by one: a call out of the engine costs more than so few of them.
    for (let index = 0; index < id.length; index += 1)
      this.#bytes[this.#length + index] = id.charCodeAt(index);
    this.#bytes[this.#length + id.length] = LINE_END;
    this.#length += id.length + 1;
  }

  /** Gives back the room that is not used: nothing more is added. */
  close(): void {
    this.#bytes = Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  all(): string[] {
    return this.#bytes.toString('latin1', 0, this.#length).split('\n').slice(0, -1);
  }
}

/** What was settled within a second. */
interface Second {
  /** When it began, and how long ago that was by the clock that nobody sets. */
  readonly at: number;
  readonly since: number;
  readonly ids: IdList;
}

/** Interactions that are in the accounts and may still be in the spool; kept by the second, since a console may be away for long. */
class Counted {
  readonly #clock: Clock;
  readonly #spool: Pick<Spool, 'figures'>;
  /** In the order of their settling. */
  #seconds: Second[] = [];

  constructor(clock: Clock, spool: Pick<Spool, 'figures'>) {
    this.#clock = clock;
    this.#spool = spool;
  }

  note(interaction: string): void {
    const at = this.#clock.now();
    const since = this.#clock.monotonic();
    const last = this.#seconds.at(-1);
    const isWithin =
      last !== undefined && at >= last.at && at < last.at + SECOND_MS && since < last.since + SECOND_MS;
    if (isWithin) return last.ids.add(interaction);
    last?.ids.close();
    const ids = new IdList();
    ids.add(interaction);
    this.#seconds.push({ at, since, ids });
  }

  /** Forgets those whose rows are gone from the spool, and names the others. */
  ids(): string[] {
    const { oldestUnacknowledgedAt } = this.#spool.figures();
    const oldest = oldestUnacknowledgedAt ?? Infinity;
    const sealed = this.#clock.monotonic() - SEALED_WITHIN_MS;
    const kept = this.#seconds.findIndex(
      ({ at, since }) => at + GONE_AFTER_MS >= oldest || since + GONE_AFTER_MS >= sealed,
    );
    this.#seconds = kept === -1 ? [] : this.#seconds.slice(kept);
    return this.#seconds.flatMap(({ ids }) => ids.all());
  }
}

async function* noted(rows: AsyncIterable<EndRow>, counted: Counted): AsyncGenerator<EndRow> {
  for await (const row of rows) {
    counted.note(row.id);
    yield row;
  }
}

/** Opens the budgets of a gateway whose spool has just been opened (and repaired). */
export async function openDurableBudgets(options: DurableBudgetsOptions): Promise<DurableBudgets> {
  const { directory, spool, clock, snapshot } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const counters = new MemoryCounters(clock);
  const counted = new Counted(clock, spool);
  const hasBudgets = snapshot !== null && snapshot.budgets.length > 0;
  if (hasBudgets)
    await rebuildBudgets(
      directory,
      counters,
      noted(endRows(spool), counted),
      periodsBy(snapshot, new BudgetKeeper(counters)),
    );
  const sealed = new Map<string, number>();
  return {
    counters,
    noteSettled: (interaction) => counted.note(interaction),
    spool: {
      gateway: spool.gateway,
      read: (range) => spool.read(range),
      ranges: async (maxBytes, most) => {
        const ranges = await spool.ranges(maxBytes, most);
        for (const { segment, to, sha256 } of ranges) if (sha256 !== null) sealed.set(segment, to);
        return ranges;
      },
      acknowledge: async (segment, to) => {
        const end = sealed.get(segment);
        if (end !== undefined && to >= end) {
          sealed.delete(segment);
          if (counters.accounts().length > 0) await writeCheckpoint(directory, counters, counted.ids());
        }
        await spool.acknowledge(segment, to);
      },
    },
  };
}

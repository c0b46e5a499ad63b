// Works through a list with bounded concurrency, in order of the list. Stops handing out work once told to; what is under way ends.

export interface PoolOptions {
  readonly concurrency: number;
  readonly isStopped: () => boolean;
}

/** Runs `work` on each item; rejects with the first failure after what was under way has ended. */
export async function workThrough<Item>(
  items: readonly Item[],
  options: PoolOptions,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    while (next < items.length && failures.length === 0 && !options.isStopped()) {
      const item = items[next] as Item;
      next += 1;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const lanes = Math.max(1, Math.min(options.concurrency, items.length));
  await Promise.all(Array.from({ length: lanes }, lane));
  if (failures.length > 0) throw failures[0];
}

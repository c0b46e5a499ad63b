// How long work keeps its thread from everything else, for tests and benchmarks of guardrails on texts made to be slow.

/** Milliseconds of processor time: neighbours on the machine don't count. */
export const used = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

/** The most that this thread works between two turns of the event loop while `work` is under way. */
export async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let last = used(process.threadCpuUsage());
  let longest = 0;
  const look = (): void => {
    const now = used(process.threadCpuUsage());
    longest = Math.max(longest, now - last);
    last = now;
  };
  let isDone = false;
  const watch = (): void => {
    look();
    if (!isDone) setImmediate(watch);
  };
  setImmediate(watch);
  await work();
  isDone = true;
  look();
  return longest;
}

// The processes of a running installation as fault harnesses see them: which is which, killing one, and when what it did is done again.
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Started } from '../end-to-end/installation.ts';

export const KILLED = ['gateway', 'console', 'ledger', 'supervisor'] as const;
export type Killed = (typeof KILLED)[number];

/** What must answer again after a kill; the ledger is asked a real question, since `/readyz` notices its death only at the next probe. */
export const ANSWERING: Readonly<Record<Killed, (gateway: string, console: string) => string[]>> = {
  gateway: (gateway) => [`${gateway}/readyz`],
  console: (_gateway, console) => [`${console}/readyz`],
  ledger: (_gateway, console) => [`${console}/api/cost/today`],
  supervisor: (gateway, console) => [`${gateway}/readyz`, `${console}/readyz`],
};

/** Process ids of the children of `parent` whose command line names `module`. */
function childrenOf(parent: number, module: string): number[] {
  const listed = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return listed.split('\n').flatMap((line) => {
    const [, pid, ppid, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(ppid) === parent && command?.includes(module) === true ? [Number(pid)] : [];
  });
}

/** The process that holds the data folder, whichever launcher started it. */
function supervisorOf(started: Started): number {
  const launcher = started.child.pid ?? 0;
  return childrenOf(launcher, 'cli/main')[0] ?? launcher;
}

export function victimOf(started: Started, which: Killed): number | undefined {
  const supervisor = supervisorOf(started);
  if (which === 'supervisor') return supervisor;
  const [console] = childrenOf(supervisor, 'app/console.');
  if (which === 'ledger') return console === undefined ? undefined : childrenOf(console, 'ledger-process')[0];
  return which === 'console' ? console : childrenOf(supervisor, 'app/gateway.')[0];
}

async function answers(url: string, token: string | undefined): Promise<boolean> {
  try {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(500) });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false;
  }
}

/** Milliseconds from `since` until all of these answer; throws after half a minute. */
export async function untilReady(urls: readonly string[], since: number, token?: string): Promise<number> {
  for (;;) {
    const ready = await Promise.all(urls.map((url) => answers(url, token)));
    const waited = performance.now() - since;
    if (ready.every(Boolean)) return waited;
    if (waited > 30_000) throw new Error(`not ready after 30 s: ${urls.join(', ')}`);
    await pause(20);
  }
}

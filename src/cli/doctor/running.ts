// What runs: gateway, console and its stores, and whether their clock is this machine's.
import { z } from 'zod';
import { healthSchema } from '../../contract/api.ts';
import { messageOf } from '../../kernel/errors.ts';
import { fault, ok, warning, type Finding } from './finding.ts';

type Answer = { readonly status: number; readonly body: unknown } | { readonly error: string };

async function ask(url: string): Promise<Answer> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    return { error: cause === undefined ? messageOf(error) : messageOf(cause) };
  }
}

const START = 'Start it with "binnacle up".';

export async function checkGateway(url: string): Promise<Finding> {
  const ready = await ask(`${url}/readyz`);
  if ('error' in ready) return warning('gateway', `${url} does not answer (${ready.error})`, START);
  if (ready.status === 200) return ok('gateway', `${url} is ready`);
  return fault(
    'gateway',
    `${url} answers ${ready.status} to /readyz`,
    'It has no snapshot or can not write its spool: see /healthz and the log in the data folder.',
  );
}

/** The console's own view of snapshot, ledger, spool and workers, one finding a fault. */
export async function checkConsole(url: string): Promise<Finding[]> {
  const answer = await ask(`${url}/healthz`);
  if ('error' in answer) return [warning('console', `${url} does not answer (${answer.error})`, START)];
  const health = healthSchema.safeParse(answer.body);
  if (answer.status !== 200 || !health.success)
    return [
      fault(
        'console',
        `what answers at ${url} is no console of this version`,
        'Set console.port in binnacle.yaml, or stop the other program.',
      ),
    ];
  const { ledger, spool, faults } = health.data;
  const stores = `ledger ${ledger.state}, spool lag ${Math.round((spool.lag_ms ?? 0) / 1000)} s`;
  return [
    ok('console', `${url} answers`),
    ledger.state === 'ready'
      ? ok('stores', stores)
      : fault(
          'stores',
          stores,
          'The ledger is started again by itself; if it stays down see the log in the data folder.',
        ),
    ...faults.map((text) => warning('health', text, 'See what it names.')),
  ];
}

const dateSchema = z
  .string()
  .transform((text) => Date.parse(text))
  .pipe(z.number());
const CLOCK_LIMIT_MS = 5_000;

/** This machine's clock against the `Date` of a provider's answer. */
export function checkClock(dateHeader: string | null, now: number): Finding {
  const theirs = dateSchema.safeParse(dateHeader);
  if (!theirs.success)
    return ok('clock', `${new Date(now).toISOString()} (no provider answered to compare it with)`);
  const off = now - theirs.data;
  const detail = `${Math.abs(off / 1000).toFixed(0)} s ${off >= 0 ? 'ahead of' : 'behind'} a provider's clock`;
  return Math.abs(off) <= CLOCK_LIMIT_MS
    ? ok('clock', detail)
    : warning('clock', detail, 'Set the clock (NTP): prices, budgets and days are cut by it.');
}

// What the soaked gateway serves: the benchmarks' model with limits, budgets and a prompt whose answers are cached.
import type { Snapshot } from '../../src/contract/snapshot.ts';
import { cachedPrompts } from '../gateway/limited.ts';
import { benchSnapshot } from '../gateway/targets.ts';

/** Its own: other benches may run beside it. */
export const SOAK_UPSTREAM_PORT = 18_295;

export function soakSnapshot(): Snapshot {
  const unlimited = { of: null, concurrent: 10_000 };
  const bench = benchSnapshot('process');
  const providers = Object.fromEntries(
    Object.entries(bench.providers).map(([name, provider]) => [
      name,
      { ...provider, baseUrl: `http://127.0.0.1:${SOAK_UPSTREAM_PORT}/v1` },
    ]),
  );
  return {
    ...bench,
    providers,
    version: 'soak',
    prompts: cachedPrompts(),
    limits: [
      { name: 'users', subject: 'user', ...unlimited, requestsPerMinute: 1_000_000, tokensPerMinute: null },
      {
        name: 'all',
        subject: 'workspace',
        ...unlimited,
        requestsPerMinute: null,
        tokensPerMinute: 1_000_000_000,
      },
    ],
    budgets: [
      {
        name: 'all',
        subject: 'workspace',
        of: null,
        period: 'day',
        timeZone: 'UTC',
        amountUsd: '100000',
        hard: true,
      },
      {
        name: 'users',
        subject: 'user',
        of: null,
        period: 'day',
        timeZone: 'Europe/Berlin',
        amountUsd: '1000',
        hard: true,
      },
    ],
  };
}

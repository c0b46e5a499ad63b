// What the benchmark's `limits` targets serve: a key is needed; requests, tokens and places of the key and of the end user are counted; the key and
// the workspace have hard budgets; and there is a prompt whose answers are kept. All of it is far too large ever to refuse.
import type { BudgetRule, LimitRule, Snapshot } from '../../src/contract/snapshot.ts';
import { hashApiKey } from '../../src/limits/api-key.ts';
import { sampleVersion } from '../../src/prompts/testing/sample-version.ts';
import { BENCH_SECRET } from './gateway-process.ts';
import { BENCH_KEY } from './wire.ts';

/** The prompt that is served with a time to live, so that its answers are looked for in the cache and kept there. */
export const CACHED_PROMPT = 'cached';

const PROMPT = sampleVersion({
  name: CACHED_PROMPT,
  version: '1.0',
  promptId: `${CACHED_PROMPT}-v1.0`,
  model: 'bench',
  systemPrompt: 'Answer.',
  userPromptTemplate: '{question}',
  cacheTtlSeconds: 30,
});

/** Prompts whose answers are kept for half a minute. */
export function cachedPrompts(): Snapshot['prompts'] {
  return {
    [CACHED_PROMPT]: { labels: { production: PROMPT.version }, versions: { [PROMPT.version]: PROMPT } },
  };
}

const limitOf = (subject: LimitRule['subject']): LimitRule => ({
  name: `each ${subject}`,
  subject,
  of: null,
  requestsPerMinute: 100_000_000,
  tokensPerMinute: 1_000_000_000,
  concurrent: 10_000,
});

const budgetOf = (subject: BudgetRule['subject']): BudgetRule => ({
  name: `of ${subject}`,
  subject,
  of: null,
  period: 'day',
  timeZone: 'UTC',
  amountUsd: '1000000000',
  hard: true,
});

/** A snapshot with everything on that decides whether a request may be sent. */
export function limited(snapshot: Snapshot): Snapshot {
  return {
    ...snapshot,
    version: `${snapshot.version}-limited`,
    prompts: cachedPrompts(),
    keys: [
      {
        id: 'key_bench',
        name: 'bench',
        hash: hashApiKey(BENCH_KEY, BENCH_SECRET),
        expiresAt: null,
        prompts: [],
        models: [],
        routes: [],
        roles: ['call'],
      },
    ],
    limits: [limitOf('key'), limitOf('user')],
    budgets: [budgetOf('key'), budgetOf('workspace')],
  };
}

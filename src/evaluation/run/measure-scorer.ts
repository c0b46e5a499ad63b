// Scorers of what an answer took, not of what it says: `latency` (option `most_ms`) and `cost` (option `most_usd`). 1 within the bound, 0
// beyond it.
import { UsageError } from '../../kernel/errors.ts';
import { parseUsd } from '../../kernel/money.ts';
import type { ScorerUse } from '../suite.ts';
import type { RunScorer } from './answer-scorer.ts';

export function isMeasureScorer(name: string): boolean {
  return name === 'latency' || name === 'cost';
}

/** Throws a UsageError where the bound is missing. */
export function measureScorer(use: ScorerUse): RunScorer {
  return use.scorer === 'latency' ? latencyScorer(use) : costScorer(use);
}

function latencyScorer(use: ScorerUse): RunScorer {
  const most = use.options['most_ms'];
  if (typeof most !== 'number' || most <= 0)
    throw new UsageError('The scorer "latency" needs options.most_ms, milliseconds.', 'options.most_ms');
  return {
    use,
    score: ({ call }) =>
      Promise.resolve({
        score: Number(call.latency_ms <= most),
        reason: `${call.latency_ms.toFixed(0)} ms of at most ${most} ms`,
      }),
  };
}

function costScorer(use: ScorerUse): RunScorer {
  const written = use.options['most_usd'];
  if (typeof written !== 'string' && typeof written !== 'number')
    throw new UsageError('The scorer "cost" needs options.most_usd, such as "0.01".', 'options.most_usd');
  const most = parseUsd(String(written));
  return {
    use,
    score: ({ call }) =>
      Promise.resolve(
        call.cost_usd === null
          ? { score: null, reason: 'the cost is not known: the model has no price' }
          : {
              score: Number(parseUsd(call.cost_usd) <= most),
              reason: `$${call.cost_usd} of at most $${written}`,
            },
      ),
  };
}

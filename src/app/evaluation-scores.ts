// A run's scores as rows of the ledger, keyed by the interaction they grade. Only answers made by this run: what was kept has its rows.
import type { RunResult } from '../evaluation/run/run-result.ts';
import { newId } from '../kernel/ids.ts';
import type { EvaluationGateway } from './evaluation-gateway.ts';

export function recordScores(result: RunResult, gateway: EvaluationGateway, now: number): void {
  for (const { outcome, was_kept, scores } of result.answers) {
    if (was_kept || outcome.status !== 'answered') continue;
    for (const { scorer, score, reason, cost_usd } of scores) {
      gateway.record({
        row: 'score',
        id: newId('scr', now),
        at: now,
        interaction: outcome.interaction,
        scorer,
        score,
        reason: reason.slice(0, 1000),
        cost_usd: cost_usd ?? null,
      });
    }
  }
}

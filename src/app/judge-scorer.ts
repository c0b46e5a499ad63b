// A judge of the workspace as a scorer for `score --scorer judge:NAME`: asked through the gateway's stages, priced and recorded.
import { setTimeout as sleep } from 'node:timers/promises';
import { KeptCalls, WITHOUT_JOURNAL } from '../evaluation/run/kept-calls.ts';
import { SpendCeiling } from '../evaluation/run/spend-ceiling.ts';
import { lineScorer } from '../evaluation/run/line-scorer.ts';
import { systemClock } from '../kernel/clock.ts';
import { newId } from '../kernel/ids.ts';
import type { Scorer } from '../scoring/scorer.ts';
import { startEvaluationGateway } from './evaluation-gateway.ts';
import { JudgeDesk } from './evaluation-judges.ts';
import type { RunRequest } from './evaluation-run.ts';

type JudgeScorerParts = Pick<
  RunRequest,
  'snapshot' | 'judges' | 'workspaceFolder' | 'dataFolder' | 'environment' | 'logger'
>;

const AT_ONCE = 8;

/** Starts a gateway for it; `close` ends it. Throws a UsageError for an unknown judge. */
export async function openJudgeScorer(name: string, parts: JudgeScorerParts): Promise<Scorer> {
  const run = newId('run', systemClock.now());
  const desk = new JudgeDesk({ ...parts, signal: new AbortController().signal, comparesTargets: false });
  const judge = desk.scorer(name, { scorer: `judge:${name}`, weight: 1, safety: false, options: {} });
  const unlimited = new SpendCeiling(null);
  const gateway = await startEvaluationGateway({
    ...parts,
    run,
    served: [],
    ceilingOf: (tags) => desk.ceilingOf(tags) ?? unlimited,
    concurrency: AT_ONCE,
  });
  const calls = new KeptCalls({
    ...WITHOUT_JOURNAL,
    ask: (call) => gateway.ask(call),
    retries: 2,
    sleep: (milliseconds) => sleep(milliseconds),
  });
  desk.open(calls, run);
  return lineScorer({ ...judge, close: () => gateway.close() });
}

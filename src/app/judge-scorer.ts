// A judge of the workspace as a scorer for `score --scorer judge:NAME`: asked through the gateway's stages, priced and recorded.
import { setTimeout as sleep } from 'node:timers/promises';
import { KeptCalls } from '../evaluation/run/kept-calls.ts';
import { SpendCeiling } from '../evaluation/run/spend-ceiling.ts';
import type { FinishedCall } from '../evaluation/run/gateway-call.ts';
import { systemClock } from '../kernel/clock.ts';
import { newId } from '../kernel/ids.ts';
import type { Scorer, ScorerInput } from '../scoring/scorer.ts';
import { startEvaluationGateway } from './evaluation-gateway.ts';
import { JudgeDesk } from './evaluation-judges.ts';
import type { RunRequest } from './evaluation-run.ts';

type JudgeScorerParts = Pick<
  RunRequest,
  'snapshot' | 'judges' | 'workspaceFolder' | 'dataFolder' | 'environment' | 'logger'
>;

const CONNECTIONS = 8;

/** What judges are told of a line beside its texts. */
const NOT_ASKED = { model: '', route: '', attempts: [], findings: [], usage: null, ttft_ms: null };

function callOf(input: ScorerInput, interaction: string): FinishedCall {
  const text = typeof input.output === 'string' ? input.output : input.output.join('\n');
  return { status: 'answered', text, interaction, cost_usd: null, latency_ms: 0, ...NOT_ASKED };
}

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
    connections: CONNECTIONS,
  });
  const calls = new KeptCalls({
    ask: (call) => gateway.ask(call),
    journal: { record: () => Promise.resolve() },
    known: new Map(),
    retries: 2,
    sleep: (milliseconds) => sleep(milliseconds),
  });
  desk.open(calls, run);
  let line = 0;
  return {
    name: `judge:${name}`,
    score(input) {
      line += 1;
      const { context, reference, question = '' } = input;
      const first = typeof reference === 'string' ? reference : reference?.flat()[0];
      return judge.score({
        case: {
          variables: { question },
          tags: [],
          weight: 1,
          ...(context === undefined ? {} : { context }),
          ...(first === undefined ? {} : { reference: first }),
        },
        input,
        call: callOf(input, `line ${line}`),
        key: `line ${line}`,
      });
    },
    close: () => gateway.close(),
  };
}

// A scorer of runs for the lines of a file: what a run knows beside the texts (variables, measures of the call) is not known there.
import type { Scorer, ScorerInput } from '../../scoring/scorer.ts';
import type { SuiteCase } from '../suite.ts';
import type { RunScorer } from './answer-scorer.ts';
import type { FinishedCall } from './gateway-call.ts';

const NOT_ASKED = { model: '', route: '', attempts: [], findings: [], usage: null, ttft_ms: null };

function callOf(input: ScorerInput, interaction: string): FinishedCall {
  const text = typeof input.output === 'string' ? input.output : input.output.join('\n');
  return { status: 'answered', text, interaction, cost_usd: null, latency_ms: 0, ...NOT_ASKED };
}

function caseOf({ context, reference, question = '' }: ScorerInput): SuiteCase {
  const first = typeof reference === 'string' ? reference : reference?.flat()[0];
  return {
    variables: { question },
    tags: [],
    weight: 1,
    ...(context === undefined ? {} : { context }),
    ...(first === undefined ? {} : { reference: first }),
  };
}

export function lineScorer(scorer: RunScorer): Scorer {
  let lines = 0;
  return {
    name: scorer.use.scorer,
    score(input) {
      lines += 1;
      const key = `line ${lines}`;
      return scorer.score({ case: caseOf(input), input, call: callOf(input, key), key });
    },
    close: async () => scorer.close?.(),
  };
}

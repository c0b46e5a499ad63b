// One execution of a suite: plan, ask what is not known yet, score, sum up. What serves, what is known and where it is kept are handed in.
import { EVALUATION_TAG } from '../../contract/own-tags.ts';
import type { Clock } from '../../kernel/clock.ts';
import { formatUsd, parseUsd } from '../../kernel/money.ts';
import type { Suite, SuiteCase, Target } from '../suite.ts';
import {
  isUnsafe,
  qualityOf,
  scoreAnswer,
  scorerInput,
  type AnswerToScore,
  type GivenScore,
  type RunScorer,
} from './answer-scorer.ts';
import { isFinished, type CallOutcome, type FinishedCall } from './gateway-call.ts';
import type { KeptCalls } from './kept-calls.ts';
import { variablesFor, type PlannedAnswer } from './plan.ts';
import type { RunAnswer, RunCase, RunResult } from './run-result.ts';
import { summariseTargets } from './summarise.ts';
import { workThrough } from './work-pool.ts';

export interface RunParts {
  readonly run: string;
  readonly suite: Suite;
  readonly targets: readonly Target[];
  readonly plan: readonly PlannedAnswer[];
  readonly repeats: number;
  readonly calls: KeptCalls;
  readonly scorers: readonly RunScorer[];
  /** Whether pairwise judges compare the two targets' answers (the second against the first) instead of each with the reference. */
  readonly comparesTargets: boolean;
  /** Calls at a time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Hears of each answer that is done: how many of how many. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Answers worked on for each call that may be under way: while one is asked for, the one before is journalled and scored, so that the
 * calls allowed are always in use. What asks holds the bound on calls.
 */
const ANSWERS_A_CALL = 2;

/** Runs it to its end, to the ceiling, or until the signal. */
export async function runSuite(parts: RunParts): Promise<RunResult> {
  const { clock, plan, suite, targets, scorers } = parts;
  const startedAt = clock.now();
  const started = clock.monotonic();
  const answers: RunAnswer[] = [];
  let done = 0;
  let isOverCeiling = false;
  const indexed = plan.map((planned, index) => ({ planned, index }));
  await workThrough(
    indexed,
    {
      concurrency: ANSWERS_A_CALL * parts.concurrency,
      isStopped: () => isOverCeiling || parts.signal.aborted,
    },
    async ({ planned, index }) => {
      const answer = await answerOne(planned, parts);
      if (answer.outcome.status === 'over_ceiling') isOverCeiling = true;
      answers[index] = answer;
      done += 1;
      parts.onProgress(done, plan.length);
    },
  );
  const all = plan.map((planned, index) => answers[index] ?? notAsked(planned));
  if (parts.comparesTargets) await comparePairs(all, parts);
  const cases = suite.cases.map(runCase);
  const uses = scorers.map(({ use }) => use);
  return {
    run: parts.run,
    suite: suite.name,
    started_at: new Date(startedAt).toISOString(),
    ended_at: new Date(clock.now()).toISOString(),
    elapsed_ms: clock.monotonic() - started,
    status: isOverCeiling ? 'over_ceiling' : parts.signal.aborted ? 'stopped' : 'complete',
    targets,
    scorers: uses,
    pass_threshold: suite.passThreshold,
    cases,
    repeats: parts.repeats,
    answers: all,
    summaries: summariseTargets(targets, uses, cases, all),
    spent_usd: spentBy(all),
    calls_made: parts.calls.made,
    calls_kept: parts.calls.kept,
  };
}

async function answerOne(planned: PlannedAnswer, parts: RunParts): Promise<RunAnswer> {
  const target = parts.targets[planned.target] as Target;
  const one = parts.suite.cases[planned.caseIndex] as SuiteCase;
  const { outcome, wasKept } = await parts.calls.make(planned.key, {
    question: {
      kind: 'prompt',
      prompt: target.prompt,
      label: target.label,
      variables: variablesFor(target, one),
    },
    tags: [EVALUATION_TAG, `suite:${parts.suite.name}`, `run:${parts.run}`],
    signal: parts.signal,
  });
  const scores = await scoresOf(outcome, planned, one, target, parts.scorers);
  const uses = parts.scorers.map(({ use }) => use);
  return {
    case: planned.caseIndex,
    target: planned.target,
    repeat: planned.repeat,
    outcome,
    was_kept: wasKept,
    scores,
    quality: scores.length === 0 ? null : qualityOf(scores, uses),
    unsafe: isUnsafe(scores, uses),
  };
}

/** Lets pairwise scorers see both targets' answers of a case, once all are there. */
async function comparePairs(answers: RunAnswer[], parts: RunParts): Promise<void> {
  const comparing = parts.scorers.flatMap((scorer, index) =>
    scorer.compare === undefined ? [] : [{ compare: scorer.compare.bind(scorer), use: scorer.use, index }],
  );
  if (comparing.length === 0 || parts.targets.length !== 2) return;
  const positions = new Map(answers.map((one, index) => [`${one.target}/${one.case}/${one.repeat}`, index]));
  const firsts = answers.filter(({ target }) => target === 0);
  const { concurrency, signal } = parts;
  await workThrough(firsts, { concurrency, isStopped: () => signal.aborted }, async (first) => {
    const at = positions.get(`0/${first.case}/${first.repeat}`) ?? -1;
    const otherAt = positions.get(`1/${first.case}/${first.repeat}`) ?? -1;
    const second = answers[otherAt];
    if (first.outcome.status !== 'answered' || second?.outcome.status !== 'answered') return;
    for (const { compare, use, index } of comparing) {
      const given = await compare(toScore(second, parts), toScore(first, parts));
      const other = given.score === null ? null : 1 - given.score;
      const { cost_usd: _paid, ...free } = given;
      replaceScore(answers, otherAt, index, { scorer: use.scorer, passed: null, ...given }, parts);
      replaceScore(answers, at, index, { scorer: use.scorer, passed: null, ...free, score: other }, parts);
    }
  });
}

function toScore(answer: RunAnswer, parts: RunParts): AnswerToScore {
  const one = parts.suite.cases[answer.case] as SuiteCase;
  const target = parts.targets[answer.target] as Target;
  const call = answer.outcome as FinishedCall;
  const text = call.status === 'answered' ? call.text : '';
  return { case: one, input: scorerInput(one, text, target.contextVariable), call, key: call.interaction };
}

function replaceScore(
  answers: RunAnswer[],
  at: number,
  index: number,
  score: GivenScore,
  parts: RunParts,
): void {
  const answer = answers[at] as RunAnswer;
  const scores = answer.scores.with(index, score);
  const uses = parts.scorers.map(({ use }) => use);
  answers[at] = { ...answer, scores, quality: qualityOf(scores, uses), unsafe: isUnsafe(scores, uses) };
}

/** A blocked or failed answer has no scores: it is counted as what it is. */
async function scoresOf(
  outcome: CallOutcome,
  planned: PlannedAnswer,
  one: SuiteCase,
  target: Target,
  scorers: readonly RunScorer[],
): Promise<GivenScore[]> {
  if (outcome.status !== 'answered') return [];
  const input = scorerInput(one, outcome.text, target.contextVariable);
  const answer: AnswerToScore = { case: one, input, call: outcome, key: planned.key };
  return scoreAnswer(answer, scorers);
}

function notAsked(planned: PlannedAnswer): RunAnswer {
  return {
    case: planned.caseIndex,
    target: planned.target,
    repeat: planned.repeat,
    outcome: { status: 'over_ceiling', message: 'not asked: the run ended before' },
    was_kept: false,
    scores: [],
    quality: null,
    unsafe: false,
  };
}

function runCase({ name, variables, tags, weight }: SuiteCase, index: number): RunCase {
  return { name: name ?? `case ${index + 1}`, variables, tags, weight };
}

/** Answers that were paid for now, and what judges paid. */
function spentBy(answers: readonly RunAnswer[]): string {
  let total = 0n;
  for (const { outcome, was_kept, scores } of answers) {
    const cost = isFinished(outcome) || outcome.status === 'failed' ? outcome.cost_usd : null;
    if (!was_kept && cost !== null) total += parseUsd(cost);
    for (const { cost_usd } of scores) if (cost_usd !== undefined) total += parseUsd(cost_usd);
  }
  return formatUsd(total);
}

// Judges and scorers on a share of live traffic: what is graded is chosen by a hash of the interaction's id, judges are asked through
// the stages of the gateway under a budget of their own, and each score is a new row beside the interaction.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { readingPosition } from '../console/reading-position.ts';
import { gradingCost, liveAnswers, type LiveAnswer } from '../console/queries/live-answers.ts';
import { qualityScorer } from '../evaluation/run/live-scorer.ts';
import { scoreAnswer, type AnswerToScore, type GivenScore } from '../evaluation/run/answer-scorer.ts';
import { KeptCalls, WITHOUT_JOURNAL } from '../evaluation/run/kept-calls.ts';
import { SpendCeiling } from '../evaluation/run/spend-ceiling.ts';
import { DAY_MS } from '../kernel/clock.ts';
import { newId } from '../kernel/ids.ts';
import { parseUsd } from '../kernel/money.ts';
import type { ConsoleEvaluationParts } from './console-evaluation-parts.ts';
import { startEvaluationGateway } from './evaluation-gateway.ts';
import { JudgeDesk } from './evaluation-judges.ts';
import { makeRunScorers } from './evaluation-scorers.ts';

export interface Judged {
  readonly graded: number;
  readonly scores: number;
}

/** One pass takes at most this many answers; the next goes on from there. */
const MOST_A_PASS = 200;
/** How far the first pass of all reaches back. */
const REACH_BACK_MS = 3_600_000;
/** Gateways push what has ended a moment later: judging stays this far behind. */
const BEHIND_MS = 3_000;
const PLACE = { collection: 'online-judging', id: 'position' };

interface Rule {
  /** `judge:NAME` or a scorer's name. */
  readonly scorer: string;
  readonly prompts: readonly string[];
  readonly share: number;
}

function isChosen(interaction: string, { scorer, share }: Rule): boolean {
  const digest = createHash('sha256').update(`${scorer}/${interaction}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48 < share;
}

function concerns(answer: LiveAnswer, rule: Rule): boolean {
  const isItsPrompt = rule.prompts.length === 0 || rule.prompts.includes(answer.prompt);
  return isItsPrompt && isChosen(answer.interaction, rule);
}

/** Grades what came since the last pass. Without rules, or without a served snapshot, nothing is done. */
export async function judgeLiveTraffic(parts: ConsoleEvaluationParts): Promise<Judged> {
  const { sampling } = parts.sampling();
  const rules: Rule[] = [
    ...sampling.judges.map(({ judge, ...rule }) => ({ ...rule, scorer: `judge:${judge}` })),
    ...sampling.scorers,
  ];
  const snapshot = parts.snapshots.served?.snapshot;
  if (rules.length === 0 || snapshot === undefined) return { graded: 0, scores: 0 };
  const to = parts.clock.now() - BEHIND_MS;
  const position = await readingPosition(parts.state.documents, PLACE, to, to - REACH_BACK_MS);
  const { answers, last } = await liveAnswers(parts.ledger, position, to, MOST_A_PASS);
  const chosen = answers.filter((answer) => rules.some((rule) => concerns(answer, rule)));
  const scores = chosen.length === 0 ? 0 : await grade(chosen, rules, parts);
  if (last !== null) await parts.state.documents.put(PLACE.collection, PLACE.id, last);
  return { graded: chosen.length, scores };
}

async function ceilingToday(parts: ConsoleEvaluationParts): Promise<SpendCeiling> {
  const limit = parts.sampling().sampling.max_cost_usd_per_day;
  if (limit === undefined) return new SpendCeiling(null);
  const spent = await gradingCost(parts.ledger, Math.floor(parts.clock.now() / DAY_MS) * DAY_MS);
  const left = parseUsd(limit) - spent;
  return new SpendCeiling(left > 0n ? left : 0n);
}

async function grade(
  answers: readonly LiveAnswer[],
  rules: readonly Rule[],
  parts: ConsoleEvaluationParts,
): Promise<number> {
  const { snapshots, workspace, clock } = parts;
  const snapshot = snapshots.served?.snapshot;
  if (snapshot === undefined) return 0;
  const judges = new Map([...workspace().workspace.judges].map(([name, item]) => [name, item.value]));
  const signal = new AbortController().signal;
  const desk = new JudgeDesk({ judges, snapshot, signal, comparesTargets: false });
  const run = newId('run', clock.now());
  const ceiling = await ceilingToday(parts);
  const gateway = await startEvaluationGateway({
    ...parts,
    run,
    snapshot,
    served: [],
    ceilingOf: () => ceiling,
    concurrency: 4,
  });
  try {
    const calls = new KeptCalls({
      ...WITHOUT_JOURNAL,
      ask: (call) => gateway.ask(call),
      retries: 1,
      sleep: (milliseconds) => sleep(milliseconds),
    });
    desk.open(calls, run);
    const uses = rules.map(({ scorer }) => qualityScorer(scorer));
    const scorers = makeRunScorers(uses, (name, use) => desk.scorer(name, use), parts.workspaceFolder);
    let written = 0;
    for (const answer of answers) {
      const wanted = scorers.filter((_, index) => concerns(answer, rules[index] as Rule));
      const given = await scoreAnswer(toScore(answer), wanted);
      for (const score of given) gateway.record(rowOf(answer, score, clock.now()));
      written += given.length;
    }
    for (const scorer of scorers) await scorer.close?.();
    return written;
  } finally {
    await gateway.close();
  }
}

/** What scorers do not look at. */
const NOT_KNOWN_HERE = { model: '', route: '', attempts: [], findings: [], usage: null, ttft_ms: null };

function toScore({
  interaction,
  question,
  context,
  response,
  cost_usd,
  latency_ms,
}: LiveAnswer): AnswerToScore {
  const about = context === '' ? {} : { context };
  return {
    case: { variables: { question }, ...about, tags: [], weight: 1 },
    input: { output: response, ...about },
    call: {
      status: 'answered',
      text: response,
      interaction,
      cost_usd,
      latency_ms,
      ...NOT_KNOWN_HERE,
    },
    key: interaction,
  };
}

function rowOf(answer: LiveAnswer, { scorer, score, reason, cost_usd }: GivenScore, now: number) {
  return {
    row: 'score' as const,
    id: newId('scr', now),
    at: now,
    interaction: answer.interaction,
    scorer,
    score,
    reason: reason.slice(0, 1000),
    cost_usd: cost_usd ?? null,
  };
}

// What the ledger holds about quality: candidates for people, their ratings, judges' scores, end users' feedback, live scores by model.
import { z } from 'zod';
import type { LiveScores, Satisfaction } from '../../contract/api-evaluation.ts';
import type { GivenJudgement, GivenRating } from '../../evaluation/human/agreement.ts';
import type { Candidate } from '../../evaluation/human/draw-sample.ts';
import { formatUsd, parseUsd } from '../../kernel/money.ts';
import { LIVE_TRAFFIC } from '../../monitoring/metrics/metric-table.ts';
import { wilsonInterval } from '../../statistics/interval.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import type { Scope } from '../scope.ts';
import { scopeCondition } from './conditions.ts';

type Ledger = Pick<LedgerClient, 'query'>;

const MOST_ROWS = 200_000;
const BETWEEN =
  "at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')";
const LIVE = LIVE_TRAFFIC;

export interface Period {
  readonly from: number;
  readonly to: number;
}

/** Answered live interactions whose texts are stored, with the scores judges gave them. */
export async function ratingCandidates(ledger: Ledger, period: Period): Promise<Candidate[]> {
  const rows = await ledger.query<{ id: string; prompt: string; version: string; judged: number[] }>(
    `SELECT i.id AS id, i.prompt AS prompt, i.version AS version, s.judged AS judged
     FROM ledger.interactions AS i
     LEFT JOIN (SELECT interaction, groupArray(assumeNotNull(score)) AS judged FROM ledger.scores
       WHERE ${BETWEEN} AND startsWith(scorer, 'judge:') AND score IS NOT NULL GROUP BY interaction) AS s ON s.interaction = i.id
     WHERE i.${BETWEEN.replace(' AND at', ' AND i.at')} AND i.status = 'ok' AND ${LIVE}
       AND i.id IN (SELECT interaction FROM ledger.payloads WHERE ${BETWEEN} AND response != '')
     ORDER BY i.id LIMIT ${MOST_ROWS}`,
    { ...period },
  );
  return rows.map(({ id, prompt, version, judged }) => ({
    interaction: id,
    prompt,
    version,
    judgeScores: judged,
  }));
}

export interface StoredTexts {
  readonly question: string;
  readonly context: string;
  readonly response: string;
}

const requestSchema = z.object({
  question: z.string().optional(),
  variables: z.record(z.string(), z.string()).optional(),
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })).default([]),
});

/** Question, context and answer by interaction, from stored payloads; those that are gone are left out. */
export async function storedTexts(ledger: Ledger, ids: readonly string[]): Promise<Map<string, StoredTexts>> {
  if (ids.length === 0) return new Map();
  const rows = await ledger.query<{ interaction: string; request: string; response: string }>(
    'SELECT interaction, request, response FROM ledger.payloads WHERE interaction IN {ids:Array(String)}',
    { ids },
  );
  return new Map(rows.map((row) => [row.interaction, textsOf(row.request, row.response)]));
}

function textsOf(request: string, response: string): StoredTexts {
  const asked = requestSchema.safeParse(request === '' ? {} : JSON.parse(request));
  const told = z.object({ text: z.string() }).safeParse(response === '' ? {} : JSON.parse(response));
  const last = asked.success
    ? asked.data.messages.findLast(({ role }) => role === 'user')?.content
    : undefined;
  return {
    question: asked.data?.question ?? (typeof last === 'string' ? last : ''),
    context: asked.data?.variables?.['context'] ?? '',
    response: told.data?.text ?? '',
  };
}

export interface StoredRating extends GivenRating {
  readonly recorded_ms: number;
  readonly comment: string;
  readonly cost_usd: string | null;
}

export async function storedRatings(ledger: Ledger): Promise<StoredRating[]> {
  const rows = await ledger.query<StoredRating>(
    `SELECT interaction, rater, dimension, value, comment, cost_usd, toUnixTimestamp64Milli(recorded_at) AS recorded_ms
     FROM ledger.ratings ORDER BY recorded_at, id LIMIT ${MOST_ROWS}`,
  );
  return rows.map((row) => ({
    ...row,
    cost_usd: row.cost_usd === null ? null : formatUsd(parseUsd(row.cost_usd)),
  }));
}

/** The last score each judge gave each live interaction. */
export async function storedJudgements(ledger: Ledger): Promise<GivenJudgement[]> {
  const rows = await ledger.query<Omit<GivenJudgement, 'score'> & { last_score: number }>(
    `SELECT interaction, scorer AS judge, assumeNotNull(argMax(s.score, s.recorded_at)) AS last_score FROM ledger.scores AS s
     WHERE startsWith(scorer, 'judge:') AND score IS NOT NULL
       AND interaction IN (SELECT id FROM ledger.interactions WHERE ${LIVE})
     GROUP BY interaction, scorer LIMIT ${MOST_ROWS}`,
  );
  return rows.map(({ interaction, judge, last_score }) => ({ interaction, judge, score: last_score }));
}

interface LiveRow {
  readonly model: string;
  readonly prompt: string;
  readonly provider: string;
  readonly score: number;
  readonly cost_usd: string | null;
  readonly latency_ms: number;
}

/** Scores of one scorer on live interactions, by model and prompt, with cost and latency of the same interactions. */
export async function liveScores(
  ledger: Ledger,
  scope: Scope,
  scorer: string,
  simulated: ReadonlySet<string>,
): Promise<LiveScores> {
  const confined = scopeCondition(scope);
  const rows = await ledger.query<LiveRow>(
    `SELECT i.model AS model, i.prompt AS prompt, i.provider AS provider, s.last_score AS score, i.cost_usd AS cost_usd, i.latency_ms AS latency_ms
     FROM (SELECT interaction, assumeNotNull(argMax(g.score, g.recorded_at)) AS last_score FROM ledger.scores AS g
       WHERE scorer = {scorer:String} AND score IS NOT NULL GROUP BY interaction) AS s
     INNER JOIN (SELECT id, model, prompt, provider, cost_usd, latency_ms FROM ledger.interactions
       WHERE ${confined.sql} AND ${LIVE}) AS i ON i.id = s.interaction LIMIT ${MOST_ROWS}`,
    { ...confined.params, scorer },
  );
  const groups = new Map<string, LiveRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.model, row.prompt]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return {
    scorer,
    models: [...groups.values()].map((group) => ({
      model: group[0]?.model ?? '',
      prompt: group[0]?.prompt ?? '',
      scores: group.map(({ score }) => score),
      costs_usd: group.map(({ cost_usd }) => (cost_usd === null ? null : formatUsd(parseUsd(cost_usd)))),
      latencies_ms: group.map(({ latency_ms }) => latency_ms),
      simulated: group.some(({ provider }) => simulated.has(provider)),
    })),
  };
}

interface FeedbackRow {
  readonly prompt: string;
  readonly version: string;
  readonly feedback: number;
  readonly up: number;
  readonly down: number;
  readonly rated: number;
  readonly rating: number | null;
  readonly completed: number | null;
}

/** End users' feedback by prompt and version; the last word of each interaction counts. */
export async function satisfaction(ledger: Ledger, scope: Scope, period: Period): Promise<Satisfaction> {
  const confined = scopeCondition(scope);
  const rows = await ledger.query<FeedbackRow>(
    `SELECT prompt, version, count() AS feedback, countIf(last_thumb = 'up') AS up, countIf(last_thumb = 'down') AS down,
       countIf(last_rating IS NOT NULL) AS rated, avgOrNull(last_rating) AS rating, avgOrNull(toFloat64(last_completed)) AS completed
     FROM (SELECT prompt, version, interaction, argMax(thumb, recorded_at) AS last_thumb, argMax(rating, recorded_at) AS last_rating,
         argMax(task_completed, recorded_at) AS last_completed
       FROM ledger.feedback WHERE ${confined.sql} AND ${BETWEEN} GROUP BY prompt, version, interaction)
     GROUP BY prompt, version ORDER BY prompt, version`,
    { ...confined.params, ...period },
  );
  return {
    lines: rows.map(({ prompt, version, feedback, up, down, rated, rating, completed }) => {
      const thumbs = up + down;
      const around = wilsonInterval(up, thumbs);
      return {
        prompt,
        version,
        feedback,
        thumbs_up: up,
        thumbs_down: down,
        positive_share: thumbs === 0 ? null : up / thumbs,
        positive_interval: thumbs === 0 ? null : [around.low, around.high],
        avg_rating: rating,
        ratings: rated,
        task_completion_rate: completed,
      };
    }),
  };
}

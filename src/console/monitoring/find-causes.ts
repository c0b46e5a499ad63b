// Why a metric moved, from the ledger: finds the moment of the change near where it was noticed, samples either side, reads from each
// interaction what could have moved, and has the change explained.
import type { Explanation, Incident } from '../../contract/api-monitoring.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { TRAFFIC_DIMENSIONS, type CauseObservation } from '../../monitoring/cause/cause-observation.ts';
import { explainChange, type MetricKind } from '../../monitoring/cause/explain-change.ts';
import {
  probeEvidence,
  verdictOfAll,
  type ProbeAnswer,
  type ProbeEvidence,
} from '../../monitoring/cause/probe-evidence.ts';
import { topicsOf } from '../../monitoring/cause/topics.ts';
import { changePoint } from '../../statistics/change-point.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { observationsOf, type ObservedRow } from '../queries/observations.ts';
import { questionIn } from './payload-text.ts';

/** Turns texts into unit vectors, one each. */
export type EmbedTexts = (texts: readonly string[]) => Promise<readonly Float32Array[]>;

export interface CauseServices {
  readonly ledger: LedgerClient;
  readonly served: () => Snapshot | null;
  readonly embed: EmbedTexts;
  /** ISO 639-1, empty where it can't tell. */
  readonly detectLanguage: (text: string) => Promise<string>;
}

export interface CauseQuestion {
  readonly metric: string;
  readonly valueSql: string;
  readonly kind: MetricKind;
  /** In place of `valueSql`, for what only the answer's text shows. */
  readonly readValue?: (row: ObservedRow) => number | undefined;
  readonly prompt: string;
  readonly model: string;
  /** Where the change was noticed to have begun, and how far off that may be. */
  readonly around: number;
  readonly tolerance: number;
  readonly now: number;
  readonly isProbe?: boolean;
}

export interface FoundCauses {
  readonly explanation: Explanation;
  readonly examples: Incident['examples'];
}

/** On each side of the change. */
const SAMPLE = 1_000;
const LONGEST_LOOK = 7 * 86_400_000;
const TOPICS = 8;
const EXAMPLES = 10;
/** A user or model with this share of the traffic is looked at alone. */
const NOTABLE_SHARE = 0.1;

/** Rejects when the ledger does not answer. */
export async function findCauses(services: CauseServices, question: CauseQuestion): Promise<FoundCauses> {
  const { around, now } = question;
  const side = (from: number, to: number, closestTo: 'from' | 'to'): Promise<ObservedRow[]> =>
    observationsOf(services.ledger, {
      ...question,
      from,
      to,
      closestTo,
      limit: SAMPLE,
      isProbe: question.isProbe === true,
    });
  const [early, late] = await Promise.all([
    side(around - LONGEST_LOOK, around, 'to'),
    side(around, now + 1, 'from'),
  ]);
  const rows = valued([...early, ...late], question);
  const split = splitOf(rows, question);
  const changedAt = rows[split]?.at ?? around;
  const { observations, note } = await observe(services, rows);
  const [before, after] = [observations.slice(0, split), observations.slice(split)];
  const probes = question.isProbe === true ? [] : await askProbes(services, question, rows, changedAt);
  const explained = explainChange(before, after, question.kind, verdictOfAll(probes));
  return {
    explanation: {
      metric: question.metric,
      changed_at: new Date(changedAt).toISOString(),
      before: before.length === 0 ? null : explained.before,
      after: after.length === 0 ? null : explained.after,
      observations: { before: before.length, after: after.length },
      causes: explained.causes.map(({ standardError, evidence, ...cause }) => ({
        ...cause,
        standard_error: standardError,
        evidence: [...evidence],
      })),
      probes,
      note,
    },
    examples: {
      before: rows.slice(Math.max(0, split - EXAMPLES), split).map((row) => row.id),
      after: rows.slice(split, split + EXAMPLES).map((row) => row.id),
    },
  };
}

type ValuedRow = ObservedRow & { readonly value: number };

function valued(rows: readonly ObservedRow[], { readValue }: CauseQuestion): ValuedRow[] {
  return rows.flatMap((row) => {
    const value = readValue === undefined ? row.value : readValue(row);
    return value == null || !Number.isFinite(value) ? [] : [{ ...row, value }];
  });
}

/** What probes of the models that served most of it say of the same metric. */
async function askProbes(
  { ledger }: CauseServices,
  question: CauseQuestion,
  rows: readonly ValuedRow[],
  changedAt: number,
): Promise<ProbeEvidence[]> {
  const [from, to] = [changedAt - LONGEST_LOOK, question.now + 1];
  const found = await Promise.all(
    modelsIn(rows).map(async (model) => {
      const about = { ...question, prompt: '', model, limit: SAMPLE, isProbe: true };
      const [early, late] = await Promise.all([
        observationsOf(ledger, { ...about, from, to: changedAt, closestTo: 'to' }),
        observationsOf(ledger, { ...about, from: changedAt, to, closestTo: 'from' }),
      ]);
      const answers = (side: readonly ObservedRow[]): ProbeAnswer[] =>
        valued(side, question).map(({ request, prompt, version, value }) => ({
          question: `${prompt}@${version} ${request}`,
          value,
        }));
      return probeEvidence(model, answers(early), answers(late));
    }),
  );
  return found.filter(({ answers }) => answers.before > 0 || answers.after > 0);
}

/** Those with a fair share of the rows. */
function modelsIn(rows: readonly ObservedRow[]): string[] {
  const counts = new Map<string, number>();
  for (const { model } of rows) counts.set(model, (counts.get(model) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= NOTABLE_SHARE * rows.length).map(([model]) => model);
}

/** Index of the first row after the change: where values part most, no further off than it may be. */
function splitOf(rows: readonly ValuedRow[], { around, tolerance }: CauseQuestion): number {
  const from = rows.findIndex((row) => row.at >= around - tolerance);
  const to = rows.findLastIndex((row) => row.at <= around + tolerance);
  const noticed = rows.findIndex((row) => row.at >= around);
  if (from < 0 || to <= from) return noticed < 0 ? rows.length : noticed;
  return changePoint(
    rows.map((row) => row.value),
    1,
    from,
    to,
  );
}

async function observe(
  services: CauseServices,
  rows: readonly ValuedRow[],
): Promise<{ observations: CauseObservation[]; note: string }> {
  const questions = rows.map((row) => questionIn(row.request));
  const topics = await topicNames(services, questions);
  const groupOf = userGroups(rows);
  const observations: CauseObservation[] = [];
  for (const [index, row] of rows.entries()) {
    const text = questions[index];
    const traffic: CauseObservation['traffic'] = {
      prompt: row.prompt,
      topic: topics[index] ?? '',
      language: text === undefined ? '' : await services.detectLanguage(text),
      length: text === undefined ? '' : lengthClass(text.length),
      user_group: groupOf(row.end_user),
    };
    observations.push({
      value: row.value,
      traffic,
      promptVersion: row.prompt === '' ? '' : `${row.prompt}@${row.version}`,
      variant: row.variant,
      model: row.model,
      modelVersion: `${row.answered_model} ${row.fingerprint}`.trim(),
      price: priceMark(services.served(), row),
      provider: row.provider,
      providerLatencyMs: row.provider_ms,
      providerFailed: row.provider_failed === 1,
    });
  }
  const unread = questions.filter((text) => text === undefined).length;
  const missing = TRAFFIC_DIMENSIONS.filter((one) => ['topic', 'language', 'length'].includes(one)).join(
    ', ',
  );
  const note =
    unread === 0
      ? ''
      : `Texts of ${unread} of ${rows.length} interactions are not stored: ${missing} of these could not be looked at.`;
  return { observations, note };
}

async function topicNames(
  { embed }: CauseServices,
  questions: readonly (string | undefined)[],
): Promise<string[]> {
  const distinct = [...new Set(questions.filter((text) => text !== undefined))];
  if (distinct.length === 0) return questions.map(() => '');
  const topics = topicsOf(await embed(distinct), TOPICS);
  const byText = new Map(distinct.map((text, index) => [text, `topic ${topics[index]}`]));
  return questions.map((text) => (text === undefined ? '' : (byText.get(text) ?? '')));
}

function lengthClass(characters: number): string {
  if (characters < 80) return 'under 80 characters';
  if (characters < 400) return '80 to 400 characters';
  return characters < 2_000 ? '400 to 2,000 characters' : 'over 2,000 characters';
}

/** Users with much of the traffic by name, all others in eight groups that stay the same. */
function userGroups(rows: readonly ObservedRow[]): (user: string) => string {
  const counts = new Map<string, number>();
  for (const { end_user } of rows) counts.set(end_user, (counts.get(end_user) ?? 0) + 1);
  return (user) => {
    if ((counts.get(user) ?? 0) >= NOTABLE_SHARE * rows.length) return user;
    let hash = 0;
    for (const character of user) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 8191;
    return `user group ${hash % 8}`;
  };
}

/** Since when the price that applied has been in effect. */
function priceMark(snapshot: Snapshot | null, { model, at }: ObservedRow): string {
  const starts = (snapshot?.models[model]?.prices ?? [])
    .map((row) => row.effectiveFrom)
    .filter((start) => start !== null && Date.parse(start) <= at);
  return starts.reduce<string>((latest, start) => (start !== null && start > latest ? start : latest), '');
}

// Which interactions people are asked to grade: a share of each stratum, chosen by a hash of the id, so that the same traffic always gives
// the same sample and nobody can choose. Pure.
import { createHash } from 'node:crypto';

export type StratifyBy = 'prompt' | 'version' | 'judge_disagreement';

export interface Candidate {
  readonly interaction: string;
  readonly prompt: string;
  readonly version: string;
  /** Scores of judges, 0..1. */
  readonly judgeScores: readonly number[];
}

export interface DrawnInteraction {
  readonly interaction: string;
  readonly stratum: string;
  /** How many interactions of its stratum it stands for. */
  readonly weight: number;
}

/** Judges disagree when their scores are at least this far apart: one grade of five. */
const DISAGREEMENT = 0.25;

function disagreement(scores: readonly number[]): string {
  if (scores.length < 2) return 'not judged twice';
  return Math.max(...scores) - Math.min(...scores) >= DISAGREEMENT ? 'judges disagree' : 'judges agree';
}

function stratumOf(one: Candidate, by: readonly StratifyBy[]): string {
  const parts: Readonly<Record<StratifyBy, string>> = {
    prompt: one.prompt,
    version: one.version,
    judge_disagreement: disagreement(one.judgeScores),
  };
  return by.map((name) => parts[name]).join(' / ');
}

function place(interaction: string): string {
  return createHash('sha256').update(`human-sample/${interaction}`).digest('hex');
}

/** At least one of each stratum, and the share of it rounded up. */
export function drawSample(
  candidates: readonly Candidate[],
  share: number,
  by: readonly StratifyBy[],
): DrawnInteraction[] {
  const strata = new Map<string, Candidate[]>();
  for (const one of candidates) {
    const stratum = stratumOf(one, by);
    strata.set(stratum, [...(strata.get(stratum) ?? []), one]);
  }
  return [...strata].flatMap(([stratum, members]) => {
    const ordered = members
      .map(({ interaction }) => ({ interaction, at: place(interaction) }))
      .sort((a, b) => (a.at < b.at ? -1 : 1));
    const drawn = ordered.slice(0, Math.ceil(share * ordered.length));
    return drawn.map(({ interaction }) => ({ interaction, stratum, weight: members.length / drawn.length }));
  });
}

// From a text to the persons, places, organisations, nationalities, ages and years in it.
import { featuresOf } from './features.ts';
import type { Gazetteer } from './gazetteer.ts';
import { bestLabels, emissions, LABELS, TYPES, type NameType, type TaggerWeights } from './tagger.ts';
import { tokenize, type Token } from './tokens.ts';

export interface NameModel {
  readonly weights: TaggerWeights;
  readonly gazetteer: Gazetteer;
  /** Score taken off "nothing": tuned in training for recall. */
  readonly caution: number;
}

export interface NameFinding {
  readonly type: NameType;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

/** Tokens tagged at a time: bounds memory; a name across the border of two pieces is found in two parts. */
const PIECE = 2000;

/** Names in `text`, in order, never overlapping. Linear. */
export function recogniseNames(text: string, model: NameModel): NameFinding[] {
  const tokens = tokenize(text);
  const findings: NameFinding[] = [];
  for (let from = 0; from < tokens.length; from += PIECE)
    tagPiece(tokens.slice(from, from + PIECE), model, findings);
  return findings;
}

function tagPiece(tokens: readonly Token[], model: NameModel, findings: NameFinding[]): void {
  const scores = emissions(featuresOf(tokens, model.gazetteer), model.weights.features);
  const labels = bestLabels(scores, model.weights.transitions, model.caution);
  for (let position = 0; position < labels.length; position += 1) {
    const label = labels[position] as number;
    if (label === 0) continue;
    let last = position;
    const inside = label % 2 === 1 ? label + 1 : label;
    while (labels[last + 1] === inside) last += 1;
    const type = TYPES[(inside >> 1) - 1] as NameType;
    const start = (tokens[position] as Token).start;
    findings.push({
      type,
      start,
      end: (tokens[last] as Token).end,
      score: confidence(scores, position, label),
    });
    position = last;
  }
}

/** How far the label is above "nothing" at the first token, as a probability. */
function confidence(scores: Float32Array, position: number, label: number): number {
  const margin = (scores[position * LABELS + label] as number) - (scores[position * LABELS] as number);
  return Math.round(1000 / (1 + Math.exp(-margin / MARGIN_SCALE))) / 1000;
}

const MARGIN_SCALE = 4;

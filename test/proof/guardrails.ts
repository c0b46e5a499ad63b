// What the guardrails reach on public data (cross-validated) and what they cost.
import { measureCosts } from '../../bench/safety/costs.ts';
import type { Figure } from '../../bench/safety/figure.ts';
import { measureHostile } from '../../bench/safety/hostile.ts';
import { measureGroundedness } from '../../bench/safety/groundedness.ts';
import { measureHate } from '../../bench/safety/hate.ts';
import { measureInjection } from '../../bench/safety/injection.ts';
import { measurePersonalData } from '../../bench/safety/personal-data.ts';
import type { Part, Row } from './part.ts';

function rowOf({ name, value, unit, bound, holds }: Figure): Row {
  return {
    promise: name,
    figure: `${value.toFixed(3)}${unit === undefined || unit === '' ? '' : ` ${unit}`}`,
    threshold: bound,
    verdict: holds ? 'holds' : 'falls short',
  };
}

function part(name: string, what: string, data: string[], measure: () => Promise<Figure[]> | Figure[]): Part {
  return { name, what, data, fast: false, run: async () => (await measure()).map(rowOf) };
}

export const guardrails: readonly Part[] = [
  part(
    'guard-personal-data',
    'personal data are found, clean texts left alone',
    ['pii.jsonl'],
    measurePersonalData,
  ),
  part(
    'guard-injection',
    'planted instructions are found, look-alikes left alone',
    ['injection.jsonl'],
    measureInjection,
  ),
  part(
    'guard-grounded',
    'invented facts are told from supported ones',
    ['grounded.jsonl'],
    measureGroundedness,
  ),
  part('guard-hate', 'hate is told from mere profanity', ['toxicity.jsonl'], measureHate),
  part('guard-cost', 'guardrails cost little', [], measureCosts),
  part('guard-hostile', 'a megabyte made to be slow stalls nobody', [], measureHostile),
];

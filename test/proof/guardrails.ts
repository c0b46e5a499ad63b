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

function part(
  about: Pick<Part, 'name' | 'what' | 'data' | 'timed'>,
  measure: () => Promise<Figure[]> | Figure[],
): Part {
  return { ...about, fast: false, run: async () => (await measure()).map(rowOf) };
}

export const guardrails: readonly Part[] = [
  part(
    {
      name: 'guard-personal-data',
      what: 'personal data are found, clean texts left alone',
      data: ['pii.jsonl'],
      timed: false,
    },
    measurePersonalData,
  ),
  part(
    {
      name: 'guard-injection',
      what: 'planted instructions are found, look-alikes left alone',
      data: ['injection.jsonl'],
      timed: false,
    },
    measureInjection,
  ),
  part(
    {
      name: 'guard-grounded',
      what: 'invented facts are told from supported ones',
      data: ['grounded.jsonl'],
      timed: false,
    },
    measureGroundedness,
  ),
  part(
    { name: 'guard-hate', what: 'hate is told from mere profanity', data: ['toxicity.jsonl'], timed: false },
    measureHate,
  ),
  part({ name: 'guard-cost', what: 'guardrails cost little', data: [], timed: true }, measureCosts),
  part(
    { name: 'guard-hostile', what: 'a megabyte made to be slow stalls nobody', data: [], timed: true },
    measureHostile,
  ),
];

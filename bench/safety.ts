// What the guardrails reach on public data, and what they cost, also by hostile texts: `node bench/safety.ts`. Every figure is cross-validated: templates of
// the personal-data and hate sets stay together, near-duplicates and answers to one context too, so nothing tested was trained on.
import { readRows } from '../scripts/training/data.ts';
import { measureCosts } from './safety/costs.ts';
import { measureGroundedness } from './safety/groundedness.ts';
import { measureHate } from './safety/hate.ts';
import { measureHostile } from './safety/hostile.ts';
import { measureInjection } from './safety/injection.ts';
import { measureOrdinaryText } from './safety/ordinary-text.ts';
import { measurePersonalData } from './safety/personal-data.ts';
import { print, type Figure } from './safety/figure.ts';

const figures: Figure[] = [];
for (const [name, measure] of [
  ['pii.jsonl', measurePersonalData],
  ['answers.jsonl', measureOrdinaryText],
  ['injection.jsonl', measureInjection],
  ['grounded.jsonl', measureGroundedness],
  ['toxicity.jsonl', measureHate],
] as const) {
  if (readRows(name) === undefined) console.log(`${name} is not at hand: skipped`);
  else figures.push(...(await measure()));
}
figures.push(...(await measureCosts()), ...(await measureHostile()));
print(figures);
if (figures.some((figure) => !figure.holds)) process.exitCode = 1;

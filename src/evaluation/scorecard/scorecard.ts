// Models side by side on the same cases: cost, quality with interval, latency, what each is best for; and the cheapest that meets the bar,
// where that can be said. Pure.
import { pairsNeeded } from '../../statistics/paired.ts';
import { estimateMean, type MeanEstimate } from '../run/estimate-mean.ts';
import type { RunResult } from '../run/run-result.ts';
import { isFinished } from '../run/gateway-call.ts';
import { meanUsd, valuesByCase } from '../run/summarise.ts';
import { formatUsd } from '../../kernel/money.ts';

/** One case as one model answered it. */
export interface ModelCase {
  readonly tags: readonly string[];
  readonly quality: number;
}

export interface ModelEvidence {
  readonly model: string;
  /** `run` or `live`. */
  readonly source: string;
  readonly cases: readonly ModelCase[];
  /** Decimal strings of US$ a request; null where a price is missing. */
  readonly costs: readonly (string | null)[];
  readonly latencies: readonly number[];
  readonly simulated: boolean;
}

export type MeetsBar = 'yes' | 'no' | 'not yet decidable';

export interface ScorecardLine {
  readonly model: string;
  readonly source: string;
  readonly cost_per_request_usd: string | null;
  readonly quality: MeanEstimate | null;
  readonly latency_p50_ms: number | null;
  readonly latency_p99_ms: number | null;
  readonly best_for: readonly string[];
  /** Null without a bar. */
  readonly meets_bar: MeetsBar | null;
  /** Further cases that would settle it, at today's spread; null where it is settled or can't be said. */
  readonly more_cases: number | null;
  readonly simulated: boolean;
}

export interface Scorecard {
  readonly bar: number | null;
  /** Cheapest first; models without a price last. */
  readonly lines: readonly ScorecardLine[];
  /** The cheapest model that meets the bar; null where none does, or it is not yet decidable. */
  readonly cheapest: string | null;
  readonly verdict: string;
}

const FEWEST_OF_A_TAG = 10;

function rank(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

function meets(quality: MeanEstimate | null, bar: number): MeetsBar {
  if (quality === null) return 'not yet decidable';
  if (quality.interval[0] >= bar) return 'yes';
  return quality.interval[1] < bar ? 'no' : 'not yet decidable';
}

function moreCases(evidence: ModelEvidence, quality: MeanEstimate | null, bar: number): number | null {
  if (quality === null || quality.mean === bar || evidence.cases.length < 2) return null;
  const values = evidence.cases.map((one) => one.quality);
  const squares = values.reduce((sum, value) => sum + (value - quality.mean) ** 2, 0);
  const needed = pairsNeeded(Math.sqrt(squares / (values.length - 1)), Math.abs(quality.mean - bar));
  return Number.isFinite(needed) ? Math.max(1, needed - values.length) : null;
}

/** `bar`: the quality to be reached, 0..1. */
export function makeScorecard(evidence: readonly ModelEvidence[], bar: number | null): Scorecard {
  const best = bestFor(evidence);
  const lines = evidence.map((one): ScorecardLine => {
    const quality = estimateMean(
      one.cases.map((value) => value.quality),
      { bounds: [0, 1] },
    );
    const known = one.costs.filter((cost) => cost !== null);
    const verdict = bar === null ? null : meets(quality, bar);
    return {
      model: one.model,
      source: one.source,
      cost_per_request_usd:
        known.length === 0 || known.length < one.costs.length ? null : formatUsd(meanUsd(known)),
      quality,
      latency_p50_ms: rank(one.latencies, 0.5),
      latency_p99_ms: rank(one.latencies, 0.99),
      best_for: best.get(one) ?? [],
      meets_bar: verdict,
      more_cases: bar === null || verdict !== 'not yet decidable' ? null : moreCases(one, quality, bar),
      simulated: one.simulated,
    };
  });
  const price = ({ cost_per_request_usd: cost }: ScorecardLine): number =>
    cost === null ? Infinity : Number(cost);
  lines.sort((a, b) => price(a) - price(b) || (a.model < b.model ? -1 : 1));
  return { bar, lines, ...choose(lines, bar) };
}

function choose(
  lines: readonly ScorecardLine[],
  bar: number | null,
): Pick<Scorecard, 'cheapest' | 'verdict'> {
  if (bar === null) return { cheapest: null, verdict: 'no quality bar is set: give one with --bar' };
  if (lines.length === 0) return { cheapest: null, verdict: 'not yet decidable: nothing has been measured' };
  const candidates = lines.filter(({ meets_bar }) => meets_bar !== 'no');
  const [first] = candidates;
  if (first === undefined) return { cheapest: null, verdict: `no model meets the bar of ${bar}` };
  if (first.cost_per_request_usd === null)
    return { cheapest: null, verdict: `not yet decidable: ${first.model} has no known price` };
  if (first.meets_bar === 'yes')
    return {
      cheapest: first.model,
      verdict: `${first.model} is the cheapest model that meets the bar of ${bar}`,
    };
  const sure = candidates.find(({ meets_bar }) => meets_bar === 'yes');
  const more = first.more_cases === null ? '' : ` (about ${first.more_cases} more cases would settle it)`;
  const until = sure === undefined ? '' : `; until then ${sure.model} is known to meet it`;
  return {
    cheapest: null,
    verdict: `not yet decidable: ${first.model} may meet the bar of ${bar}${more}${until}`,
  };
}

/** What each model leads in: cost, latency, quality, and the tags of cases of which there are enough. Ties lead for nobody. */
function bestFor(evidence: readonly ModelEvidence[]): Map<ModelEvidence, string[]> {
  const found = new Map<ModelEvidence, string[]>();
  if (evidence.length < 2) return found;
  const lead = (what: string, valueOf: (one: ModelEvidence) => number | null): void => {
    const values = evidence.flatMap((one) => {
      const value = valueOf(one);
      return value === null ? [] : [{ one, value }];
    });
    values.sort((a, b) => b.value - a.value);
    const [first, second] = values;
    if (first === undefined || (second !== undefined && second.value === first.value)) return;
    found.set(first.one, [...(found.get(first.one) ?? []), what]);
  };
  const average = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
  lead('quality', ({ cases }) => average(cases.map(({ quality }) => quality)));
  lead('cost', ({ costs }) => {
    const known = costs.filter((cost) => cost !== null);
    return known.length === 0 ? null : -Number(formatUsd(meanUsd(known)));
  });
  lead('latency', ({ latencies }) => {
    const middle = rank(latencies, 0.5);
    return middle === null ? null : -middle;
  });
  for (const tag of new Set(evidence.flatMap(({ cases }) => cases.flatMap(({ tags }) => tags)))) {
    lead(`"${tag}"`, ({ cases }) => {
      const own = cases.filter(({ tags }) => tags.includes(tag)).map(({ quality }) => quality);
      return own.length < FEWEST_OF_A_TAG ? null : average(own);
    });
  }
  return found;
}

/** What a run shows of each of its models. */
export function evidenceOf(run: RunResult): ModelEvidence[] {
  return run.targets.map((target, index) => {
    const own = run.answers.filter((answer) => answer.target === index);
    const finished = own.flatMap(({ outcome }) => (isFinished(outcome) ? [outcome] : []));
    const values = valuesByCase(own, ({ quality }) => quality);
    return {
      model: target.model,
      source: `${target.prompt}@${target.version}, run ${run.run.slice(0, 16)}`,
      cases: [...values].map(([at, quality]) => ({ tags: run.cases[at]?.tags ?? [], quality })),
      costs: finished.map(({ cost_usd }) => cost_usd),
      latencies: finished.map(({ latency_ms }) => latency_ms),
      simulated: target.isSimulated,
    };
  });
}

// Rate limits on the way of a request: places for concurrent requests, requests and tokens a minute, of all rules that concern the caller
// or of none; corrected once the real tokens are known.
import { MINUTE_MS } from '../kernel/clock.ts';
import type { LimitRule } from '../contract/snapshot.ts';
import { following, type Soon } from '../kernel/soon.ts';
import type { Counters, Place, PlaceRequest, RateLimit } from '../storage/counters/counters.ts';
import { BySubject } from './by-subject.ts';
import { subjectOf, type Caller } from './subjects.ts';
import { smallPartOf, type Weighing } from './weighing.ts';

/** A place is freed by itself after this long: no call lasts longer. */
const LEASE_MS = 15 * 60_000;

/** What is left of the tightest limit of a kind. */
export interface Remaining {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until the whole limit is there again. */
  readonly resetMs: number;
}

export interface RateFigures {
  readonly requests: Remaining | null;
  readonly tokens: Remaining | null;
}

export interface RateHold {
  readonly figures: RateFigures;
  /** Among the concurrent requests; null where no limit counts them. */
  readonly place: Place | null;
  /** Token limits, and the tokens taken from each. */
  readonly tokens: readonly RateLimit[];
  readonly taken: number;
}

export interface RateRefusal {
  readonly rule: LimitRule;
  readonly kind: 'requests' | 'tokens' | 'concurrent';
  readonly retryAfterMs: number;
  readonly figures: RateFigures;
}

/** What is counted of a rule for one subject. */
interface Matched {
  readonly place: WantedPlace | null;
  readonly requests: Wanted | null;
  readonly tokens: Wanted | null;
}

interface WantedPlace extends PlaceRequest {
  readonly rule: LimitRule;
}

interface Wanted extends RateLimit {
  readonly rule: LimitRule;
  readonly kind: 'requests' | 'tokens';
}

function matchedOf(rule: LimitRule, subject: string): Matched {
  const name = `${rule.name}/${rule.subject}/${subject}`;
  const wanted = (kind: Wanted['kind'], perMinute: number | null): Wanted | null =>
    perMinute === null ? null : { rule, kind, name: `${kind}/${name}`, perMinute };
  return {
    place: rule.concurrent === null ? null : { rule, name, limit: rule.concurrent },
    requests: wanted('requests', rule.requestsPerMinute),
    tokens: wanted('tokens', rule.tokensPerMinute),
  };
}

/** All that a request takes. */
interface Takings {
  readonly places: WantedPlace[];
  /** Requests and tokens, in the order of their rules. */
  readonly units: Wanted[];
  /** Those of tokens among them. */
  readonly tokens: Wanted[];
}

const NOTHING: RateFigures = { requests: null, tokens: null };

function tightest(
  wanted: readonly Wanted[],
  remaining: readonly number[],
  kind: Wanted['kind'],
): Remaining | null {
  let found: Remaining | null = null;
  for (let index = 0; index < wanted.length; index += 1) {
    const { kind: own, perMinute } = wanted[index] as Wanted;
    const left = remaining[index] ?? 0;
    if (own !== kind || (found !== null && left / perMinute >= found.remaining / found.limit)) continue;
    const resetMs = ((perMinute - left) / perMinute) * MINUTE_MS;
    found = { limit: perMinute, remaining: left, resetMs };
  }
  return found;
}

export function isRateRefusal(answer: RateHold | RateRefusal): answer is RateRefusal {
  return 'retryAfterMs' in answer;
}

export class RateKeeper {
  readonly #counters: Counters;
  readonly #matched = new BySubject(matchedOf);

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** Takes one request and its tokens, weighed as closely as it needs; null where no rule concerns the caller. */
  take(
    rules: readonly LimitRule[],
    caller: Caller,
    tokens: (weighing: Weighing) => number,
  ): Soon<RateHold | RateRefusal | null> {
    const takings = this.#takingsOf(rules, caller);
    const { places, units } = takings;
    if (places.length === 0) return units.length === 0 ? null : this.#takeRates(takings, null, tokens);
    return following(this.#counters.enter(places, LEASE_MS), (entry) => {
      if (!entry.admitted) {
        const { rule } = places[entry.index] as WantedPlace;
        return { rule, kind: 'concurrent', retryAfterMs: 1000, figures: NOTHING };
      }
      const { place } = entry;
      return following(this.#takeRates(takings, place, tokens), (answer) =>
        isRateRefusal(answer) ? following(this.#counters.leave(place), () => answer) : answer,
      );
    });
  }

  #takingsOf(rules: readonly LimitRule[], caller: Caller): Takings {
    const takings: Takings = { places: [], units: [], tokens: [] };
    for (const rule of rules) {
      const subject = subjectOf(rule, caller);
      if (subject === null) continue;
      const { place, requests, tokens } = this.#matched.of(rule, subject);
      if (place !== null) takings.places.push(place);
      if (requests !== null) takings.units.push(requests);
      if (tokens === null) continue;
      takings.units.push(tokens);
      takings.tokens.push(tokens);
    }
    return takings;
  }

  /** Gives places back and corrects the tokens taken to those really used. */
  settle({ place, tokens, taken }: RateHold, usedTokens: number): Soon<void> {
    const correct = (): Soon<void> =>
      tokens.length === 0 || taken === usedTokens
        ? undefined
        : this.#counters.adjust(tokens, usedTokens - taken);
    return place === null ? correct() : following(this.#counters.leave(place), correct);
  }

  #takeRates(
    takings: Takings,
    place: Place | null,
    tokens: (weighing: Weighing) => number,
  ): Soon<RateHold | RateRefusal> {
    if (takings.tokens.length === 0) return this.#takeUnits(takings, place, 0);
    const most = tokens('bounded');
    const isSmall = takings.tokens.every(({ perMinute }) => most <= smallPartOf(perMinute));
    if (!isSmall) return this.#takeUnits(takings, place, tokens('counted'));
    return following(this.#takeUnits(takings, place, most), (answer) =>
      isRateRefusal(answer) && answer.kind === 'tokens'
        ? this.#takeUnits(takings, place, tokens('counted'))
        : answer,
    );
  }

  #takeUnits({ units, tokens }: Takings, place: Place | null, taken: number): Soon<RateHold | RateRefusal> {
    if (units.length === 0) return { figures: NOTHING, place, tokens, taken };
    const amounts = units.map(({ kind }) => (kind === 'tokens' ? taken : 1));
    return following(this.#counters.take(units, amounts), (answer) => {
      const figures = {
        requests: tightest(units, answer.remaining, 'requests'),
        tokens: tightest(units, answer.remaining, 'tokens'),
      };
      if (answer.admitted) return { figures, place, tokens, taken };
      const { rule, kind } = units[answer.index] as Wanted;
      return { rule, kind, retryAfterMs: answer.retryAfter, figures };
    });
  }
}

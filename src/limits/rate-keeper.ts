// Rate limits on the way of a request: places for concurrent requests, requests and tokens a minute, of all rules that concern the caller
// or of none; corrected once the real tokens are known.
import { MINUTE_MS } from '../kernel/clock.ts';
import type { LimitRule } from '../contract/snapshot.ts';
import { following, type Soon } from '../kernel/soon.ts';
import type { Counters, Place, PlaceRequest, RateLimit } from '../storage/counters/counters.ts';
import { BySubject } from './by-subject.ts';
import { subjectOf, type Caller } from './subjects.ts';

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

/** A rule for one subject: what it has counted. */
interface Matched {
  readonly rule: LimitRule;
  readonly place: PlaceRequest | null;
  readonly requests: Wanted | null;
  readonly tokens: Wanted | null;
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
    rule,
    place: rule.concurrent === null ? null : { name, limit: rule.concurrent },
    requests: wanted('requests', rule.requestsPerMinute),
    tokens: wanted('tokens', rule.tokensPerMinute),
  };
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

  /** Takes one request and its tokens; null where no rule concerns the caller. */
  take(
    rules: readonly LimitRule[],
    caller: Caller,
    tokens: () => number,
  ): Soon<RateHold | RateRefusal | null> {
    const matched: Matched[] = [];
    const places: PlaceRequest[] = [];
    for (const rule of rules) {
      const subject = subjectOf(rule, caller);
      if (subject === null) continue;
      const one = this.#matched.of(rule, subject);
      matched.push(one);
      if (one.place !== null) places.push(one.place);
    }
    if (matched.length === 0) return null;
    if (places.length === 0) return this.#takeRates(matched, null, tokens);
    return following(this.#counters.enter(places, LEASE_MS), (entry) => {
      if (entry.admitted) return this.#takeRates(matched, entry.place, tokens);
      const { rule } = matched.find(({ place }) => place === places[entry.index]) as Matched;
      return { rule, kind: 'concurrent', retryAfterMs: 1000, figures: NOTHING };
    });
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
    matched: readonly Matched[],
    place: Place | null,
    tokens: () => number,
  ): Soon<RateHold | RateRefusal> {
    const wanted: Wanted[] = [];
    const units: number[] = [];
    const ofTokens: Wanted[] = [];
    let taken = 0;
    for (const { requests, tokens: limit } of matched) {
      if (requests !== null) {
        wanted.push(requests);
        units.push(1);
      }
      if (limit === null) continue;
      if (ofTokens.length === 0) taken = tokens();
      ofTokens.push(limit);
      wanted.push(limit);
      units.push(taken);
    }
    if (wanted.length === 0) return { figures: NOTHING, place, tokens: ofTokens, taken };
    return following(this.#counters.take(wanted, units), (answer) => {
      const figures = {
        requests: tightest(wanted, answer.remaining, 'requests'),
        tokens: tightest(wanted, answer.remaining, 'tokens'),
      };
      if (answer.admitted) return { figures, place, tokens: ofTokens, taken };
      const { rule, kind } = wanted[answer.index] as Wanted;
      const refusal = { rule, kind, retryAfterMs: answer.retryAfter, figures };
      return place === null ? refusal : following(this.#counters.leave(place), () => refusal);
    });
  }
}

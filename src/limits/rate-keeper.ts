// Rate limits on the way of a request: places for concurrent requests, requests and tokens a minute, of all rules that concern the caller
// or of none; corrected once the real tokens are known.
import { MINUTE_MS } from '../kernel/clock.ts';
import type { LimitRule } from '../contract/snapshot.ts';
import type { Counters, PlaceRequest, RateRequest } from '../storage/counters/counters.ts';
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

/** A place of each of some limits. */
interface Seat {
  readonly places: readonly PlaceRequest[];
  readonly place: string;
}

export interface RateHold {
  readonly figures: RateFigures;
  readonly seat: Seat | null;
  /** Token limits, with the units taken. */
  readonly tokens: readonly RateRequest[];
}

export interface RateRefusal {
  readonly rule: LimitRule;
  readonly kind: 'requests' | 'tokens' | 'concurrent';
  readonly retryAfterMs: number;
  readonly figures: RateFigures;
}

/** A rule for one subject. */
interface Matched {
  readonly rule: LimitRule;
  readonly place: PlaceRequest | null;
  readonly requests: Wanted | null;
  /** Of its tokens a minute. */
  readonly tokensName: string;
}

interface Wanted {
  readonly rule: LimitRule;
  readonly kind: 'requests' | 'tokens';
  readonly rate: RateRequest;
}

function matchedOf(rule: LimitRule, subject: string): Matched {
  const name = `${rule.name}/${rule.subject}/${subject}`;
  const { requestsPerMinute: perMinute, concurrent } = rule;
  return {
    rule,
    place: concurrent === null ? null : { name, limit: concurrent },
    requests:
      perMinute === null
        ? null
        : { rule, kind: 'requests', rate: { name: `requests/${name}`, perMinute, units: 1 } },
    tokensName: `tokens/${name}`,
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
    const { kind: own, rate } = wanted[index] as Wanted;
    const left = remaining[index] ?? 0;
    if (own !== kind || (found !== null && left / rate.perMinute >= found.remaining / found.limit)) continue;
    const resetMs = ((rate.perMinute - left) / rate.perMinute) * MINUTE_MS;
    found = { limit: rate.perMinute, remaining: left, resetMs };
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
  async take(
    rules: readonly LimitRule[],
    caller: Caller,
    tokens: () => number,
  ): Promise<RateHold | RateRefusal | null> {
    const matched: Matched[] = [];
    for (const rule of rules) {
      const subject = subjectOf(rule, caller);
      if (subject !== null) matched.push(this.#matched.of(rule, subject));
    }
    if (matched.length === 0) return null;
    const places: PlaceRequest[] = [];
    for (const { place } of matched) if (place !== null) places.push(place);
    let seat: Seat | null = null;
    if (places.length > 0) {
      const entry = await this.#counters.enter(places, LEASE_MS);
      if (!entry.admitted) {
        const { rule } = matched.find(({ place }) => place === places[entry.index]) as Matched;
        return { rule, kind: 'concurrent', retryAfterMs: 1000, figures: NOTHING };
      }
      seat = { places, place: entry.place };
    }
    return this.#takeRates(matched, seat, tokens);
  }

  /** Gives places back and corrects the tokens taken to those really used. */
  async settle({ seat, tokens }: RateHold, usedTokens: number): Promise<void> {
    if (seat !== null) await this.#counters.leave(seat.places, seat.place);
    const wrong = tokens.filter(({ units }) => units !== usedTokens);
    if (wrong.length === 0) return;
    await this.#counters.adjust(wrong.map((rate) => ({ ...rate, units: usedTokens - rate.units })));
  }

  async #takeRates(
    matched: readonly Matched[],
    seat: Seat | null,
    tokens: () => number,
  ): Promise<RateHold | RateRefusal> {
    const wanted: Wanted[] = [];
    for (const { rule, requests, tokensName } of matched) {
      const { tokensPerMinute: perMinute } = rule;
      if (requests !== null) wanted.push(requests);
      if (perMinute !== null)
        wanted.push({ rule, kind: 'tokens', rate: { name: tokensName, perMinute, units: tokens() } });
    }
    if (wanted.length === 0) return { figures: NOTHING, seat, tokens: [] };
    const answer = await this.#counters.take(wanted.map(({ rate }) => rate));
    const figures = {
      requests: tightest(wanted, answer.remaining, 'requests'),
      tokens: tightest(wanted, answer.remaining, 'tokens'),
    };
    const refused = answer.admitted ? undefined : wanted[answer.index];
    if (answer.admitted || refused === undefined) {
      const taken = wanted.filter(({ kind }) => kind === 'tokens').map(({ rate }) => rate);
      return { figures, seat, tokens: taken };
    }
    if (seat !== null) await this.#counters.leave(seat.places, seat.place);
    return { rule: refused.rule, kind: refused.kind, retryAfterMs: answer.retryAfter, figures };
  }
}

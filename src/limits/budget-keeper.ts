// Budgets on the way of a request: hold the worst case before the call, more for a dearer fallback, the exact cost after it. What is held
// is held in every budget that concerns the caller, or in none.
import type { BudgetRule } from '../contract/snapshot.ts';
import { formatUsd, parseUsd, type Usd } from '../kernel/money.ts';
import { following, type Soon } from '../kernel/soon.ts';
import type { Admission, BudgetRequest, Counters, Reservation } from '../storage/counters/counters.ts';
import { Calendar } from './budget-period.ts';
import { BySubject } from './by-subject.ts';
import { accountOf, subjectOf, type Caller } from './subjects.ts';
import { smallPartOf, type Weighing } from './weighing.ts';

/** One budget that a request counts against; its period is the same object for every request of a subject in it. */
export interface BudgetClaim extends BudgetRequest {
  readonly rule: BudgetRule;
  /** The most that is small beside its limit; null: it has none. */
  readonly small: Usd | null;
  readonly softLines: readonly SoftLine[];
}

/** What is told of once as much as this was spent. */
export interface SoftLine {
  readonly percentage: number;
  readonly line: Usd;
}

/** What is held for one request. */
export interface BudgetHold {
  readonly claims: readonly BudgetClaim[];
  /** Sum held so far. */
  amount: Usd;
  /** The first is settled at the cost, later ones (raises) at nothing. */
  readonly reservations: Reservation[];
}

/** A hard budget that has no room. */
export interface BudgetRefusal {
  readonly rule: BudgetRule;
  /** Settled and held, of the period. */
  readonly spent: Usd;
  /** End of the period, UTC milliseconds. */
  readonly until: number;
}

/** A soft line that was crossed. */
export interface BudgetWarning {
  readonly budget: string;
  /** `key/key_…`, `workspace`. */
  readonly subject: string;
  readonly percentage: number;
  readonly spentUsd: string;
  readonly amountUsd: string;
}

const DEFAULT_WARNINGS: readonly number[] = [80, 100];
const NO_WARNINGS: readonly BudgetWarning[] = [];

function softLinesOf({ amountUsd, warnAt = DEFAULT_WARNINGS }: BudgetRule): SoftLine[] {
  const amount = parseUsd(amountUsd);
  return warnAt.map((percentage) => ({
    percentage,
    line: (amount * BigInt(Math.round(percentage * 1000))) / 100_000n,
  }));
}

function noteCrossed(claim: BudgetClaim, cost: Usd, settled: Usd, crossed: BudgetWarning[]): void {
  const { rule, period, softLines } = claim;
  for (const { percentage, line } of softLines) {
    if (settled < line || settled - cost >= line) continue;
    crossed.push({
      budget: rule.name,
      subject: period.budget.slice(rule.name.length + 1).replace(/\/$/, ''),
      percentage,
      spentUsd: formatUsd(settled),
      amountUsd: rule.amountUsd,
    });
  }
}

export class BudgetKeeper {
  readonly #counters: Counters;
  readonly #calendar = new Calendar();
  /** The last claim of each workspace on it. */
  readonly #claims = new BySubject<BudgetRule, Map<string, BudgetClaim>>(() => new Map());

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** The budgets that concern a caller at a moment. */
  claims(rules: readonly BudgetRule[], caller: Caller, at: number): BudgetClaim[] {
    const claims: BudgetClaim[] = [];
    for (const rule of rules) {
      const subject = subjectOf(rule, caller);
      if (subject === null) continue;
      claims.push(this.#claimOf(rule, subject, caller.workspace, at));
    }
    return claims;
  }

  #claimOf(rule: BudgetRule, subject: string, workspace: string, at: number): BudgetClaim {
    const kept = this.#claims.of(rule, subject);
    const last = kept.get(workspace);
    if (last !== undefined && at >= last.period.start && at < last.period.end) return last;
    const { start, end } = this.#calendar.at(rule.period, rule.timeZone, at);
    const account = accountOf(rule.subject, subject, workspace);
    const limit = rule.hard ? parseUsd(rule.amountUsd) : null;
    const claim = {
      rule,
      period: { budget: `${rule.name}/${rule.subject}/${account}`, start, end },
      limit,
      small: limit === null ? null : smallPartOf(limit),
      softLines: softLinesOf(rule),
    };
    kept.set(workspace, claim);
    return claim;
  }

  /** Holds an amount in all of them, or in none; it is weighed as closely as the hard ones among them need it. */
  reserve(
    claims: readonly BudgetClaim[],
    amount: (weighing: Weighing) => Usd,
  ): Soon<BudgetHold | BudgetRefusal> {
    if (claims.every(({ limit }) => limit === null)) return this.#hold(claims, amount('estimated'));
    const most = amount('bounded');
    if (!claims.every(({ small }) => small === null || most <= small))
      return this.#hold(claims, amount('counted'));
    return following(this.#hold(claims, most), (answer) =>
      isRefusal(answer) ? this.#hold(claims, amount('counted')) : answer,
    );
  }

  /** Holds more; a refusal leaves what was held. */
  raise(hold: BudgetHold, by: Usd): Soon<BudgetRefusal | null> {
    return following(this.#counters.reserve(hold.claims, by), (answer) => {
      if (!answer.admitted) return refusalOf(hold.claims, answer);
      hold.reservations.push(answer.reservation);
      hold.amount += by;
      return null;
    });
  }

  #hold(claims: readonly BudgetClaim[], amount: Usd): Soon<BudgetHold | BudgetRefusal> {
    return following(this.#counters.reserve(claims, amount), (answer) =>
      answer.admitted ? { claims, amount, reservations: [answer.reservation] } : refusalOf(claims, answer),
    );
  }

  /** Replaces what was held by the cost. Returns the soft lines that this cost crossed. */
  settle({ claims, reservations }: BudgetHold, cost: Usd): Soon<readonly BudgetWarning[]> {
    const first = reservations[0];
    if (first === undefined) return NO_WARNINGS;
    const settleFirst = (): Soon<readonly BudgetWarning[]> =>
      following(this.#counters.settle(first, cost), (settled) => this.#crossedBy(cost, claims, settled));
    if (reservations.length === 1) return settleFirst();
    return following(this.#giveBack(reservations.slice(1)), settleFirst);
  }

  async #giveBack(raises: readonly Reservation[]): Promise<void> {
    for (const raise of raises) await this.#counters.settle(raise, 0n);
  }

  #crossedBy(cost: Usd, claims: readonly BudgetClaim[], settled: readonly Usd[]): readonly BudgetWarning[] {
    if (cost === 0n) return NO_WARNINGS;
    const crossed: BudgetWarning[] = [];
    for (let index = 0; index < settled.length; index += 1)
      noteCrossed(claims[index] as BudgetClaim, cost, settled[index] as Usd, crossed);
    return crossed;
  }
}

function refusalOf(
  claims: readonly BudgetClaim[],
  { index, spent }: Admission & { admitted: false },
): BudgetRefusal {
  const { rule, period } = claims[index] as BudgetClaim;
  return { rule, spent, until: period.end };
}

export function isRefusal(answer: BudgetHold | BudgetRefusal): answer is BudgetRefusal {
  return 'spent' in answer;
}

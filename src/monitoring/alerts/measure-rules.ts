// What alert rules need measured, in as few queries as it takes: rules that look at the same window and are cut by the same dimensions share
// one, whatever their metrics and values. Baselines and earlier weeks are windows like any other.
import { DAY_MS } from '../../kernel/clock.ts';
import type { AlertRule, MetricDimension } from '../../contract/alert-rule.ts';
import type { LedgerClient, LedgerParams } from '../../storage/ledger/ledger.ts';
import { measureMetrics, type MetricCell, type Period } from '../metrics/measure-metrics.ts';
import { windowOf, type Measurement } from './alert-condition.ts';

/** One state machine: a rule, or one value of the dimension it is kept per. */
export interface RuleMeasurement {
  readonly rule: AlertRule;
  /** Value of `condition.per`; empty for a rule that is not kept per dimension. */
  readonly subject: string;
  readonly measurement: Measurement;
}

/** Weeks looked back by `anomalous`. */
const WEEKS = 8;
const WEEK = 7 * DAY_MS;
/** A rule per dimension watches at most so many values, the busiest first. */
const MOST_SUBJECTS = 1_000;
/** Of one query and moment. */
const MOST_CELLS = 10_000;
/** Of one query over many moments: each row is held against all of them. */
const MOST_PERIODS = 100;

type Role = 'now' | 'baseline' | 'history';

interface Wanted {
  readonly rule: AlertRule;
  /** The moment it is measured for. */
  readonly at: number;
  /** Indexes of the batch's periods. */
  readonly periods: ReadonlySet<number>;
}

/** Rules cut by the same dimensions over periods of one kind: those of a kind are about as long, so that none makes another dear. */
interface Batch {
  readonly role: Role;
  readonly by: readonly MetricDimension[];
  readonly periods: Period[];
  readonly wanted: Wanted[];
}

/** The metric over [now − window, now), its baseline just before, and the same window of earlier weeks. */
function periodsOf({ condition }: AlertRule, now: number): Map<Role, Period[]> {
  const length = windowOf(condition);
  const current = { from: now - length, to: now };
  const periods = new Map<Role, Period[]>([['now', [current]]]);
  if (condition.baseline !== undefined)
    periods.set('baseline', [{ from: current.from - condition.baseline, to: current.from }]);
  if (condition.operator === 'anomalous')
    periods.set(
      'history',
      Array.from({ length: WEEKS }, (_, index) => {
        const back = (index + 1) * WEEK;
        return { from: current.from - back, to: current.to - back };
      }),
    );
  return periods;
}

function dimensionsOf({ condition: { where, per } }: AlertRule): MetricDimension[] {
  const named = new Set(Object.keys(where) as MetricDimension[]);
  if (per !== undefined) named.add(per);
  return [...named].sort();
}

function batchesOf(rules: readonly AlertRule[], moments: readonly number[]): Batch[] {
  const batches = new Map<string, Batch>();
  for (const rule of rules) {
    const by = dimensionsOf(rule);
    for (const at of moments)
      for (const [role, periods] of periodsOf(rule, at)) {
        const id = `${role} ${by.join()}`;
        const batch = batches.get(id) ?? { role, by, periods: [], wanted: [] };
        const indexes = new Set(periods.map((period) => indexIn(batch.periods, period)));
        batch.wanted.push({ rule, at, periods: indexes });
        batches.set(id, batch);
      }
  }
  return [...batches.values()];
}

/** Adds the period where it is not there yet. */
function indexIn(periods: Period[], { from, to }: Period): number {
  const found = periods.findIndex((period) => period.from === from && period.to === to);
  return found >= 0 ? found : periods.push({ from, to }) - 1;
}

/** Only rows that a rule of the batch asks for; a dimension that some rule leaves open is not narrowed. */
function narrowing(batch: Batch): Partial<Record<MetricDimension, string[]>> {
  const where: Partial<Record<MetricDimension, string[]>> = {};
  for (const dimension of batch.by) {
    const values = batch.wanted.map(({ rule }) => rule.condition.where[dimension]);
    if (values.every((value) => value !== undefined)) where[dimension] = [...new Set(values)];
  }
  return where;
}

/** Finds the batch's cells of a rule without looking through all of them for each rule. */
class CellIndex {
  readonly #by: readonly MetricDimension[];
  readonly #cells: readonly MetricCell[];
  readonly #indexes = new Map<string, Map<string, MetricCell[]>>();

  constructor(by: readonly MetricDimension[], cells: readonly MetricCell[]) {
    this.#by = by;
    this.#cells = cells;
  }

  of({ condition: { where } }: AlertRule): readonly MetricCell[] {
    const fixed = this.#by.filter((dimension) => where[dimension] !== undefined);
    const id = fixed.join();
    let index = this.#indexes.get(id);
    if (index === undefined) {
      index = new Map();
      for (const cell of this.#cells) {
        const value = JSON.stringify(fixed.map((dimension) => cell.group[dimension]));
        const cells = index.get(value);
        if (cells === undefined) index.set(value, [cell]);
        else cells.push(cell);
      }
      this.#indexes.set(id, index);
    }
    return index.get(JSON.stringify(fixed.map((dimension) => where[dimension]))) ?? [];
  }
}

interface Gathered {
  value: number | null;
  sample: number;
  baseline?: number | null;
  readonly history: number[];
}

type BySubject = Map<string, Gathered>;

/**
 * Measures every rule at `now`. A rule per dimension yields one measurement a value that had traffic in its window, and one without data for
 * each of `known` that had none, so that a subject that went silent is still looked at.
 */
export async function measureRules(
  ledger: LedgerClient,
  rules: readonly AlertRule[],
  now: number,
  known: (rule: AlertRule) => Iterable<string> = () => [],
): Promise<RuleMeasurement[]> {
  const gathered = await gatherAt(ledger, rules, [now]);
  return rules.flatMap((rule) => measurementsOf(rule, gathered.of(rule, now), known(rule)));
}

/** Measures one rule at each of many moments, in order; `known` as it is when a moment's turn comes. */
export async function* measureOver(
  ledger: LedgerClient,
  rule: AlertRule,
  moments: readonly number[],
  known: () => Iterable<string>,
): AsyncGenerator<{ readonly at: number; readonly measured: readonly RuleMeasurement[] }> {
  const periods = [...periodsOf(rule, 0).values()].flat().length;
  const together = Math.max(1, Math.floor(MOST_PERIODS / periods));
  for (let from = 0; from < moments.length; from += together) {
    const some = moments.slice(from, from + together);
    const gathered = await gatherAt(ledger, [rule], some);
    for (const at of some) yield { at, measured: measurementsOf(rule, gathered.of(rule, at), known()) };
  }
}

/** What was found of each rule at each moment. */
class Gathering {
  readonly #found = new Map<number, Map<AlertRule, BySubject>>();

  of(rule: AlertRule, at: number): BySubject {
    let rules = this.#found.get(at);
    if (rules === undefined) this.#found.set(at, (rules = new Map<AlertRule, BySubject>()));
    let subjects = rules.get(rule);
    if (subjects === undefined) rules.set(rule, (subjects = new Map<string, Gathered>()));
    return subjects;
  }
}

async function gatherAt(
  ledger: LedgerClient,
  rules: readonly AlertRule[],
  moments: readonly number[],
): Promise<Gathering> {
  const gathered = new Gathering();
  const turns = inTurn(ledger);
  await Promise.all(
    batchesOf(rules, moments).map(async (batch) => {
      const metrics = [...new Set(batch.wanted.map(({ rule }) => rule.condition.metric))];
      const cells = await measureMetrics(turns, {
        from: Math.min(...batch.periods.map(({ from }) => from)),
        to: Math.max(...moments),
        periods: batch.periods,
        metrics,
        by: batch.by,
        where: narrowing(batch),
        limit: MOST_CELLS * moments.length,
      });
      const index = new CellIndex(batch.by, cells);
      for (const { rule, at, periods } of batch.wanted) {
        const own = index.of(rule).filter(({ period }) => period !== null && periods.has(period));
        gather(rule, batch.role, own, gathered.of(rule, at));
      }
    }),
  );
  return gathered;
}

function measurementsOf(rule: AlertRule, found: BySubject, known: Iterable<string>): RuleMeasurement[] {
  const subjects = new Set(rule.condition.per === undefined ? [''] : [...known, ...found.keys()]);
  return [...subjects].map((subject): RuleMeasurement => {
    const { value, sample, baseline, history } = found.get(subject) ?? emptyOf(rule);
    const measurement = { value, sample, history, ...(baseline === undefined ? {} : { baseline }) };
    return { rule, subject, measurement };
  });
}

/** One query after another: what a person looks at meanwhile must not stand behind all rules. */
function inTurn(ledger: LedgerClient): Pick<LedgerClient, 'query'> {
  let last: Promise<unknown> = Promise.resolve();
  return {
    query: <Row>(sql: string, params?: LedgerParams): Promise<Row[]> => {
      const answer = last.then(() => ledger.query<Row>(sql, params));
      last = answer.catch(() => undefined);
      return answer;
    },
  };
}

function emptyOf({ condition }: AlertRule): Gathered {
  // A window without any request is one observation of zero requests: silence can be alerted on.
  const counted = condition.metric === 'requests';
  return { value: counted ? 0 : null, sample: counted ? 1 : 0, history: [] };
}

function gather(
  rule: AlertRule,
  role: Role,
  cells: readonly MetricCell[],
  subjects: Map<string, Gathered>,
): void {
  const { metric, per } = rule.condition;
  for (const cell of cells.slice(0, MOST_SUBJECTS)) {
    const subject = per === undefined ? '' : (cell.group[per] ?? '');
    const measured = cell.values.get(metric);
    if (measured === undefined || measured.value === null) continue;
    const kept = subjects.get(subject) ?? emptyOf(rule);
    subjects.set(subject, kept);
    if (role === 'now') Object.assign(kept, { value: measured.value, sample: measured.sample });
    else if (role === 'baseline') kept.baseline = measured.value;
    else kept.history.push(measured.value);
  }
}

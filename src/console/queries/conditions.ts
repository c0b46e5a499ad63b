// WHERE clauses from filters. Values are always bound parameters; the scope's condition is the first of every list and can not be left out.
import type { LedgerParam } from '../../storage/ledger/ledger.ts';
import type { Scope } from '../scope.ts';

/** What interactions are cut by; every field narrows. Times are UTC milliseconds, `to` exclusive. */
export interface InteractionFilter {
  readonly prompt?: string | undefined;
  readonly version?: string | undefined;
  readonly model?: string | undefined;
  readonly status?: string | undefined;
  readonly user?: string | undefined;
  readonly key?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Found in the stored request or answer, whatever the case of its letters. */
  readonly text?: string | undefined;
}

/** Where a page ends: everything after it in (time, id) descending order comes next. */
export interface Position {
  readonly at: number;
  readonly id: string;
}

export interface Where {
  /** `WHERE …` without the word. */
  readonly sql: string;
  readonly params: Readonly<Record<string, LedgerParam>>;
}

const COLUMNS = {
  prompt: 'prompt',
  version: 'version',
  model: 'model',
  status: 'status',
  user: 'end_user',
  key: 'key',
} as const;

const instant = (name: string): string => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;

/** The condition that confines a query to what the caller may see. */
export function scopeCondition(scope: Scope): Where {
  return scope.kind === 'all'
    ? { sql: '1', params: {} }
    : { sql: 'key IN {scope_keys:Array(String)}', params: { scope_keys: [...scope.keys] } };
}

/** All conditions of a filter within a scope, after a position if one is given. */
export function whereInteractions(scope: Scope, filter: InteractionFilter, after?: Position): Where {
  const confined = scopeCondition(scope);
  const conditions = [confined.sql];
  const params: Record<string, LedgerParam> = { ...confined.params };
  for (const [name, column] of Object.entries(COLUMNS)) {
    const value = filter[name as keyof typeof COLUMNS];
    if (value === undefined) continue;
    conditions.push(`${column} = {${name}:String}`);
    params[name] = value;
  }
  if (filter.from !== undefined) {
    conditions.push(`at >= ${instant('from')}`);
    params['from'] = filter.from;
  }
  if (filter.to !== undefined) {
    conditions.push(`at < ${instant('to')}`);
    params['to'] = filter.to;
  }
  if (filter.text !== undefined) {
    const found = ['request', 'response'].map(
      (column) => `positionCaseInsensitiveUTF8(${column}, {text:String}) > 0`,
    );
    conditions.push(
      `id IN (SELECT interaction FROM ledger.payloads WHERE ${confined.sql} AND (${found.join(' OR ')}))`,
    );
    params['text'] = filter.text;
  }
  if (after !== undefined) {
    conditions.push(
      `at <= ${instant('after_at')} AND (at < ${instant('after_at')} OR id < {after_id:String})`,
    );
    params['after_at'] = after.at;
    params['after_id'] = after.id;
  }
  return { sql: conditions.join(' AND '), params };
}

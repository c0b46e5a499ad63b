// How far a reader of the ledger has come. Interactions come into the ledger when they have ended, so that is the order in which nothing is
// missed: by when they began, a slow answer would arrive behind a reader that has gone on.

export interface Cursor {
  /** UTC milliseconds. */
  readonly at: number;
  readonly id: string;
}

/** No call lasts longer; bounds how much is looked through. */
const LONGEST_CALL_MS = 3_600_000;

/** In SQL, of a column that orders a table by the time its rows came: after the cursor `at` and `id`, before `to`. */
export function after(column: string): string {
  return `${column} >= fromUnixTimestamp64Milli({at:Int64}, 'UTC') AND ${column} < fromUnixTimestamp64Milli({to:Int64}, 'UTC') AND (${column} > fromUnixTimestamp64Milli({at:Int64}, 'UTC') OR id > {id:String})`;
}

/** In SQL, of what is ordered by when its interaction began: no earlier than a call may have begun that ended after the cursor. */
export const MAY_END_AFTER = `at >= fromUnixTimestamp64Milli({at:Int64} - ${LONGEST_CALL_MS}, 'UTC') AND at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')`;

/** In SQL: interactions that ended after the cursor and before `to`; read them in the order of `ended_at, id`. */
export const ENDED_AFTER = `${MAY_END_AFTER} AND ${after('ended_at')}`;

/** The cursor, or the end of what may be read where it lies behind that: the clock has been set back, and what comes now must not wait for it. */
export function notAhead(cursor: Cursor, to: number): Cursor {
  return cursor.at <= to ? cursor : { at: to, id: '' };
}

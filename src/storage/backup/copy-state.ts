// A consistent copy of the state database while others go on using it.
import { DatabaseSync } from 'node:sqlite';

/** Writes the database at `from` into the new file `to`, as it is in one moment. Throws when `to` exists. */
export function copyState(from: string, to: string): void {
  const database = new DatabaseSync(from, { readOnly: true, timeout: 10_000 });
  try {
    database.prepare('VACUUM INTO ?').run(to);
  } finally {
    database.close();
  }
}

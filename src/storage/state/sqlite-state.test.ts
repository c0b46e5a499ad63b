// SQLite passes the state contract, and refuses changes of the audit chain.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { openSqliteState } from './sql-state.ts';
import { stateContract } from './state-contract.ts';

async function openFresh() {
  const folder = await scratchFolder();
  const clock = new ManualClock(1_790_000_000_000);
  const state = await openSqliteState({ path: join(folder.path, 'state.db'), clock });
  const close = async (): Promise<void> => {
    await state.close();
    await folder[Symbol.asyncDispose]();
  };
  return { clock, state: { ...state, close } };
}

describe('sqlite', () => {
  stateContract(openFresh);
});

test('what was written is there after opening again, and a changed audit entry is named', async () => {
  await using folder = await scratchFolder();
  const path = join(folder.path, 'state.db');
  const clock = new ManualClock(5);
  const first = await openSqliteState({ path, clock });
  for (const subject of ['a', 'b', 'c']) {
    await first.audit.append({ actor: 'x', act: 'key.create', subject, details: {} });
  }
  await first.close();
  const raw = new DatabaseSync(path);
  expect(() => raw.exec("UPDATE audit SET subject = 'z' WHERE seq = 2")).toThrow('append-only');
  expect(() => raw.exec('DELETE FROM audit WHERE seq = 2')).toThrow('append-only');
  raw.exec("DROP TRIGGER audit_no_update; UPDATE audit SET subject = 'z' WHERE seq = 2");
  raw.close();
  const second = await openSqliteState({ path, clock });
  expect(await second.audit.verify()).toMatchObject({ sound: false, seq: 2 });
  await second.close();
});

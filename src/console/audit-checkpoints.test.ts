// The audit chain under attack, in a real database and a real repository: every kind of tampering is named, with the first bad entry.
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { silentLogger } from '../kernel/logger.ts';
import { nextAuditEntry, type AuditEntry } from '../storage/state/audit-chain.ts';
import { openSqliteState } from '../storage/state/sql-state.ts';
import { type ScratchFolder, scratchFolder } from '../storage/testing/scratch-folder.ts';
import { AuditCheckpoints } from './audit-checkpoints.ts';

const clock = new ManualClock(Date.UTC(2026, 0, 5));
let folder: ScratchFolder;

const git = (...command: string[]): string =>
  execFileSync('git', ['-C', folder.path, ...command], { encoding: 'utf8' });

async function opened(path: string): Promise<{ checkpoints: AuditCheckpoints; close: () => Promise<void> }> {
  const state = await openSqliteState({ path, clock });
  const keyPath = join(folder.path, 'data', 'audit-key.pem');
  const options = { audit: state.audit, workspaceFolder: folder.path, keyPath, clock, logger: silentLogger };
  return { checkpoints: new AuditCheckpoints(options), close: () => state.close() };
}

beforeAll(async () => {
  folder = await scratchFolder();
  git('init', '--quiet');
  const path = join(folder.path, 'data', 'state.sqlite');
  const state = await openSqliteState({ path, clock });
  const { checkpoints, close } = await opened(path);
  for (let index = 1; index <= 12; index += 1) {
    await state.audit.append({ actor: 'a', act: 'key.create', subject: `key_${index}`, details: { index } });
    if (index === 5 || index === 10) expect(await checkpoints.take()).toBe(true);
  }
  expect(await checkpoints.verify()).toMatchObject({ sound: true, entries: 12, checkpoints: 2 });
  await state.close();
  await close();
});
afterAll(async () => folder[Symbol.asyncDispose]());

/** The verdict on a copy of the database after somebody with full access to it was at work. */
async function verdictAfter(name: string, tamper: (database: DatabaseSync) => void): Promise<unknown> {
  const path = join(folder.path, name, 'state.sqlite');
  cpSync(join(folder.path, 'data', 'state.sqlite'), path);
  const database = new DatabaseSync(path);
  database.exec('DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete');
  tamper(database);
  database.close();
  const { checkpoints, close } = await opened(path);
  const verdict = await checkpoints.verify();
  await close();
  return verdict;
}

test('the database itself refuses to change or remove an entry', () => {
  const database = new DatabaseSync(join(folder.path, 'data', 'state.sqlite'));
  expect(() => database.exec("UPDATE audit SET subject = 'x' WHERE seq = 3")).toThrow(/append-only/);
  expect(() => database.exec('DELETE FROM audit WHERE seq = 12')).toThrow(/append-only/);
  database.close();
});

test('an edited, a removed and a swapped entry are named', async () => {
  expect(
    await verdictAfter('edit', (database) =>
      database.exec("UPDATE audit SET subject = 'key_x' WHERE seq IN (4, 9)"),
    ),
  ).toMatchObject({ sound: false, seq: 4, reason: expect.stringMatching(/does not match its hash/) });
  expect(
    await verdictAfter('delete', (database) => database.exec('DELETE FROM audit WHERE seq IN (3, 7)')),
  ).toMatchObject({ sound: false, seq: 3, reason: expect.stringMatching(/missing/) });
  expect(
    await verdictAfter('reorder', (database) =>
      database.exec(
        'UPDATE audit SET seq = 100 WHERE seq = 6; UPDATE audit SET seq = 6 WHERE seq = 7; UPDATE audit SET seq = 7 WHERE seq = 100',
      ),
    ),
  ).toMatchObject({ sound: false, seq: 6 });
  expect(
    await verdictAfter('head', (database) => database.exec('DELETE FROM audit WHERE seq < 3')),
  ).toMatchObject({ sound: false, seq: 1 });
});

test('a cut tail is caught by the signed checkpoint, down to what came after the last one', async () => {
  expect(
    await verdictAfter('tail', (database) => database.exec('DELETE FROM audit WHERE seq > 8')),
  ).toMatchObject({ sound: false, seq: 9, reason: expect.stringMatching(/was cut: .* names entry 10/) });
  expect(await verdictAfter('emptied', (database) => database.exec('DELETE FROM audit'))).toMatchObject({
    sound: false,
    seq: 1,
  });
});

test('a chain written anew with right hashes is caught by the checkpoint after the change', async () => {
  const rewrite = (database: DatabaseSync): void => {
    let last: AuditEntry | null = null;
    for (const row of database.prepare('SELECT * FROM audit ORDER BY seq').all()) {
      const { at, actor, act, seq } = row as { at: number; actor: string; act: string; seq: number };
      const details = { index: seq };
      const subject = seq === 7 ? 'key_forged' : `key_${seq}`;
      last = nextAuditEntry(last, at, { actor, act, subject, details });
      database
        .prepare('UPDATE audit SET subject = ?, previous = ?, hash = ? WHERE seq = ?')
        .run(last.subject, last.previous, last.hash, seq);
    }
  };
  expect(await verdictAfter('rewrite', rewrite)).toMatchObject({
    sound: false,
    seq: 6,
    reason: expect.stringMatching(/entries 6 to 10 were written anew/),
  });
});

test('checkpoints touch neither working tree nor branches; a forged one is not believed', async () => {
  expect(git('status', '--porcelain', '--untracked-files=no')).toBe('');
  expect(git('for-each-ref', '--format=%(refname)')).toMatch(/^refs\/binnacle\/audit\/[0-9a-f]{16}\n$/);
  const ref = git('for-each-ref', '--format=%(refname)').trim();
  const tip = git('rev-parse', ref).trim();
  const message = git('log', '-1', '--format=%B', ref).replace('"seq":10', '"seq":11');
  const identity = ['-c', 'user.name=x', '-c', 'user.email=x@example.org'];
  const forged = git(...identity, 'commit-tree', `${ref}^{tree}`, '-p', tip, '-m', message).trim();
  git('update-ref', ref, forged);
  const { checkpoints, close } = await opened(join(folder.path, 'data', 'state.sqlite'));
  expect(await checkpoints.verify()).toMatchObject({
    sound: false,
    reason: expect.stringMatching(/signature of checkpoint 3/),
  });
  await close();
  git('update-ref', ref, tip);
});

// One data folder, one owner. The lock is the operating system's (SQLite's file lock), so it is gone the moment its holder is, however
// it died, and no process id that was given out again can be mistaken for the holder. Beside it stands who holds it, for the message.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { BinnacleError, messageOf } from '../kernel/errors.ts';

export interface FolderLockOptions {
  readonly directory: string;
  /** What holds it, as the refused one reads it: `binnacle up`. */
  readonly holder: string;
  /** UTC milliseconds at which the holder started. */
  readonly startedAt: number;
  /** How long to wait for a holder that is ending, milliseconds. Default 0. */
  readonly patience?: number;
}

export interface FolderLock {
  release(): void;
}

interface HolderNote {
  readonly pid: number;
  readonly holder: string;
  readonly started_at: string;
}

/** Keeps held locks from being collected as garbage, which would open them: a holder may well forget the value it was given. */
const held = new Set<DatabaseSync>();

const LOCK_FILE = 'owner.lock';
const NOTE_FILE = 'owner.json';

/** Takes a folder; throws `folder_owned` (naming the holder and what to do) when another process has it. */
export async function lockFolder(options: FolderLockOptions): Promise<FolderLock> {
  const { directory, holder, startedAt } = options;
  mkdirSync(directory, { recursive: true });
  const deadline = performance.now() + (options.patience ?? 0);
  for (;;) {
    const lock = tryLock(join(directory, LOCK_FILE));
    if (lock !== null) {
      const note: HolderNote = { pid: process.pid, holder, started_at: new Date(startedAt).toISOString() };
      writeFileSync(join(directory, NOTE_FILE), `${JSON.stringify(note)}\n`);
      held.add(lock);
      return {
        release() {
          held.delete(lock);
          lock.close();
        },
      };
    }
    if (performance.now() >= deadline) throw owned(directory);
    await sleep(20);
  }
}

function tryLock(path: string): DatabaseSync | null {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
    return database;
  } catch (error) {
    database.close();
    if (/locked|busy/i.test(messageOf(error))) return null;
    throw error;
  }
}

function owned(directory: string): BinnacleError {
  const note = readNote(directory);
  const who =
    note === null ? 'another process' : `process ${note.pid} (${note.holder}, started ${note.started_at})`;
  const what = note === null ? 'Stop it' : `Stop it (kill ${note.pid})`;
  return new BinnacleError({
    code: 'folder_owned',
    message: `The folder ${resolve(directory)} is in use by ${who}. ${what}, or work with another workspace or data folder.`,
    httpStatus: 409,
  });
}

function readNote(directory: string): HolderNote | null {
  try {
    return JSON.parse(readFileSync(join(directory, NOTE_FILE), 'utf8')) as HolderNote;
  } catch {
    return null;
  }
}

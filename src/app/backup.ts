// A backup: state, ledger and spools of one moment in a folder, with the sums that a restore is held against. And back.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { INTERNAL_TOKEN_FILE, KEY_SECRET_FILE } from '../contract/internal.ts';
import { ADMIN_TOKEN_FILE } from '../contract/processes.ts';
import type { Clock } from '../kernel/clock.ts';
import { messageOf, UsageError } from '../kernel/errors.ts';
import { silentLogger } from '../kernel/logger.ts';
import { copyState } from '../storage/backup/copy-state.ts';
import { backUpLedger, ledgerSums, restoreLedger } from '../storage/backup/ledger-copy.ts';
import { lockFolder } from '../storage/folder-lock.ts';
import type { LedgerClient } from '../storage/ledger/ledger.ts';
import { openLedger } from '../storage/ledger/ledger-child.ts';
import { AUDIT_KEY_FILE } from '../storage/state/audit-seal.ts';
import { openSqliteState } from '../storage/state/sql-state.ts';

const MANIFEST = 'backup.json';
export const STATE_FILE = 'state.sqlite';
const LEDGER = 'ledger';
/** Rows that are recorded and not in the ledger yet; they are taken in once it runs again. */
const SPOOLS = ['spool'] as const;
const SECRETS = [KEY_SECRET_FILE, AUDIT_KEY_FILE, ADMIN_TOKEN_FILE, INTERNAL_TOKEN_FILE] as const;

export const backupManifestSchema = z.object({
  format: z.literal(1),
  version: z.string(),
  taken_at: z.string(),
  secrets: z.boolean(),
  state_sha256: z.string(),
  tables: z.array(z.object({ table: z.string(), rows: z.number().int(), cost_usd: z.string().nullable() })),
});
export type BackupManifest = z.output<typeof backupManifestSchema>;

export interface BackupParts {
  readonly dataFolder: string;
  readonly target: string;
  readonly secrets: boolean;
  readonly version: string;
  readonly clock: Clock;
  readonly ledger: Pick<LedgerClient, 'query' | 'command'>;
  /** Runs the copying while nothing is ingested. */
  readonly paused: <Value>(action: () => Promise<Value>) => Promise<Value>;
}

async function requireEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0)
    throw new UsageError(`${folder} is not empty. Name a new folder for the backup.`);
}

/** Takes a backup into `target`, a new or empty folder, and resolves with what stands in its manifest. */
export async function takeBackup(parts: BackupParts): Promise<BackupManifest> {
  const { dataFolder, target, ledger, clock, version, secrets } = parts;
  await requireEmpty(target);
  const tables = await parts.paused(async () => {
    copyState(join(dataFolder, STATE_FILE), join(target, STATE_FILE));
    const sums = await ledgerSums(ledger);
    await backUpLedger(ledger, join(dataFolder, LEDGER), join(target, LEDGER));
    for (const spool of SPOOLS)
      if (existsSync(join(dataFolder, spool)))
        await cp(join(dataFolder, spool), join(target, spool), { recursive: true });
    return sums;
  });
  if (secrets) await copySecrets(dataFolder, join(target, 'secrets'));
  const manifest: BackupManifest = {
    format: 1,
    version,
    taken_at: new Date(clock.now()).toISOString(),
    secrets,
    state_sha256: await sha256(join(target, STATE_FILE)),
    tables,
  };
  await chmod(join(target, STATE_FILE), 0o600);
  // Last: a folder without it is no backup.
  await writeFile(join(target, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
  return manifest;
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

async function copySecrets(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of SECRETS) {
    if (!existsSync(join(from, name))) continue;
    await copyFile(join(from, name), join(to, name));
    await chmod(join(to, name), 0o600);
  }
}

/** A backup of an installation that does not run. Throws `folder_owned` when it does. */
export async function takeOfflineBackup(
  parts: Omit<BackupParts, 'ledger' | 'paused'>,
): Promise<BackupManifest> {
  const { dataFolder, clock } = parts;
  if (!existsSync(join(dataFolder, STATE_FILE)))
    throw new UsageError(
      `There is nothing to back up in ${dataFolder}: no installation has run on it. Name another with --workspace DIR.`,
    );
  const lock = await lockFolder({
    directory: dataFolder,
    holder: 'binnacle backup',
    startedAt: clock.now(),
  });
  try {
    const ledger = await openLedger({ directory: join(dataFolder, LEDGER), logger: silentLogger });
    try {
      return await takeBackup({ ...parts, ledger, paused: (action) => action() });
    } finally {
      await ledger.close();
    }
  } finally {
    lock.release();
  }
}

export interface Restored {
  readonly manifest: BackupManifest;
  readonly audit_entries: number;
}

async function readManifest(source: string): Promise<BackupManifest> {
  try {
    return backupManifestSchema.parse(JSON.parse(await readFile(join(source, MANIFEST), 'utf8')));
  } catch (error) {
    throw new UsageError(
      `${source} holds no whole backup (${messageOf(error).split('\n')[0]}). Name a folder that "binnacle backup" filled.`,
    );
  }
}

/** Restores a backup into a data folder that no installation has run on, and verifies it: sums of each table, then the audit chain. */
export async function restoreBackup(parts: {
  readonly source: string;
  readonly dataFolder: string;
  readonly clock: Clock;
}): Promise<Restored> {
  const { source, dataFolder, clock } = parts;
  const manifest = await readManifest(source);
  if ((await sha256(join(source, STATE_FILE))) !== manifest.state_sha256)
    throw new UsageError(
      `${join(source, STATE_FILE)} is damaged: its SHA-256 is not the one in ${MANIFEST}.`,
    );
  if (existsSync(join(dataFolder, STATE_FILE)))
    throw new UsageError(
      `${dataFolder} already holds an installation's data. Move it away, or set data_dir in binnacle.yaml to a new folder.`,
    );
  const lock = await lockFolder({
    directory: dataFolder,
    holder: 'binnacle restore',
    startedAt: clock.now(),
  });
  try {
    await restoreStores(source, dataFolder, manifest);
    const entries = await verifiedEntries(source, dataFolder, clock);
    return { manifest, audit_entries: entries };
  } finally {
    lock.release();
  }
}

async function restoreStores(source: string, dataFolder: string, manifest: BackupManifest): Promise<void> {
  const ledgerFolder = join(dataFolder, LEDGER);
  const ledger = await openLedger({ directory: ledgerFolder, logger: silentLogger });
  try {
    await restoreLedger(ledger, ledgerFolder, join(source, LEDGER));
    const found = new Map((await ledgerSums(ledger)).map((sum) => [sum.table, sum]));
    for (const { table, rows, cost_usd } of manifest.tables) {
      const sum = found.get(table);
      if (sum?.rows !== rows || sum.cost_usd !== cost_usd)
        throw new UsageError(
          `The table ${table} has ${sum?.rows ?? 0} rows and $${sum?.cost_usd ?? '0'} after the restore, the backup had ${rows} and $${cost_usd ?? '0'}: the backup is damaged. Nothing was put in place; remove ${dataFolder} and restore another backup.`,
        );
    }
  } finally {
    await ledger.close();
  }
  for (const spool of SPOOLS)
    if (existsSync(join(source, spool)))
      await cp(join(source, spool), join(dataFolder, spool), { recursive: true });
  const secrets = join(source, 'secrets');
  if (existsSync(secrets)) await copySecrets(secrets, dataFolder);
}

/** The state comes last: a folder without it counts as one that nothing was restored into. */
async function verifiedEntries(source: string, dataFolder: string, clock: Clock): Promise<number> {
  const path = join(dataFolder, STATE_FILE);
  await copyFile(join(source, STATE_FILE), path);
  await chmod(path, 0o600);
  const state = await openSqliteState({ path, clock });
  try {
    const verdict = await state.audit.verify();
    if (!verdict.sound)
      throw new UsageError(
        `The audit chain in this backup is broken at entry ${verdict.seq}: ${verdict.reason}. It was restored as it is.`,
      );
    return verdict.entries;
  } finally {
    await state.close();
  }
}

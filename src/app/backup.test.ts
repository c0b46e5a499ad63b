// What this holds: a backup restored into a fresh folder has the same sums and a whole audit chain, pushes that come while it is taken wait
// and lose nothing, and what is damaged or would overwrite data is refused.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KEY_SECRET_FILE } from '../contract/internal.ts';
import { systemClock } from '../kernel/clock.ts';
import { newId } from '../kernel/ids.ts';
import { silentLogger } from '../kernel/logger.ts';
import { ledgerSums } from '../storage/backup/ledger-copy.ts';
import { createIngestor } from '../storage/ledger/ingest-range.ts';
import { openLedger } from '../storage/ledger/ledger-child.ts';
import { PausableIngestor } from '../storage/ledger/pausable-ingestor.ts';
import { carrySpool } from '../storage/spool/carry-spool.ts';
import { openSpool } from '../storage/spool/spool.ts';
import { openSqliteState } from '../storage/state/sql-state.ts';
import { sampleBegin, sampleEnd } from '../storage/testing/sample-rows.ts';
import { scratchFolder } from '../storage/testing/scratch-folder.ts';
import { restoreBackup, STATE_FILE, takeBackup, takeOfflineBackup } from './backup.ts';
import { migrateStores } from './migrate.ts';

const clock = systemClock;

async function openStores(data: string) {
  const spool = await openSpool({
    directory: join(data, 'spool'),
    durability: 'process',
    clock,
    logger: silentLogger,
  });
  const state = await openSqliteState({ path: join(data, STATE_FILE), clock });
  const ledger = await openLedger({ directory: join(data, 'ledger'), logger: silentLogger });
  const ingestor = new PausableIngestor(
    createIngestor({ ledger, ranges: state.ranges, clock, logger: silentLogger }),
  );
  const close = async (): Promise<void> => {
    await spool.close();
    await ledger.close();
    await state.close();
  };
  const carry = (): Promise<number> =>
    carrySpool(spool, (range, bytes) => ingestor.ingestRange({ ...range, bytes }));
  const record = async (rows: number): Promise<void> => {
    for (let row = 0; row < rows; row += 1) {
      const at = clock.now();
      await spool.appendDurable(sampleEnd(sampleBegin(newId('int', at), at), BigInt(row) * 1_000_003n, 100));
    }
  };
  return { spool, state, ledger, ingestor, close, carry, record };
}

describe('backup and restore', () => {
  test('a backup taken while rows come, restored, has every row once after its spool is taken in', async () => {
    await using scratch = await scratchFolder();
    const data = join(scratch.path, 'data');
    const target = join(scratch.path, 'backup');
    const stores = await openStores(data);
    writeFileSync(join(data, KEY_SECRET_FILE), 'a secret\n');
    await stores.state.audit.append({ actor: 'admin', act: 'key.create', subject: 'key_1', details: {} });
    await stores.record(40);
    await stores.carry();
    await stores.record(10);
    const carrying: Promise<number>[] = [];
    const manifest = await takeBackup({
      dataFolder: data,
      target,
      secrets: true,
      version: '1',
      clock,
      ledger: stores.ledger,
      paused: (action) =>
        stores.ingestor.paused(async () => {
          carrying.push(stores.carry());
          return action();
        }),
    });
    await Promise.all(carrying);
    expect(manifest.tables.find(({ table }) => table === 'interactions')?.rows).toBe(40);
    const [live] = (await ledgerSums(stores.ledger)).filter(({ table }) => table === 'interactions');
    expect(live?.rows).toBe(50);
    await stores.close();

    const fresh = join(scratch.path, 'fresh');
    const restored = await restoreBackup({ source: target, dataFolder: fresh, clock });
    expect(restored.audit_entries).toBeGreaterThan(0);
    expect(readFileSync(join(fresh, KEY_SECRET_FILE), 'utf8')).toBe('a secret\n');
    expect(statSync(join(fresh, KEY_SECRET_FILE)).mode & 0o077).toBe(0);
    const again = await openStores(fresh);
    expect(await ledgerSums(again.ledger)).toEqual(manifest.tables);
    while ((await again.carry()) > 0);
    const after = (await ledgerSums(again.ledger)).find(({ table }) => table === 'interactions');
    expect(after).toEqual(live);
    await again.close();

    await expect(restoreBackup({ source: target, dataFolder: fresh, clock })).rejects.toThrow(
      /already holds an installation's data/,
    );
    expect(await migrateStores(fresh, clock)).toEqual({ state: [], ledger: [] });
  }, 60_000);

  test('offline: without secrets none is in it, and a damaged state or an empty folder is refused', async () => {
    await using scratch = await scratchFolder();
    const data = join(scratch.path, 'data');
    const target = join(scratch.path, 'backup');
    const shared = { secrets: false, version: '1', clock };
    await expect(takeOfflineBackup({ ...shared, dataFolder: data, target })).rejects.toThrow(
      /nothing to back up/,
    );
    const stores = await openStores(data);
    writeFileSync(join(data, KEY_SECRET_FILE), 'a secret\n');
    await stores.record(3);
    await stores.close();
    await takeOfflineBackup({ ...shared, dataFolder: data, target });
    expect(existsSync(join(target, 'secrets'))).toBe(false);
    await expect(takeOfflineBackup({ ...shared, dataFolder: data, target })).rejects.toThrow(/not empty/);
    const bytes = readFileSync(join(target, STATE_FILE));
    bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
    writeFileSync(join(target, STATE_FILE), bytes);
    const fresh = join(scratch.path, 'fresh');
    await expect(restoreBackup({ source: target, dataFolder: fresh, clock })).rejects.toThrow(/damaged/);
    await expect(restoreBackup({ source: data, dataFolder: fresh, clock })).rejects.toThrow(
      /holds no whole backup/,
    );
    await expect(migrateStores(fresh, clock)).rejects.toThrow(/nothing to migrate/);
  }, 60_000);
});

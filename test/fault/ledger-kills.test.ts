// Kills during bulk ingestion: a few each time, 200 with `KILLS=200 ROWS=120000 npx vitest run test/fault/ledger-kills.test.ts`.
import { expect, test } from 'vitest';
import { scratchFolder } from '../../src/storage/testing/scratch-folder.ts';
import { killIngestion } from './kill-ingestion.ts';

const kills = Number(process.env['KILLS'] ?? 3);
const rows = Number(process.env['ROWS'] ?? 1500);

test(
  `${kills} kills of ledger and console during ingestion lose nothing and double nothing`,
  { timeout: 60_000 + kills * 6000 },
  async () => {
    await using folder = await scratchFolder();
    const report = await killIngestion(folder.path, { kills, rows, rangeBytes: 100_000 });
    console.log(`${report.kills} kills (${report.consoleKills} of the console), ${rows} rows`);
    const { cost } = report.written;
    expect(report.stored).toEqual({
      interactions: { rows, distinct: rows, cost },
      attempts: { rows, distinct: rows, cost },
      payloads: { rows, distinct: rows, cost: null },
    });
    expect(report.kills).toBeGreaterThan(kills / 2);
  },
);

// The part of a console that ingests: carries a spool folder into a ledger until nothing is left. A fault test kills it and its ledger.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/kernel/clock.ts';
import { BinnacleError } from '../../src/kernel/errors.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { createIngestor } from '../../src/storage/ledger/ingest-range.ts';
import { openLedger } from '../../src/storage/ledger/ledger-child.ts';
import { carrySpool } from '../../src/storage/spool/carry-spool.ts';
import { openSpool } from '../../src/storage/spool/spool.ts';
import { openSqliteState } from '../../src/storage/state/sql-state.ts';

const folder = process.argv[2] as string;
const spool = await openSpool({
  directory: join(folder, 'spool'),
  durability: 'process',
  clock: systemClock,
  logger: silentLogger,
});
const state = await openSqliteState({ path: join(folder, 'state.db'), clock: systemClock });
const ledger = await openLedger({ directory: join(folder, 'ledger'), logger: silentLogger });
const ingestor = createIngestor({ ledger, ranges: state.ranges, clock: systemClock, logger: silentLogger });

let told: number | null = null;

/** Says which process the ledger is, each time it is another one. */
async function tellLedger(): Promise<void> {
  const { processId } = await ledger.figures();
  if (processId !== told) process.stdout.write(`ledger ${processId}\n`);
  told = processId;
}

await tellLedger();
const telling = setInterval(() => void tellLedger().catch(() => undefined), 20);
for (;;) {
  try {
    const taken = await carrySpool(
      spool,
      (range, bytes) => ingestor.ingestRange({ ...range, bytes }),
      Number(process.argv[3] ?? 300_000),
    );
    if (taken === 0) break;
  } catch (error) {
    if (!(error instanceof BinnacleError) || error.code !== 'ledger_unavailable') throw error;
    await sleep(5);
  }
}
clearInterval(telling);
await ledger.close();
await state.close();
await spool.close();
process.stdout.write('done\n');

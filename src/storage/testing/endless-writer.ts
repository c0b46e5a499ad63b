// Writes interactions as fast as it can and prints the id of each that is safe; a test kills it. Twenty are always on their way, and one more never ends.
import { systemClock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { sampleBegin, sampleEnd } from './sample-rows.ts';
import { openSpool } from '../spool/spool.ts';

const spool = await openSpool({
  directory: process.argv[2] as string,
  durability: 'durable',
  clock: systemClock,
  logger: silentLogger,
  segmentBytes: 50_000,
});

async function keepWriting(): Promise<never> {
  for (;;) {
    const begin = sampleBegin(newId('int', Date.now()), Date.now());
    spool.append(begin);
    await new Promise((resolve) => setTimeout(resolve, 2));
    await spool.appendDurable(sampleEnd(begin, 1n));
    process.stdout.write(`${begin.id}\n`);
  }
}

spool.append(sampleBegin(newId('int', Date.now()), Date.now()));
await Promise.all(Array.from({ length: 20 }, keepWriting));

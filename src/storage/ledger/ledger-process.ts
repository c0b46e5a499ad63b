// The ledger process: loads chDB, answers the console's calls, and ends when the console does. Started by ledger-child.ts with its
// options as one JSON argument.
import { messageOf } from '../../kernel/errors.ts';
import { lockFolder } from '../folder-lock.ts';
import { ChdbEngine, type ChdbEngineOptions } from './chdb-engine.ts';
import { EarlyFacts } from './early-facts.ts';
import { ingestBatch } from './ingest-batch.ts';
import { watchParts } from './part-watch.ts';
import type { LedgerCall, LedgerReply, LedgerRequest } from './ledger-message.ts';

const options = JSON.parse(process.argv[2] ?? '') as ChdbEngineOptions;
// Two processes on one chDB folder would ruin it: wait for a predecessor that is still on its way out.
await lockFolder({ directory: options.directory, holder: 'ledger', startedAt: Date.now(), patience: 10_000 });
const engine = new ChdbEngine(options);
const early = new EarlyFacts(engine);

function reply(message: LedgerReply): void {
  // An owner that is gone hears nothing; what follows then is below.
  process.send?.(message, undefined, undefined, () => undefined);
}

async function answer(call: LedgerCall): Promise<unknown> {
  switch (call.kind) {
    case 'ingest':
      return ingestBatch(engine, early, call.batch);
    case 'query':
      return engine.query(call.sql, call.params);
    case 'bytes':
      return engine.bytes(call.sql, call.params, call.format);
    case 'command':
      return engine.command(call.sql, call.params);
    default:
      return process.memoryUsage.rss();
  }
}

process.on('message', (request: LedgerRequest) => {
  if (request.call.kind === 'close') {
    engine.close();
    process.exit(0);
  }
  answer(request.call).then(
    (value) => reply({ kind: 'answer', number: request.number, value }),
    (error: unknown) => reply({ kind: 'failure', number: request.number, message: messageOf(error) }),
  );
});
// The owner died without a word. What is half done is repaired by the next start; lingering would keep the folder from it.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// The owner decides when the ledger ends: a Ctrl-C in the terminal reaches this process too, and must not cut an insert short.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
watchParts(
  (seconds) => engine.joinedParts(seconds),
  (part) => reply({ kind: 'broken', part }),
);
reply({ kind: 'ready', migrated: engine.migrated });

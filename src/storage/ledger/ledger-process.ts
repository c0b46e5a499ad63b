// The ledger process: loads chDB, answers the console's calls, and ends when the console does. Started by ledger-child.ts with its
// options as one JSON argument.
import { messageOf } from '../../kernel/errors.ts';
import { ChdbEngine, type ChdbEngineOptions } from './chdb-engine.ts';
import { ingestBatch } from './ingest-batch.ts';
import type { LedgerCall, LedgerReply, LedgerRequest } from './ledger-message.ts';

const options = JSON.parse(process.argv[2] ?? '') as ChdbEngineOptions;
const engine = new ChdbEngine(options);

function reply(message: LedgerReply): void {
  process.send?.(message);
}

async function answer(call: LedgerCall): Promise<unknown> {
  switch (call.kind) {
    case 'ingest':
      return ingestBatch(engine, call.batch);
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
  answer(request.call).then(
    (value) => reply({ kind: 'answer', number: request.number, value }),
    (error: unknown) => reply({ kind: 'failure', number: request.number, message: messageOf(error) }),
  );
});
process.on('disconnect', () => {
  engine.close();
  process.exit(0);
});
// The owner decides when the ledger ends: a Ctrl-C in the terminal reaches this process too, and must not cut an insert short.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
reply({ kind: 'ready' });

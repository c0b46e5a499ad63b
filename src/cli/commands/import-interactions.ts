// `binnacle import interactions F`: JSON lines into the ledger of the running installation, each interaction once.
import type { Command } from 'commander';
import { importResultSchema, type ImportResult } from '../../contract/api.ts';
import { readTextPieces } from '../../kernel/jsonl.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import type { ConsoleClient } from '../console-client.ts';
import { runningConsole } from '../running-console.ts';

/** Sent in one request; the console takes up to 32 MiB. */
const CHUNK_CHARACTERS = 4 * 1024 * 1024;

interface Chunk {
  readonly firstIndex: number;
  readonly body: string;
}

/** Whole lines in pieces of bounded size. */
async function* chunksOf(path: string): AsyncGenerator<Chunk> {
  let text = '';
  let firstIndex = 0;
  for await (const piece of readTextPieces(path)) {
    text += piece;
    const end = text.length >= CHUNK_CHARACTERS ? text.lastIndexOf('\n') : -1;
    if (end < 0) continue;
    const body = text.slice(0, end);
    yield { firstIndex, body };
    firstIndex += body.split('\n').length;
    text = text.slice(end + 1);
  }
  if (text.trim() !== '') yield { firstIndex, body: text };
}

async function importFile(client: ConsoleClient, path: string): Promise<ImportResult> {
  const total = { accepted: 0, duplicates: 0, rejected: [] as ImportResult['rejected'] };
  for await (const { firstIndex, body } of chunksOf(path)) {
    const result = await client.send(
      'POST',
      `/api/import/interactions?first_index=${firstIndex}`,
      { type: 'application/x-ndjson', content: body },
      importResultSchema,
    );
    total.accepted += result.accepted;
    total.duplicates += result.duplicates;
    total.rejected.push(...result.rejected);
  }
  return total;
}

/** Adds the subcommand to `import`. Exit code 1 when a line was rejected. */
export function registerInteractions(command: Command, line: CommandLine): void {
  command
    .command('interactions <file>')
    .description('JSON lines as an export writes them (at least `at` and `model`); - for standard input')
    .exitOverride()
    .action(async (file: string, _options: GlobalOptions, own: Command) => {
      const options = own.optsWithGlobals<GlobalOptions>();
      const result = await importFile(await runningConsole(line, options), file);
      if (options.json === true) line.out(`${JSON.stringify(result)}\n`);
      else {
        line.out(
          `${result.accepted} imported, ${result.duplicates} were there, ${result.rejected.length} rejected\n`,
        );
        for (const { index, error } of result.rejected) line.err(`line ${index + 1}: ${error}\n`);
      }
      line.exit(result.rejected.length > 0 ? 1 : 0);
    });
}

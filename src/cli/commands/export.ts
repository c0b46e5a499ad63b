// `binnacle export …`: what is recorded, as a file.
import { Option, type Command } from 'commander';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { runningConsole } from '../running-console.ts';

interface ExportOptions extends GlobalOptions {
  readonly format: string;
  readonly output?: string;
  readonly from?: string;
  readonly to?: string;
  readonly timeZone: string;
  readonly prompt?: string;
  readonly model?: string;
  readonly status?: string;
}

const FILTERS = ['from', 'to', 'prompt', 'model', 'status'] as const;

async function run(options: ExportOptions, line: CommandLine): Promise<void> {
  const client = await runningConsole(line, options);
  const query = new URLSearchParams({ format: options.format, time_zone: options.timeZone });
  for (const name of FILTERS) {
    const value = options[name];
    if (value !== undefined) query.set(name, value);
  }
  const body = Readable.fromWeb(await client.stream(`/api/export/interactions?${query.toString()}`));
  if (options.output === undefined) await pipeline(body, process.stdout, { end: false });
  else await pipeline(body, createWriteStream(options.output, { mode: 0o600 }));
}

export function register(command: Command, line: CommandLine): void {
  command
    .command('interactions')
    .description(
      'interactions with their payloads: jsonl holds all (and can be imported), csv and parquet are flat',
    )
    .addOption(
      new Option('--format <format>', 'of the file').choices(['jsonl', 'csv', 'parquet']).default('jsonl'),
    )
    .option('--output <file>', 'where to (default: standard output)')
    .option('--from <time>', 'a day, an instant or "today"')
    .option('--to <time>', 'exclusive')
    .option('--time-zone <zone>', 'IANA name; its midnights cut the days', 'UTC')
    .option('--prompt <name>', 'of this prompt alone')
    .option('--model <id>', 'of this model alone')
    .option('--status <status>', 'ok, error, blocked, interrupted or disconnected')
    .exitOverride()
    .action(async (_options: ExportOptions, own: Command) => run(own.optsWithGlobals<ExportOptions>(), line));
}

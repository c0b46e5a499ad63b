// `binnacle audit verify|export`: the audit chain of the running installation, or of a file exported before.
import type { Command } from 'commander';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { auditVerdictSchema, shownVerdict } from '../../console/routes/audit.ts';
import { readJsonLines } from '../../kernel/jsonl.ts';
import { UsageError } from '../../kernel/errors.ts';
import type { AuditEntry } from '../../storage/state/audit-chain.ts';
import { verifyCheckpointed, type KeptCheckpoints } from '../../storage/state/checkpointed-chain.ts';
import { readAuditRefs } from '../../workspace/git/audit-ref.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { runningConsole } from '../running-console.ts';

const entrySchema = z.object({
  seq: z.number().int(),
  at: z.number(),
  actor: z.string(),
  act: z.string(),
  subject: z.string(),
  details: z.record(z.string(), z.json()),
  previous: z.string(),
  hash: z.string(),
});

async function* entriesOf(path: string): AsyncGenerator<AuditEntry> {
  for await (const read of readJsonLines(path)) {
    const entry = 'error' in read ? null : entrySchema.safeParse(read.value);
    if (entry?.success !== true) throw new UsageError(`Line ${read.index + 1} of ${path} is no audit entry.`);
    yield entry.data;
  }
}

/** Checkpoints of the workspace that is named or near; a file is checked without them where there is none. */
async function keptCheckpoints(options: GlobalOptions, line: CommandLine): Promise<KeptCheckpoints[]> {
  const folder = options.workspace ?? line.workingDirectory;
  return readAuditRefs(folder);
}

interface VerifyOptions extends GlobalOptions {
  readonly input?: string;
}

async function verify(options: VerifyOptions, line: CommandLine): Promise<void> {
  const verdict =
    options.input === undefined
      ? await (await runningConsole(line, options)).get('/api/audit/verify', auditVerdictSchema)
      : shownVerdict(
          await verifyCheckpointed(
            () => entriesOf(options.input as string),
            await keptCheckpoints(options, line),
            null,
          ),
        );
  if (options.json === true) line.out(`${JSON.stringify(verdict)}\n`);
  else if (verdict.sound)
    line.out(
      `The audit chain is whole: ${verdict.entries} entries, ${verdict.checkpoints} signed checkpoints in Git, last hash ${verdict.last_hash}\n`,
    );
  else line.out(`The audit chain is broken at entry ${verdict.seq}: ${verdict.reason}\n`);
  line.exit(verdict.sound ? 0 : 1);
}

export function register(command: Command, line: CommandLine): void {
  command
    .command('verify')
    .description('whether the chain is whole; names the first bad entry (exit 1)')
    .option('--input <file>', 'check an exported chain instead of the running one')
    .exitOverride()
    .action(async (_options: VerifyOptions, own: Command) =>
      verify(own.optsWithGlobals<VerifyOptions>(), line),
    );
  command
    .command('export')
    .description('every entry as a JSON line, in order')
    .exitOverride()
    .action(async (_options: GlobalOptions, own: Command) => {
      const client = await runningConsole(line, own.optsWithGlobals<GlobalOptions>());
      await pipeline(Readable.fromWeb(await client.stream('/api/audit/entries')), process.stdout, {
        end: false,
      });
    });
}

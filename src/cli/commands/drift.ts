// `drift scan`: behaviour drift of recorded streams, offline from a file, by the same detector the server runs.
import type { Command } from 'commander';
import { z } from 'zod';
import { readJsonLines } from '../../kernel/jsonl.ts';
import { DriftScan, type SignalDrift } from '../../monitoring/drift/drift-scan.ts';
import { driftFeatures } from '../../monitoring/drift/signals.ts';
import { isRefusal } from '../../text/refusal.ts';
import type { CommandLine } from '../command.ts';

const observationSchema = z
  .object({
    stream: z.union([z.string(), z.number()]).optional(),
    answer: z.string().nullish(),
    value: z.number().nullish(),
    at: z.union([z.string(), z.number()]).nullish(),
  })
  .refine(
    ({ answer, value }) => answer != null || value != null,
    'a line needs "answer" (text) or "value" (a number)',
  );

type Stream = string | number | undefined;

function lineOf(stream: Stream, verdict: SignalDrift): string {
  const { signal, changedAt, before, after, feature, detectedAt } = verdict;
  const line = { signal, changed_at: changedAt, before, after, feature, detected_at: detectedAt };
  return `${JSON.stringify(stream === undefined ? line : { stream, ...line })}\n`;
}

async function scan(path: string, line: CommandLine): Promise<void> {
  const features = driftFeatures(isRefusal);
  const scans = new Map<Stream, DriftScan>();
  for await (const read of readJsonLines(path)) {
    const parsed = 'error' in read ? undefined : observationSchema.safeParse(read.value);
    if (!parsed?.success) {
      const error = 'error' in read ? read.error : (parsed?.error.issues[0]?.message ?? 'not an observation');
      line.out(`${JSON.stringify({ index: read.index, error })}\n`);
      continue;
    }
    const { stream, answer, value } = parsed.data;
    const running = scans.get(stream) ?? new DriftScan(features, String(stream ?? ''));
    scans.set(stream, running);
    running.add({ ...(answer == null ? {} : { answer }), ...(value == null ? {} : { value }) });
  }
  for (const [stream, running] of scans)
    for (const verdict of running.verdicts()) line.out(lineOf(stream, verdict));
}

export function register(command: Command, line: CommandLine): void {
  command
    .command('scan')
    .description(
      'find changes in recorded streams: JSONL {stream?, answer?, value?, at?} in, one line a stream and signal out',
    )
    .requiredOption('--input <file>', 'JSONL file, - for standard input')
    .action(({ input }: { input: string }) => scan(input, line));
}

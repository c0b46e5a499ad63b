// `binnacle judge calibrate --input F`: agreement of a judge with people, and its mean corrected by their labels, stream by stream.
import type { Command } from 'commander';
import { z } from 'zod';
import { readJsonLines } from '../../kernel/jsonl.ts';
import { describeIssues } from '../../kernel/schema-issues.ts';
import { calibrateJudge } from '../../scoring/judge-calibration.ts';
import type { GradedItem } from '../../scoring/judge-calibration.ts';
import type { CommandLine } from '../command.ts';

const gradedLine = z.object({
  item: z.unknown(),
  judge: z.number(),
  human: z.number().nullish(),
  stream: z.union([z.string(), z.number()]).nullish(),
});

/** Adds the subcommand to `judge`. */
export function registerCalibrate(command: Command, line: CommandLine): void {
  command
    .command('calibrate')
    .description(
      'lines {item, judge, human?, stream?} → one line a stream, in order of first appearance: {stream, agreement, corrected_mean, interval, …}',
    )
    .requiredOption('--input <file>', 'JSONL file, - for standard input')
    .exitOverride()
    .action(async (options: { input: string }) => {
      const streams = new Map<string | number | null, GradedItem[]>();
      for await (const read of readJsonLines(options.input)) {
        if ('error' in read) {
          line.out(`${JSON.stringify({ index: read.index, error: read.error })}\n`);
          continue;
        }
        const parsed = gradedLine.safeParse(read.value);
        if (!parsed.success) {
          const error = `line ${read.index + 1}: ${describeIssues(parsed.error, read.value)}`;
          line.out(`${JSON.stringify({ index: read.index, error })}\n`);
          continue;
        }
        const { judge, human } = parsed.data;
        const stream = parsed.data.stream ?? null;
        const items = streams.get(stream) ?? [];
        streams.set(stream, items);
        items.push(human === null || human === undefined ? { judge } : { judge, human });
      }
      for (const [stream, items] of streams)
        line.out(`${JSON.stringify({ stream, ...calibrateJudge(items) })}\n`);
    });
}

// `binnacle human …`: answers for people to grade, their grades in and out, and how far raters and judges agree. Through the console's API.
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import {
  agreementSchema,
  ratingListSchema,
  ratingQueueSchema,
  ratingsResultSchema,
  sampleResultSchema,
  type Agreement,
} from '../../contract/api-evaluation.ts';
import { readJsonLines } from '../../kernel/jsonl.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import type { ConsoleClient } from '../console-client.ts';
import { positive, share } from '../evaluation/option-values.ts';
import { runningConsole } from '../running-console.ts';
import { formatTable } from '../table.ts';

const BATCH = 500;
const MOST_TASKS = 1000;

async function clientOf(
  own: Command,
  line: CommandLine,
): Promise<{ client: ConsoleClient; isJson: boolean }> {
  const globals = own.optsWithGlobals<GlobalOptions>();
  return { client: await runningConsole(line, globals), isJson: globals.json === true };
}

export function register(command: Command, line: CommandLine): void {
  registerSample(command, line);
  registerImport(command, line);
  registerExport(command, line);
  registerAgreement(command, line);
}

interface SampleOptions {
  readonly share?: number;
  readonly from?: string;
  readonly to?: string;
  readonly raters?: number;
}

function registerSample(command: Command, line: CommandLine): void {
  command
    .command('sample')
    .description(
      'draw answers for people to grade: by hash, stratified by prompt, version and where judges disagree',
    )
    .option(
      '--share <share>',
      'of each stratum (default: sampling.people of binnacle.yaml, else 0.05)',
      share,
    )
    .option('--from <time>', 'a day, an instant or "today" (default: 7 days ago)')
    .option('--to <time>', 'exclusive (default: now)')
    .option('--raters <n>', 'raters wanted for each answer (default: 2)', positive)
    .exitOverride()
    .action(async (options: SampleOptions, own: Command) => {
      const { client, isJson } = await clientOf(own, line);
      const { share: asked, from, to, raters } = options;
      const content = JSON.stringify({ share: asked, from, to, raters });
      const body = { type: 'application/json', content };
      const told = await client.send('POST', '/api/human/sample', body, sampleResultSchema);
      if (isJson) return line.out(`${JSON.stringify(told)}\n`);
      const rows = told.strata.map((one) => [one.stratum, String(one.drawn), one.weight.toFixed(1)]);
      line.out(
        `${told.drawn} of ${told.candidates} answers drawn, ${told.added} of them new in the queue\n\n`,
      );
      line.out(
        formatTable(
          [
            { title: 'stratum', align: 'left' },
            { title: 'drawn', align: 'right' },
            { title: 'each stands for', align: 'right' },
          ],
          rows,
        ),
      );
    });
}

function registerImport(command: Command, line: CommandLine): void {
  command
    .command('import')
    .argument(
      '<file>',
      'JSONL: {interaction, rater, dimension, value, comment?, cost_usd?, at?}; - for standard input',
    )
    .description('take grades from a file; the same one twice counts once')
    .exitOverride()
    .action(async (file: string, _options: unknown, own: Command) => {
      const { client, isJson } = await clientOf(own, line);
      const total = { accepted: 0, duplicates: 0, rejected: [] as { index: number; error: string }[] };
      let batch: { index: number; value: unknown }[] = [];
      const send = async (): Promise<void> => {
        if (batch.length === 0) return;
        const content = JSON.stringify({ ratings: batch.map(({ value }) => value) });
        const body = { type: 'application/json', content };
        const told = await client.send('POST', '/api/human/ratings', body, ratingsResultSchema);
        total.accepted += told.accepted;
        total.duplicates += told.duplicates;
        for (const { index, error } of told.rejected)
          total.rejected.push({ index: batch[index]?.index ?? index, error });
        batch = [];
      };
      for await (const read of readJsonLines(file === '-' ? file : resolve(line.workingDirectory, file))) {
        if ('error' in read) total.rejected.push(read);
        else batch.push(read);
        if (batch.length >= BATCH) await send();
      }
      await send();
      if (isJson) line.out(`${JSON.stringify(total)}\n`);
      else line.out(`${total.accepted} grades taken, ${total.duplicates} were there already\n`);
      for (const { index, error } of total.rejected) line.err(`line ${index + 1}: ${error}\n`);
      if (total.rejected.length > 0) line.exit(1);
    });
}

function registerExport(command: Command, line: CommandLine): void {
  command
    .command('export')
    .description('answers a rater is to grade, blind (--rater), or all grades (--ratings), as JSONL')
    .option('--rater <name>', 'what this rater has not graded yet', 'anybody')
    .option('--ratings', 'the grades instead')
    .option('--out <file>', 'instead of standard output')
    .exitOverride()
    .action(async (options: { rater: string; ratings?: boolean; out?: string }, own: Command) => {
      const { client } = await clientOf(own, line);
      const lines = options.ratings === true ? await gradesOf(client) : await tasksOf(client, options.rater);
      if (options.out === undefined) {
        for (const one of lines) line.out(`${JSON.stringify(one)}\n`);
        return;
      }
      const file = createWriteStream(resolve(line.workingDirectory, options.out));
      for (const one of lines) file.write(`${JSON.stringify(one)}\n`);
      file.end();
      await finished(file);
      line.err(`${lines.length} lines written to ${options.out}\n`);
    });
}

async function gradesOf(client: ConsoleClient): Promise<readonly unknown[]> {
  return (await client.get('/api/human/ratings', ratingListSchema)).ratings;
}

async function tasksOf(client: ConsoleClient, rater: string): Promise<readonly unknown[]> {
  const query = new URLSearchParams({ rater, limit: String(MOST_TASKS) });
  const queue = await client.get(`/api/human/queue?${query.toString()}`, ratingQueueSchema);
  return queue.tasks.map(({ interaction, question, context, response }) => ({
    interaction,
    question,
    context,
    response,
    grades: Object.fromEntries(
      queue.dimensions.map(({ name, yes_no }) => [name, yes_no ? '0 or 1' : '1 to 5']),
    ),
  }));
}

function registerAgreement(command: Command, line: CommandLine): void {
  command
    .command('agreement')
    .description(
      'how far raters agree (α, κ), what grading costs, and how far each judge can be trusted by it',
    )
    .exitOverride()
    .action(async (_options: unknown, own: Command) => {
      const { client, isJson } = await clientOf(own, line);
      const told = await client.get('/api/human/agreement', agreementSchema);
      line.out(isJson ? `${JSON.stringify(told)}\n` : agreementText(told));
    });
}

function figure(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}

function agreementText(told: Agreement): string {
  const left = (title: string) => ({ title, align: 'left' as const });
  const right = (title: string) => ({ title, align: 'right' as const });
  const dimensions = formatTable(
    [left('dimension'), ...['grades', 'raters', 'shared', 'mean', 'α', 'κ'].map(right)],
    told.dimensions.map((one) => [
      one.dimension,
      String(one.ratings),
      String(one.raters),
      String(one.shared),
      figure(one.mean),
      figure(one.alpha),
      figure(one.kappa),
    ]),
  );
  const judges = formatTable(
    [left('judge'), ...['judged', 'graded too', 'its mean', 'corrected', 'labels saved'].map(right)],
    Object.entries(told.judges).map(([name, one]) => [
      name,
      String(one.items),
      String(one.labelled),
      figure(one.judge_mean),
      one.interval === null ? '-' : `${figure(one.corrected_mean)} [${one.interval.map(figure).join(', ')}]`,
      one.labels_saved === null ? '-' : `${(100 * one.labels_saved).toFixed(0)} %`,
    ]),
  );
  const cost = told.cost_per_rating_usd === null ? 'not given' : `$${told.cost_per_rating_usd} a grade`;
  return `${dimensions}\n${judges}\n${told.queue.open} answers wait, ${told.queue.done} are done; cost ${cost}\n`;
}

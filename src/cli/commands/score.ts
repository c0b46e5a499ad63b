// `binnacle score --scorer NAME --input F`: scores outputs line by line, outside any workspace.
import type { Command } from 'commander';
import { z } from 'zod';
import { scorerDependencies } from '../../app/scorer-dependencies.ts';
import { UsageError, messageOf } from '../../kernel/errors.ts';
import { lineScorer } from '../../evaluation/run/line-scorer.ts';
import { isUserScorer, userScorer } from '../../evaluation/run/user-scorer.ts';
import { readJsonLines } from '../../kernel/jsonl.ts';
import { describeIssues } from '../../kernel/schema-issues.ts';
import type { JsonLine } from '../../kernel/jsonl.ts';
import { makeScorer, scorerNames } from '../../scoring/registry.ts';
import type { ScorerOptions } from '../../scoring/registry.ts';
import type { Scorer, ScorerInput } from '../../scoring/scorer.ts';
import type { CommandLine } from '../command.ts';

const text = z.string();
const scoreLine = z.object({
  output: z.union([text, z.array(text)]),
  reference: z.union([text, z.array(z.union([text, z.array(text)]))]).nullish(),
  question: text.nullish(),
  context: text.nullish(),
  schema: z.unknown().optional(),
  code_tests: text.nullish(),
});

interface Options extends ScorerOptions {
  readonly scorer: string;
  readonly input: string;
  readonly path?: string;
  readonly url?: string;
  readonly allowPrivate?: boolean;
}

const JUDGE = 'judge:';

/** Lines worked on at a time: sandboxes run side by side, answers stay in order. */
const AT_ONCE = 4;

export function register(command: Command, line: CommandLine): void {
  command
    .requiredOption(
      '--scorer <name>',
      `one of ${scorerNames().join(', ')}; your own as module or webhook; judge:NAME of a workspace`,
    )
    .requiredOption(
      '--input <file>',
      'JSONL: {output, reference?, context?, schema?, code_tests?}, - for standard input',
    )
    .option('--stemmer', 'rouge: stem words (Porter)')
    .option('--pattern <re>', "regex: the pattern (RE2 syntax), instead of the line's reference")
    .option('--least <n>', 'length: least characters', wholeNumber)
    .option('--most <n>', 'length: most characters', wholeNumber)
    .option('--fields <names>', 'required-fields: names, with commas between (a.b looks inside)', nameList)
    .option('--path <file>', 'module: a file under this folder; its default export scores')
    .option('--url <url>', 'webhook: where each line is posted')
    .option('--allow-private', 'webhook: the address may be a private one')
    .option('--tokenize <name>', 'bleu: 13a (default), intl or none', tokenizer)
    .action(async (options: Options) => {
      const scorer = await scorerOf(options, command, line);
      try {
        await scoreFile(scorer, options.input, line);
      } finally {
        await scorer.close?.();
      }
    });
}

async function scorerOf(options: Options, command: Command, line: CommandLine): Promise<Scorer> {
  const { scorer: name } = options;
  if (name.startsWith(JUDGE)) return judgeScorer(name.slice(JUDGE.length), command, line);
  return isUserScorer(name) ? ownScorer(options, line) : makeScorer(name, options, scorerDependencies());
}

async function ownScorer(options: Options, line: CommandLine): Promise<Scorer> {
  const { userScorerParts } = await import('../../app/user-scorer-parts.ts');
  const { scorer, path, url, allowPrivate } = options;
  if ((scorer === 'module' ? path : url) === undefined)
    throw new UsageError(
      `The scorer "${scorer}" needs ${scorer === 'module' ? '--path FILE' : '--url URL'}.`,
    );
  const given = { path, url, allow_private: allowPrivate };
  const use = { scorer, weight: 1, safety: false, options: given };
  return lineScorer(userScorer(use, userScorerParts(line.workingDirectory)));
}

/** Judges stand in a workspace; their modules are loaded for them alone. */
async function judgeScorer(name: string, command: Command, line: CommandLine): Promise<Scorer> {
  const { evaluationWorkspace } = await import('../evaluation/evaluation-workspace.ts');
  const { openJudgeScorer } = await import('../../app/judge-scorer.ts');
  const workspace = await evaluationWorkspace(command, line);
  return openJudgeScorer(name, { ...workspace, environment: line.environment });
}

async function scoreFile(scorer: Scorer, input: string, line: CommandLine): Promise<void> {
  const running: Promise<object>[] = [];
  const printFirst = async (): Promise<void> => line.out(`${JSON.stringify(await running.shift())}\n`);
  for await (const read of readJsonLines(input)) {
    running.push(answerTo(read, scorer));
    if (running.length >= AT_ONCE) await printFirst();
  }
  while (running.length > 0) await printFirst();
}

async function answerTo(read: JsonLine, scorer: Scorer): Promise<object> {
  if ('error' in read) return { index: read.index, error: read.error };
  const parsed = scoreLine.safeParse(read.value);
  if (!parsed.success) {
    const error = `line ${read.index + 1}: ${describeIssues(parsed.error, read.value)}`;
    return { index: read.index, error };
  }
  const { output, question, reference, context, schema, code_tests: codeTests } = parsed.data;
  const input: ScorerInput = {
    output,
    ...(question == null ? {} : { question }),
    ...(reference == null ? {} : { reference }),
    ...(context == null ? {} : { context }),
    ...(schema === undefined ? {} : { schema }),
    ...(codeTests == null ? {} : { codeTests }),
  };
  try {
    return { index: read.index, ...(await scorer.score(input)) };
  } catch (error) {
    return { index: read.index, error: `line ${read.index + 1}: ${messageOf(error)}` };
  }
}

function wholeNumber(written: string): number {
  const value = Number(written);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new UsageError(`"${written}" is not a whole number from 0 up.`);
  return value;
}

function tokenizer(written: string): string {
  if (!['13a', 'intl', 'none'].includes(written))
    throw new UsageError(`"${written}" is not a tokenizer: 13a, intl or none.`);
  return written;
}

function nameList(written: string): string[] {
  return written
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

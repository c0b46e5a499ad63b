// `provider parse`: what recorded answers of any vendor say, offline from a file, read by the same translators the gateway uses.
import type { Command } from 'commander';
import { messageOf } from '../../kernel/errors.ts';
import { readJsonLines, type JsonLine } from '../../kernel/jsonl.ts';
import { parseAnswer } from '../../wire/parse-answer.ts';
import type { CommandLine } from '../command.ts';

function answerTo(read: JsonLine): Readonly<Record<string, unknown>> {
  if ('error' in read) return { index: read.index, error: read.error };
  try {
    return { index: read.index, ...parseAnswer(read.value) };
  } catch (error) {
    return { index: read.index, error: messageOf(error) };
  }
}

export function register(command: Command, line: CommandLine): void {
  command
    .command('parse')
    .description(
      'tell text, tool calls and usage of recorded answers: JSONL {provider, kind: "json"|"stream", body} in, one line each out',
    )
    .requiredOption('--input <file>', 'JSONL file, - for standard input')
    .action(async ({ input }: { input: string }) => {
      for await (const read of readJsonLines(input)) line.out(`${JSON.stringify(answerTo(read))}\n`);
    });
}

// `binnacle guard scan`: what the guardrails say of texts in a file, on shipped defaults.
import type { Command } from 'commander';
import { sentenceEncoder } from '../../embeddings/sentence-encoder.ts';
import { readJsonLines } from '../../kernel/jsonl.ts';
import { batchingEmbedder } from '../../safety/batching-embedder.ts';
import { activateAll, scanLines } from '../../safety/scan-lines.ts';
import type { CommandLine } from '../command.ts';

export function register(command: Command, line: CommandLine): void {
  command
    .command('scan')
    .description('lines {text, context?, direction?} → {index, action, findings, scores}')
    .requiredOption('--input <file>', 'JSONL file, or - for standard input')
    .action(async (options: { input: string }) => {
      const active = await activateAll({ embedder: batchingEmbedder(sentenceEncoder()) });
      for await (const answer of scanLines(readJsonLines(options.input), active))
        line.out(`${JSON.stringify(answer)}\n`);
    });
}

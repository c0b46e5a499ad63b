// `binnacle init DIR`: an example workspace, a support desk, as a real Git repository with several prompt versions in its history.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../../kernel/clock.ts';
import { createExample } from '../../workspace/create-example.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';

export function register(command: Command, line: CommandLine): void {
  command.argument('<dir>', 'a new or empty folder').action(async (asked: string) => {
    const directory = resolve(line.workingDirectory, asked);
    const created = await createExample(directory, systemClock.now());
    if (command.opts<GlobalOptions>().json === true) {
      return line.out(
        `${JSON.stringify({ directory, commits: created.commits, stand_in_author: created.hasStandInAuthor })}\n`,
      );
    }
    line.out(
      `A support desk is in ${directory}: ${created.commits.length} commits, answers of its models are simulated (recordings of our own).\n`,
    );
    if (created.hasStandInAuthor) {
      line.err('Git knows no user.name and user.email here, so the commits carry a stand-in author.\n');
    }
    line.out(
      `Next:\n  cd ${asked}\n  binnacle check\n  binnacle prompt log customer-support\n  binnacle eval run support-answers --concurrency 40\n  git switch small-model && binnacle gate --base main --concurrency 40; git switch main\n  binnacle up\n`,
    );
  });
}

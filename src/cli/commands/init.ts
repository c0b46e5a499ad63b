// `binnacle init DIR`: an example workspace, a support desk, as a real Git repository with several prompt versions in its history.
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { systemClock } from '../../kernel/clock.ts';
import { createExample } from '../../workspace/create-example.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';

/** How this program is called in `directory`: by its name where it is installed, by its path where it is a clone. */
function calledFrom(directory: string): string {
  if (!import.meta.url.endsWith('.ts')) return 'binnacle';
  const program = fileURLToPath(new URL('../../../bin/binnacle', import.meta.url));
  const path = relative(directory, program);
  return path.length < program.length ? path : program;
}

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
      line.err(
        'Git knows no user.name and user.email here, so these commits carry a stand-in author. Before you commit yourself:\n' +
          '  git config --global user.name "Your Name"; git config --global user.email you@example.com\n',
      );
    }
    const program = calledFrom(directory);
    line.out(
      `Next:\n  cd ${asked}\n  ${program} check\n  ${program} prompt log customer-support\n  ${program} eval run support-answers\n  git switch small-model && ${program} gate --base main; git switch main\n  ${program} up\n`,
    );
  });
}

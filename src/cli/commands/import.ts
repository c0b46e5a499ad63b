// `binnacle import …`: a thin dispatcher; each kind of file has its own module.
import type { Command } from 'commander';
import type { CommandLine } from '../command.ts';
import { registerInteractions } from './import-interactions.ts';
import { registerOpenaiEvals, registerPromptfoo } from './import-suites.ts';

export function register(command: Command, line: CommandLine): void {
  registerInteractions(command, line);
  registerPromptfoo(command, line);
  registerOpenaiEvals(command, line);
}

// `binnacle route …`: which model a request goes to, and why.
import type { Command } from 'commander';
import type { CommandLine } from '../command.ts';
import { registerExplain } from './route-explain.ts';

export function register(command: Command, line: CommandLine): void {
  registerExplain(command, line);
}

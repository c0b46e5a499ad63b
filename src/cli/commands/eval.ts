// `binnacle eval …`: what answers are worth, case by case, and which of two runs is better.
import type { Command } from 'commander';
import type { CommandLine } from '../command.ts';
import { registerEvalCompare } from './eval-compare.ts';
import { registerEvalRun } from './eval-run.ts';

export function register(command: Command, line: CommandLine): void {
  registerEvalRun(command, line);
  registerEvalCompare(command, line);
}

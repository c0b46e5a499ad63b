// `binnacle judge …`: how far a judge can be trusted.
import type { Command } from 'commander';
import type { CommandLine } from '../command.ts';
import { registerCalibrate } from './judge-calibrate.ts';

export function register(command: Command, line: CommandLine): void {
  registerCalibrate(command, line);
}

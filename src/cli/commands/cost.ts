// `binnacle cost …`: what calls cost, from a file or from the ledger.
import type { Command } from 'commander';
import type { CommandLine } from '../command.ts';
import { registerPrice } from './cost-price.ts';
import { registerReport } from './cost-report.ts';
import { registerScorecard } from './cost-scorecard.ts';

export function register(command: Command, line: CommandLine): void {
  registerPrice(command, line);
  registerReport(command, line);
  registerScorecard(command, line);
}

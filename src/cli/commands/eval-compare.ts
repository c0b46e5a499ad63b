// `binnacle eval compare RUN RUN`: which of two runs is better, on the cases both have.
import type { Command } from 'commander';
import { readInstallation, workspaceFolderOf } from '../../app/installation.ts';
import { readRun } from '../../app/evaluation-results.ts';
import { compareRuns, type RunComparison, type RunSide } from '../../evaluation/compare-runs.ts';
import { UsageError } from '../../kernel/errors.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { formatTable } from '../table.ts';

/** `RUN` or `RUN:N`, the N-th target of it from 1. */
async function sideOf(dataFolder: string, written: string): Promise<RunSide> {
  const [name = '', place] = written.split(':');
  const run = await readRun(dataFolder, name);
  const target = place === undefined ? 0 : Number(place) - 1;
  if (run.targets[target] === undefined) {
    const names = run.targets.map((one, index) => `${index + 1}: ${one.name}`);
    throw new UsageError(`The run ${name} has no target ${place}. It has ${names.join(', ')}.`, 'run');
  }
  return { run, target };
}

function figure(measure: string, value: number): string {
  if (measure === 'cost_usd') return value.toPrecision(3);
  return measure === 'latency_ms' ? value.toFixed(1) : value.toFixed(4);
}

function report(compared: RunComparison): string {
  const left = (title: string) => ({ title, align: 'left' as const });
  const right = (title: string) => ({ title, align: 'right' as const });
  const rows = compared.measures.map(({ measure, a, b, difference, interval, p_value, pairs }) => [
    measure,
    figure(measure, a),
    figure(measure, b),
    `${figure(measure, difference)} [${interval.map((end) => figure(measure, end)).join(', ')}]`,
    p_value < 0.0001 ? '< 0.0001' : p_value.toFixed(4),
    String(pairs),
  ]);
  const table = formatTable(
    [left('measure'), right('a'), right('b'), left('b − a (95 %)'), right('p'), right('pairs')],
    rows,
  );
  return `a: ${compared.a}\nb: ${compared.b}\n${compared.common_cases} cases in both, ${compared.only_a} only in a, ${compared.only_b} only in b\n\n${table}`;
}

export function registerEvalCompare(parent: Command, line: CommandLine): void {
  parent
    .command('compare')
    .argument('<run>', 'a run id, the beginning of one, or "last"; RUN:2 for its second target')
    .argument('<other>', 'the run compared with it')
    .description('the second run minus the first, paired by case, with interval and p-value')
    .exitOverride()
    .action(async (first: string, second: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const folder = await workspaceFolderOf(options.workspace, line.workingDirectory);
      const { dataFolder } = await readInstallation(folder);
      const compared = compareRuns(await sideOf(dataFolder, first), await sideOf(dataFolder, second));
      line.out(options.json === true ? `${JSON.stringify(compared)}\n` : report(compared));
    });
}

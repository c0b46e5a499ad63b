// `binnacle cost report`: what a period cost, grouped, with exact sums, from the running installation.
import { Option, type Command } from 'commander';
import { COST_GROUPS, costReportSchema, type CostLine, type CostReport } from '../../contract/api.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { runningConsole } from '../running-console.ts';
import { formatTable, type TableColumn } from '../table.ts';

interface ReportOptions {
  readonly by: CostReport['by'];
  readonly timeZone: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
}

const right = (title: string): TableColumn => ({ title, align: 'right' });

function cells(line: CostLine): string[] {
  const counts = [
    line.requests,
    line.unpriced_requests,
    line.input_tokens,
    line.cache_read_tokens,
    line.cache_write_tokens,
    line.output_tokens,
    line.reasoning_tokens,
  ];
  return [line.group === '' ? '(none)' : line.group, ...counts.map(String), line.cost_usd, line.saved_usd];
}

/** Amounts line up at their points. */
function alignAmounts(rows: readonly string[][], column: number): void {
  const decimals = Math.max(...rows.map((row) => (row[column] ?? '').split('.')[1]?.length ?? 0));
  for (const row of rows) {
    const [whole = '', fraction = ''] = (row[column] ?? '').split('.');
    row[column] = decimals === 0 ? whole : `${whole}.${fraction.padEnd(decimals, '0')}`;
  }
}

/** The report as text. */
export function formatReport(report: CostReport): string {
  const { from, to, time_zone } = report.period;
  const rows = [...report.lines.map(cells), cells(report.total)];
  alignAmounts(rows, 8);
  alignAmounts(rows, 9);
  const columns = [
    { title: report.by, align: 'left' as const },
    ...['requests', 'unpriced', 'input', 'cache read', 'cache write', 'output', 'reasoning'].map(right),
    ...['cost US$', 'saved US$'].map(right),
  ];
  const notes = report.truncated
    ? 'More groups than shown; the total counts them all (raise --limit).\n'
    : '';
  return `Cost from ${from} to ${to} (days in ${time_zone}), tokens and exact US$\n\n${formatTable(columns, rows)}${notes}`;
}

/** Adds the subcommand to `cost`. */
export function registerReport(command: Command, line: CommandLine): void {
  command
    .command('report')
    .description('cost and tokens of a period from the running installation, with exact sums')
    .addOption(new Option('--by <group>', 'what lines stand for').choices([...COST_GROUPS]).default('day'))
    .option('--time-zone <zone>', 'IANA name; its midnights cut the days', 'UTC')
    .option('--from <time>', 'a day, an instant or "today" (default: 30 days ago)')
    .option('--to <time>', 'exclusive (default: now)')
    .option('--limit <number>', 'most lines', '1000')
    .exitOverride()
    .action(async (options: ReportOptions, own: Command) => {
      const everywhere = own.optsWithGlobals<ReportOptions & GlobalOptions>();
      const client = await runningConsole(line, everywhere);
      const query = new URLSearchParams({
        by: options.by,
        time_zone: options.timeZone,
        limit: options.limit,
      });
      if (options.from !== undefined) query.set('from', options.from);
      if (options.to !== undefined) query.set('to', options.to);
      const report = await client.get(`/api/cost/report?${query.toString()}`, costReportSchema);
      line.out(everywhere.json === true ? `${JSON.stringify(report)}\n` : formatReport(report));
    });
}

// `binnacle alerts test RULE`: when a rule of alerts.yaml would have fired over recorded history, by the running console's own engine.
import type { Command } from 'commander';
import { alertReplaySchema, type AlertReplay } from '../../contract/api-monitoring.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { runningConsole } from '../running-console.ts';

interface TestOptions extends GlobalOptions {
  readonly from?: string;
  readonly to?: string;
}

function report({ rule, from, to, fired, events, step_seconds }: AlertReplay): string {
  const times = fired === 1 ? 'once' : `${fired} times`;
  const lines = events.map(({ at, type, subject, value }) => {
    const whose = subject === '' ? '' : ` ${subject}`;
    return `  ${at}  ${type}${whose}  ${value === null ? 'no data' : String(Number(value.toPrecision(6)))}`;
  });
  return [
    `"${rule}" would have fired ${times} between ${from} and ${to} (looked at every ${step_seconds} s).`,
    ...lines,
    '',
  ].join('\n');
}

export function register(command: Command, line: CommandLine): void {
  command
    .command('test')
    .argument('<rule>', 'its "alert_rule" in alerts.yaml')
    .description('when the rule would have fired over recorded history')
    .option('--from <time>', 'day or instant; default: a week ago')
    .option('--to <time>', 'default: now')
    .exitOverride()
    .action(async (rule: string, _options: TestOptions, own: Command) => {
      const options = own.optsWithGlobals<TestOptions>();
      const query = new URLSearchParams({ rule });
      if (options.from !== undefined) query.set('from', options.from);
      if (options.to !== undefined) query.set('to', options.to);
      const client = await runningConsole(line, options);
      const replay = await client.get(`/api/alerts/test?${query.toString()}`, alertReplaySchema);
      line.out(options.json === true ? `${JSON.stringify(replay)}\n` : report(replay));
    });
}

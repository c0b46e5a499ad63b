// `binnacle person erase USER`: what is kept of one end user goes; sums and the audit chain stay whole.
import type { Command } from 'commander';
import { personErasedSchema } from '../../console/routes/people.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { runningConsole } from '../running-console.ts';

export function register(command: Command, line: CommandLine): void {
  command
    .command('erase')
    .description('erase payloads, feedback, ratings and comments of one end user')
    .argument('<user>', 'the end user as requests name it')
    .exitOverride()
    .action(async (user: string, _options: GlobalOptions, own: Command) => {
      const options = own.optsWithGlobals<GlobalOptions>();
      const client = await runningConsole(line, options);
      const body = { type: 'application/json', content: JSON.stringify({ user }) };
      const erased = await client.send('POST', '/api/people/erase', body, personErasedSchema);
      if (options.json === true) {
        line.out(`${JSON.stringify(erased)}\n`);
        return;
      }
      const { interactions, payloads, feedback, ratings, pseudonym, until } = erased;
      line.out(
        `Erased ${payloads} payloads, ${feedback} pieces of feedback and ${ratings} ratings; ${interactions} interactions stay under the name ${pseudonym}.\n`,
      );
      line.out(
        `What gateways still deliver is erased as it comes, until ${new Date(until).toISOString()}.\n`,
      );
    });
}

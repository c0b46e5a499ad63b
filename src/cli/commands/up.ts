// `binnacle up`: gateway and console, until Ctrl-C.
import { InvalidArgumentError, type Command } from 'commander';
import { runUp, type Running } from '../../app/up.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('a port is a number from 0 (any free one) to 65535.');
}

interface UpCommandOptions extends GlobalOptions {
  readonly port?: number;
  readonly consolePort?: number;
  readonly demo?: boolean;
}

function banner(running: Running): string {
  return [
    '',
    'Binnacle is up. Ctrl-C stops it.',
    `  gateway    ${running.gateway}`,
    `  console    ${running.console}`,
    `  workspace  ${running.workspace}`,
    ...running.notes.map((note) => `  note       ${note}`),
    '',
    'Try it:',
    `  ${running.curl}`,
    '',
    '',
  ].join('\n');
}

export function register(command: Command, line: CommandLine): void {
  command
    .option(
      '--port <number>',
      'of the gateway (default: binnacle.yaml, else 7070; 0: any free one)',
      readPort,
    )
    .option(
      '--console-port <number>',
      'of the console (default: binnacle.yaml, else 7071; 0: any free one)',
      readPort,
    )
    .option('--demo', 'where there is no workspace: make the example in .binnacle/demo and use it')
    .action(async (options: UpCommandOptions) => {
      const ending = await runUp({
        workingDirectory: line.workingDirectory,
        workspace: options.workspace,
        port: options.port,
        consolePort: options.consolePort,
        demo: options.demo ?? false,
        environment: { ...line.environment },
        err: line.err,
        onUp: (running) => line.out(options.json === true ? `${JSON.stringify(running)}\n` : banner(running)),
      });
      if (ending.kind === 'stopped') return line.exit(0);
      line.err(`binnacle: ${ending.message}\n`);
      line.exit(2);
    });
}

// Entry of the program: builds the command line, runs the one command asked for, and turns whatever was thrown into one line and an
// exit code (0 done, 1 the answer is no, 2 wrong usage or configuration).
import { Command, CommanderError } from 'commander';
import { programVersion } from '../app/program-version.ts';
import { messageOf } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { CommandLine } from './command.ts';
import { COMMANDS } from './commands.ts';

function commandLine(): CommandLine {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    environment: process.env,
    workingDirectory: process.cwd(),
    isTerminal: process.stdout.isTTY,
    exit: (code) => {
      process.exitCode = code;
    },
  };
}

/** The whole program, with every command listed and the one named in `asked` loaded. */
async function buildProgram(line: CommandLine, asked: string | undefined): Promise<Command> {
  const program = new Command('binnacle')
    .description('What a team puts between its application and its language models.')
    .version(programVersion())
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureOutput({ writeOut: line.out, writeErr: line.err });
  for (const entry of COMMANDS) {
    const command = program.command(entry.name).description(entry.summary).exitOverride();
    command.option('--json', 'one JSON document on standard output, logs on standard error');
    command.option('--workspace <dir>', 'workspace folder (default: the nearest parent with binnacle.yaml)');
    if (entry.name === asked) (await entry.load()).register(command, line);
  }
  return program;
}

async function main(argv: readonly string[]): Promise<void> {
  const line = commandLine();
  const asked = argv.find((argument) => !argument.startsWith('-'));
  if (asked !== undefined && asked !== 'help' && !COMMANDS.some((entry) => entry.name === asked)) {
    const names = COMMANDS.map((entry) => entry.name);
    line.err(
      `binnacle: there is no command "${asked}".${didYouMean(asked, names)} Run "binnacle --help" for the list.\n`,
    );
    return line.exit(2);
  }
  try {
    const program = await buildProgram(line, asked);
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return line.exit(error.exitCode === 0 ? 0 : 2);
    line.err(`binnacle: ${messageOf(error)}\n`);
    if (process.env['BINNACLE_DEBUG'] !== undefined && error instanceof Error)
      line.err(`${error.stack}
`);
    line.exit(2);
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
await main(process.argv.slice(2));

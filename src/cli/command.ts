// What a command is. One file a command (or a family of subcommands) in commands/, loaded only when it is called.
import type { Command } from 'commander';

/** Everything a command may touch of the outer world. */
export interface CommandLine {
  /** Standard output: the answer. */
  readonly out: (text: string) => void;
  /** Standard error: logs, progress, warnings. */
  readonly err: (text: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Whether standard output is a terminal: colours and progress bars only then. */
  readonly isTerminal: boolean;
  /** Sets the exit code: 0 done, 1 the answer is no, 2 wrong usage or configuration. */
  readonly exit: (code: 0 | 1 | 2) => void;
}

/** A command module exports `register`: it adds its options, arguments and action to the command made for it. */
export interface CommandModule {
  register(command: Command, line: CommandLine): void;
}

/** Options every command understands. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly workspace?: string;
}

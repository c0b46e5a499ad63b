// The environment, read in one place: secrets by reference, and a clean environment for git.
import { UsageError } from '../kernel/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\{([A-Z][A-Z0-9_]{0,99})\}/g;

/** Puts the values of `${NAME}` references into a text. Throws a UsageError naming a variable that is not set; never shows a value. */
export function resolveSecrets(text: string, environment: Environment): string {
  return text.replaceAll(REFERENCE, (_, name: string) => {
    const value = environment[name];
    if (value === undefined || value === '') {
      throw new UsageError(
        `The environment variable ${name} is not set. Set it, or change the reference to it in the workspace.`,
        name,
      );
    }
    return value;
  });
}

/** Names that a text refers to. */
export function secretNames(text: string): string[] {
  return [...text.matchAll(REFERENCE)].map((match) => match[1] as string);
}

/** The environment git runs in: without what a hook or a wrapper has set about another repository, and never asking for input. */
export function gitEnvironment(): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !/^(GIT_|EDITOR$|PAGER$|VISUAL$)/.test(name)) clean[name] = value;
  }
  return { ...clean, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0' };
}

// The program that scorers of code run: the output followed by its tests.
import { RequestError } from '../kernel/errors.ts';
import { singleOutput } from './scorer-input.ts';
import type { ScorerInput } from './scorer.ts';

/** How long a program may run. */
export const DEADLINE_MS = 5_000;
const MOST_CHARACTERS = 1_000_000;

export function programSource(input: ScorerInput): string {
  const source = `${singleOutput(input)}\n${input.codeTests ?? ''}\n`;
  if (source.length > MOST_CHARACTERS)
    throw new RequestError({
      code: 'program_too_long',
      message: `output and code_tests together are longer than ${MOST_CHARACTERS} characters.`,
      param: 'output',
    });
  return source;
}

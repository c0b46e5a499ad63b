// The scorer `python`: 1 when the output followed by its tests runs to its end without an exception within five seconds, else 0.
import { availableParallelism } from 'node:os';
import { RequestError } from '../../kernel/errors.ts';
import { singleOutput } from '../scorer-input.ts';
import type { Scorer } from '../scorer.ts';
import { SandboxPool } from './sandbox-pool.ts';

const DEADLINE_MS = 5_000;
const MOST_CHARACTERS = 1_000_000;

export function pythonScorer(): Scorer {
  const pool = new SandboxPool(Math.min(4, Math.max(1, availableParallelism())));
  return {
    name: 'python',
    async score(input) {
      const source = `${singleOutput(input)}\n${input.codeTests ?? ''}\n`;
      if (source.length > MOST_CHARACTERS)
        throw new RequestError({
          code: 'program_too_long',
          message: `output and code_tests together are longer than ${MOST_CHARACTERS} characters.`,
          param: 'output',
        });
      const { passed, reason } = await pool.run(source, DEADLINE_MS);
      return { score: Number(passed), reason };
    },
    close: async () => pool.close(),
  };
}

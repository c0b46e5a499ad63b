// The scorer `python`: 1 when the output followed by its tests runs to its end without an exception within five seconds, else 0.
import { availableParallelism } from 'node:os';
import { DEADLINE_MS, programSource } from '../program-source.ts';
import type { Scorer } from '../scorer.ts';
import { SandboxPool } from './sandbox-pool.ts';

export function pythonScorer(): Scorer {
  const pool = new SandboxPool(Math.min(4, Math.max(1, availableParallelism())));
  return {
    name: 'python',
    async score(input) {
      const { passed, reason } = await pool.run(programSource(input), DEADLINE_MS);
      return { score: Number(passed), reason };
    },
    close: async () => pool.close(),
  };
}

// The scorer `javascript`: 1 when the output followed by its tests runs to its end without an exception within five seconds, else 0.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DEADLINE_MS, programSource } from '../program-source.ts';
import type { Scorer, ScorerResult } from '../scorer.ts';

const START_MS = 60_000;

export function javascriptScorer(): Scorer {
  return {
    name: 'javascript',
    score(input) {
      return runInThread(programSource(input));
    },
  };
}

/** One thread a program; ended at the deadline, which counts from when the program starts. */
function runInThread(source: string): Promise<ScorerResult> {
  const thread = new Worker(new URL(`./quickjs-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: source,
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  });
  return new Promise((resolve) => {
    const finish = (score: 0 | 1, reason: string): void => {
      clearTimeout(timer);
      void thread.terminate();
      resolve({ score, reason });
    };
    let timer = setTimeout(() => finish(0, 'the sandbox did not start in time'), START_MS);
    thread.on('message', ({ started, thrown }: { started?: true; thrown?: string | null }) => {
      if (started === true) {
        clearTimeout(timer);
        timer = setTimeout(() => finish(0, `not done after ${DEADLINE_MS / 1000} s`), DEADLINE_MS);
      } else if (thrown === null) finish(1, 'ran to its end');
      else finish(0, thrown ?? 'failed');
    });
    thread.on('error', (error) => finish(0, `the program broke its engine: ${error.message.slice(0, 200)}`));
    thread.on('exit', () => finish(0, 'the program ended its thread'));
  });
}

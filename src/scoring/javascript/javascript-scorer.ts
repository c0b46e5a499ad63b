// The scorer `javascript`: 1 when the output followed by its tests runs to its end without an exception within five seconds, else 0.
// Programs run in QuickJS (WebAssembly): an engine of their own that has no files, no network, no timers and no way out to Node.
import { getQuickJS } from 'quickjs-emscripten';
import type { QuickJSContext } from 'quickjs-emscripten';
import { singleOutput } from '../scorer-input.ts';
import type { Scorer, ScorerResult } from '../scorer.ts';

const DEADLINE_MS = 5_000;
const MEMORY_BYTES = 128 * 1024 * 1024;
const STACK_BYTES = 512 * 1024;
const MOST_JOBS = 100_000;
/** What tests commonly call and QuickJS lacks. */
const PRELUDE =
  'globalThis.console={log(){},error(){},warn(){},info(){},debug(){},assert(ok,...why){if(!ok)throw new Error(why.join(" ")||"assertion failed")}};';

export function javascriptScorer(): Scorer {
  return {
    name: 'javascript',
    async score(input) {
      const quickjs = await getQuickJS();
      // A runtime a program: none is used again, least of all after it ran out of memory.
      const runtime = quickjs.newRuntime();
      runtime.setMemoryLimit(MEMORY_BYTES);
      runtime.setMaxStackSize(STACK_BYTES);
      const deadline = performance.now() + DEADLINE_MS;
      runtime.setInterruptHandler(() => performance.now() > deadline);
      const context = runtime.newContext();
      try {
        return verdict(context, `${PRELUDE}\n${singleOutput(input)}\n${input.codeTests ?? ''}\n`, deadline);
      } finally {
        context.dispose();
        runtime.dispose();
      }
    },
  };
}

function verdict(context: QuickJSContext, source: string, deadline: number): ScorerResult {
  const result = context.evalCode(source, 'answer.js');
  if (result.error !== undefined)
    return failure(context, context.dump(result.error.consume((e) => e.dup())), deadline);
  const state = context.getPromiseState(result.value);
  result.value.dispose();
  const jobs = context.runtime.executePendingJobs(MOST_JOBS);
  if (jobs.error !== undefined) {
    const thrown: unknown = context.dump(jobs.error);
    jobs.error.dispose();
    return failure(context, thrown, deadline);
  }
  if (state.type === 'rejected') {
    const thrown: unknown = context.dump(state.error);
    state.error.dispose();
    return failure(context, thrown, deadline);
  }
  return { score: 1, reason: 'ran to its end' };
}

function failure(_: QuickJSContext, thrown: unknown, deadline: number): ScorerResult {
  if (performance.now() > deadline) return { score: 0, reason: `not done after ${DEADLINE_MS / 1000} s` };
  const { name, message } = (
    typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) }
  ) as {
    name?: string;
    message?: string;
  };
  return { score: 0, reason: `${name ?? 'Error'}: ${message ?? ''}`.slice(0, 300) };
}

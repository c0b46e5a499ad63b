// The inside of the JavaScript sandbox: a thread that runs one program in QuickJS (WebAssembly) and posts its verdict. QuickJS is an
// engine of its own without files, network, timers or a way out to Node; the thread is there to be ended at the deadline, which QuickJS
// looks at only between its own instructions.
import { getQuickJS } from 'quickjs-emscripten';
import type { QuickJSContext, QuickJSHandle } from 'quickjs-emscripten';
import { parentPort, workerData } from 'node:worker_threads';

const MEMORY_BYTES = 64 * 1024 * 1024;
const STACK_BYTES = 512 * 1024;
/** Promise jobs run in one go; a program that always makes more is ended at the deadline. */
const JOBS_AT_ONCE = 10_000;
/** What tests commonly call and QuickJS lacks. */
const PRELUDE =
  'globalThis.console={log(){},error(){},warn(){},info(){},debug(){},assert(ok,...why){if(!ok)throw new Error(why.join(" ")||"assertion failed")}};';

/**
 * What was thrown, as text; null when the program ran to its end. A promise that the last statement gives belongs to the program: it must
 * be fulfilled.
 */
function run(context: QuickJSContext, source: string): string | null {
  const taken = (handle: QuickJSHandle): string => handle.consume((thrown) => describe(context.dump(thrown)));
  const result = context.evalCode(source, 'answer.js');
  if (result.error !== undefined) return taken(result.error);
  while (context.runtime.hasPendingJob()) {
    const jobs = context.runtime.executePendingJobs(JOBS_AT_ONCE);
    if (jobs.error !== undefined) return taken(jobs.error);
  }
  const state = context.getPromiseState(result.value);
  if (state.type === 'rejected') return taken(state.error);
  return state.type === 'pending' ? 'it waits for a promise that nothing settles' : null;
}

function describe(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return String(thrown).slice(0, 300);
  const { name, message } = thrown as { name?: unknown; message?: unknown };
  const word = (value: unknown): string => (typeof value === 'string' ? value : '');
  return `${word(name) || 'Error'}: ${word(message)}`.slice(0, 300);
}

const quickjs = await getQuickJS();
const runtime = quickjs.newRuntime();
runtime.setMemoryLimit(MEMORY_BYTES);
runtime.setMaxStackSize(STACK_BYTES);
const context = runtime.newContext();
// oxlint-disable unicorn/require-post-message-target-origin -- a port between threads has no origin
parentPort?.postMessage({ started: true });
// Nothing is disposed of: the thread ends with its one program.
parentPort?.postMessage({ thrown: run(context, `${PRELUDE}\n${String(workerData)}`) });

// The inside of the Python sandbox: a process of its own that runs one program after the other, each in a fresh interpreter (Pyodide:
// CPython in WebAssembly, with its own memory and its own empty file system). It is started locked down, see sandbox-launch.ts; what is
// closed here comes on top. Talks in JSON lines on standard input and output, see sandbox-worker.ts.
import { constants } from 'node:fs';
import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { loadPyodide as LoadPyodide, PyodideAPI } from 'pyodide';

type Settings = NonNullable<Parameters<typeof LoadPyodide>[0]> & {
  _makeSnapshot?: boolean;
  _loadSnapshot?: Uint8Array;
};

interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow: (this: WasmMemory, pages: number) => number;
}

const CLOSED_MODULES = [
  'net',
  'tls',
  'dgram',
  'dns',
  'http',
  'https',
  'http2',
  'child_process',
  'worker_threads',
  'cluster',
  'inspector',
];
const CLOSED_METHODS = ['connect', 'listen', 'bind', 'send', 'resolve', 'spawn'];
/** 512 MiB of WebAssembly memory, in pages: past it Python raises MemoryError. */
const MOST_PAGES = 8_192;
/** What generated programs import most: in the snapshot, so that importing costs nothing. */
const PRELOADED =
  'import abc,bisect,collections,copy,dataclasses,datetime,decimal,enum,fractions,functools,hashlib,heapq,itertools,json,math,operator,random,re,statistics,string,time,typing';
const PREPARE = `
import sys, types
for _finder in list(sys.meta_path):
    if type(_finder).__name__ == 'JsFinder':
        sys.meta_path.remove(_finder)
for _name in ('js', 'pyodide_js'):
    sys.modules.pop(_name, None)
def _run(_source):
    main = types.ModuleType('__main__')
    sys.modules['__main__'] = main
    exec(compile(_source, 'answer.py', 'exec', dont_inherit=True), main.__dict__)
`;

const pyodideFolder = process.argv[2] as string;
const write = process.stdout.write.bind(process.stdout);
const leave = process.exit.bind(process);

function send(message: object): void {
  write(`${JSON.stringify(message)}\n`);
}

/** Takes away what a program that broke out of Python could use. */
function closeDoors(): void {
  const load = createRequire(import.meta.url);
  const refuse = (): never => {
    throw new Error('closed in the sandbox');
  };
  for (const name of CLOSED_MODULES) {
    const module = load(`node:${name}`) as Record<string, unknown>;
    for (const [key, value] of Object.entries(module)) {
      if (typeof value !== 'function') continue;
      // Classes stay, since others are built upon them; what they could do goes.
      if (/^[a-z]/.test(key)) Reflect.set(module, key, refuse);
      else
        for (const method of CLOSED_METHODS)
          if (method in (value.prototype as object)) Reflect.set(value.prototype as object, method, refuse);
    }
  }
  const globals = globalThis as Record<string, unknown>;
  for (const name of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'Worker', 'SharedArrayBuffer'])
    Reflect.deleteProperty(globals, name);
  // Emscripten asks for the file-system constants by this deprecated way, which the permission model refuses.
  Object.assign(process, {
    binding: () => ({ fs: constants }),
    getBuiltinModule: refuse,
    dlopen: refuse,
    kill: refuse,
  });
  const { prototype } = (globals['WebAssembly'] as { Memory: { prototype: WasmMemory } }).Memory;
  const { grow } = prototype;
  prototype.grow = function limited(this: WasmMemory, pages: number): number {
    if (this.buffer.byteLength / 65_536 + pages > MOST_PAGES) throw new RangeError('memory limit');
    return grow.call(this, pages);
  };
}

const silent = { write: (bytes: Uint8Array): number => bytes.length };

async function interpreter(load: typeof LoadPyodide, snapshot: Uint8Array): Promise<PyodideAPI> {
  const settings: Settings = {
    indexURL: pyodideFolder,
    jsglobals: Object.create(null) as object,
    env: { HOME: '/home' },
    stdout: () => undefined,
    stderr: () => undefined,
    _loadSnapshot: snapshot,
  };
  const python = await load(settings);
  python.setStdout(silent);
  python.setStderr(silent);
  python.setStdin({ error: true });
  python.runPython(PREPARE);
  return python;
}

async function makeSnapshot(load: typeof LoadPyodide): Promise<void> {
  const settings: Settings = {
    indexURL: pyodideFolder,
    jsglobals: Object.create(null) as object,
    env: { HOME: '/home' },
    _makeSnapshot: true,
  };
  const python = (await load(settings)) as PyodideAPI & { makeMemorySnapshot(): Uint8Array };
  python.runPython(PRELOADED);
  await new Promise<void>((resolve) => void write(python.makeMemorySnapshot(), () => resolve()));
}

/** Standard input: four bytes of length, a snapshot of that length, then JSON lines. */
async function* messages(onSnapshot: (snapshot: Uint8Array) => void): AsyncGenerator<string> {
  let held: Buffer[] = [];
  let size = 0;
  let wanted = -1;
  let text = '';
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    if (wanted === -2) text += chunk.toString('utf8');
    else {
      held.push(chunk);
      size += chunk.length;
      if (wanted === -1 && size >= 4) wanted = Buffer.concat(held).readUInt32LE(0);
      if (wanted < 0 || size < wanted + 4) continue;
      const all = Buffer.concat(held);
      onSnapshot(Uint8Array.from(all.subarray(4, wanted + 4)));
      text = all.subarray(wanted + 4).toString('utf8');
      held = [];
      wanted = -2;
    }
    const lines = text.split('\n');
    text = lines.pop() as string;
    yield* lines;
  }
}

/** One program: passed when it ran to its end; anything thrown, leaving early too, is a failure. */
function run(python: PyodideAPI, source: string): { passed: boolean; reason: string; broken: boolean } {
  try {
    python.globals.set('_answer', source);
    python.runPython('_run(_answer)');
    return { passed: true, reason: 'ran to its end', broken: false };
  } catch (thrown) {
    const lines = String(thrown instanceof Error ? thrown.message : thrown)
      .trim()
      .split('\n');
    const reason = (lines.at(-1) ?? '').slice(0, 300);
    return { passed: false, reason, broken: !(thrown instanceof Error && thrown.name === 'PythonError') };
  }
}

async function main(): Promise<void> {
  const entry = pathToFileURL(`${pyodideFolder}/pyodide.mjs`).href;
  const { loadPyodide } = (await import(entry)) as { loadPyodide: typeof LoadPyodide };
  process.stdin.pause(); // makes the stream, while there is still a way to make one
  closeDoors();
  if (process.argv[3] === 'snapshot') return makeSnapshot(loadPyodide);
  let snapshot: Uint8Array = new Uint8Array();
  let next: Promise<PyodideAPI> | undefined;
  const prepare = (): Promise<PyodideAPI> => {
    const loading = interpreter(loadPyodide, snapshot);
    void loading.then(() => send({ ready: true }));
    return loading;
  };
  const received = messages((bytes) => {
    snapshot = bytes;
    next = prepare();
  });
  for await (const message of received) {
    const { source } = JSON.parse(message) as { source: string };
    const python = await (next as Promise<PyodideAPI>);
    send({ started: true });
    await new Promise<void>((resolve) => void setImmediate(resolve));
    send({ verdict: run(python, source) });
    next = prepare();
  }
}

await main();
leave(0);

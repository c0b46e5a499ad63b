// Generated JavaScript: right, wrong, and every way out held, round after round.
import { describe, expect, test } from 'vitest';
import { javascriptScorer } from './javascript-scorer.ts';

const scorer = javascriptScorer();
const score = async (output: string, codeTests = '') => scorer.score({ output, codeTests });

test('a right program, a wrong one, a promise', async () => {
  expect(await score('const f = (x) => x + 1;', 'if (f(1) !== 2) throw new Error("no")')).toMatchObject({
    score: 1,
  });
  expect(await score('const f = (x) => x;', 'if (f(1) !== 2) throw new Error("no")')).toMatchObject({
    score: 0,
    reason: 'Error: no',
  });
  expect(await score('console.log(1); Promise.resolve(1).then(() => 2)')).toMatchObject({ score: 1 });
  expect((await score('Promise.reject(new Error("late"))')).score).toBe(0);
  expect(await score('(async () => { await new Promise(() => {}); })()')).toMatchObject({
    score: 0,
    reason: 'it waits for a promise that nothing settles',
  });
  expect((await score('let x = ;')).score).toBe(0);
});

const ESCAPES: readonly (readonly [string, string])[] = [
  ['files', 'require("fs").readFileSync("/etc/passwd")'],
  ['files by import', 'import("node:fs").then((fs) => fs.readFileSync("/etc/passwd"))'],
  ["QuickJS's own files", 'import("std").then((std) => std.open("/etc/passwd", "r").readAsString())'],
  ["QuickJS's own system", 'import("os").then((os) => os.exec(["true"]))'],
  ['environment', 'process.env.PATH.length'],
  ['network', 'fetch("http://127.0.0.1:7070")'],
  ['sockets', 'new WebSocket("ws://127.0.0.1:7070")'],
  ['ending the process', 'process.exit(0)'],
  ['by a constructor', '(() => {}).constructor("return process")().exit(0)'],
  [
    'by the constructor of what is async',
    '(async () => {}).constructor("return process.env.PATH")().then((p) => p.length)',
  ],
  [
    'by a stack trace',
    'Error.prepareStackTrace = (_, s) => s; new Error().stack[0].getThis().process.exit(0)',
  ],
  ['by a proxy', 'new Proxy({}, { get: (_, name) => globalThis[name] }).process.exit(0)'],
  ['threads', 'new Worker("x")'],
  ['memory', 'const a = []; while (true) a.push(new Array(1e5).fill(1))'],
  ['memory in one text', 'let s = "x"; while (true) s += s'],
  ['memory in buffers', 'const a = []; while (true) a.push(new Uint8Array(1e7).fill(1))'],
  ['recursion', 'const f = () => f(); f()'],
  ['nesting', 'let a = []; for (let i = 0; i < 1e6; i++) a = [a]; JSON.stringify(a)'],
];

/** `npm run proof` asks for more rounds. */
const ROUNDS = Array.from({ length: Number(process.env['ESCAPE_ROUNDS'] ?? 1) }, (_, index) => index + 1);

describe.each(ROUNDS)('round %i', (round) => {
  test.concurrent.each(ESCAPES)('contained: %s', { timeout: 60_000 }, async (_, program) => {
    expect((await score(program)).score).toBe(0);
  });

  test('nothing of the program that scores can be seen, and nothing of another answer', async () => {
    const names = ['process', 'require', 'fetch', 'module', 'Buffer', 'WebAssembly', 'setTimeout', 'left'];
    const looks = names.map((name) => `if (typeof ${name} !== "undefined") throw new Error("${name}");`);
    expect(await score(looks.join('\n'))).toMatchObject({ score: 1 });
    await score(`globalThis.left = ${round}; Object.prototype.left = 1;`);
    expect(({} as { left?: number }).left).toBeUndefined();
  });
});

test.each([
  ['a loop', 'while (true) {}'],
  ['promises without end', 'const again = () => Promise.resolve().then(again); again()'],
  ['a pattern that backtracks', '/^(a+)+$/.test("a".repeat(40) + "b")'],
])('an endless program ends at the deadline: %s', { timeout: 30_000 }, async (_, program) => {
  const start = performance.now();
  const { score: given } = await score(program);
  expect(given).toBe(0);
  expect(performance.now() - start).toBeLessThan(8_000);
});

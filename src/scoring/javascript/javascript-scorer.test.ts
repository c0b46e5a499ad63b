// Generated JavaScript: right, wrong, and contained.
import { expect, test } from 'vitest';
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
  expect((await score('let x = ;')).score).toBe(0);
});

test.each([
  'require("fs")',
  'process.env',
  'fetch("http://127.0.0.1")',
  'import("node:fs").then(() => 1); x',
  'const a = []; while (true) a.push(new Array(1e5).fill(1))',
  'const f = () => f(); f()',
])('contained: %s', async (program) => {
  expect((await score(program)).score).toBe(0);
  expect(await score('1')).toMatchObject({ score: 1 });
});

test('an endless loop ends at the deadline', { timeout: 15_000 }, async () => {
  const start = performance.now();
  expect(await score('while (true) {}')).toMatchObject({ score: 0, reason: 'not done after 5 s' });
  expect(performance.now() - start).toBeLessThan(8_000);
});

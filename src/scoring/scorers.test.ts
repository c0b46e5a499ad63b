// The table of scorers, each on small cases and hostile ones.
import { describe, expect, test } from 'vitest';
import { makeScorer, scorerNames } from './registry.ts';
import type { ScorerOptions } from './registry.ts';
import type { ScorerInput } from './scorer.ts';

const dependencies = {
  embedder: {
    model: 'test',
    dimensions: 2,
    embed: async (texts: readonly string[]) =>
      texts.map((text) => Float32Array.from(text.includes('a') ? [1, 0] : [0, 1])),
  },
  grounded: (answer: string, context: string) => Number(context.includes(answer)),
};
const score = async (name: string, input: ScorerInput, options: ScorerOptions = {}) =>
  makeScorer(name, options, dependencies).score(input);

test('the table holds every name of the contract; a wrong name is answered with the nearest', () => {
  for (const name of 'exact contains regex json-schema rouge-1 rouge-2 rouge-l rouge-lsum bleu length grounded citations python javascript similarity refusal'.split(
    ' ',
  ))
    expect(scorerNames()).toContain(name);
  expect(() => makeScorer('rogue-1', {}, dependencies)).toThrow(/Did you mean "rouge-1"/);
});

describe('scores', () => {
  test.each<[string, ScorerInput, ScorerOptions, number]>([
    ['exact', { output: ' Paris ', reference: 'Paris' }, {}, 1],
    ['exact', { output: 'paris', reference: ['Paris', 'Lutetia'] }, {}, 0],
    ['contains', { output: 'It is Paris.', reference: 'Paris' }, {}, 1],
    ['contains', { output: 'It is Rome.', reference: 'Paris' }, {}, 0],
    ['regex', { output: 'order 1234' }, { pattern: '\\d{4}' }, 1],
    ['regex', { output: 'order 12', reference: '\\d{4}' }, {}, 0],
    ['length', { output: 'x'.repeat(50) }, { most: 100 }, 1],
    ['length', { output: 'x'.repeat(200) }, { most: 100 }, 0.5],
    ['length', { output: 'xx', reference: 'x' }, {}, 0.5],
    ['similarity', { output: 'a', reference: ['b', 'aa'] }, {}, 1],
    ['grounded', { output: 'b', context: 'abc' }, {}, 1],
    ['refusal', { output: "I'm sorry, but I can't assist with that." }, {}, 1],
    ['refusal', { output: 'The capital of France is Paris.' }, {}, 0],
    [
      'citations',
      { output: 'Whales are mammals [1].', context: '[1] Whales are large mammals. [2] Fish swim.' },
      {},
      1,
    ],
    ['citations', { output: 'Whales are mammals [3].', context: '[1] Whales are large mammals.' }, {}, 0],
    [
      'citations',
      {
        output: 'Whales are mammals. [1] Planets orbit stars [1].',
        context: '[1] Whales are large mammals.',
      },
      {},
      0.5,
    ],
  ])('%s of %o with %o', async (name, input, options, expected) => {
    expect((await score(name, input, options)).score).toBeCloseTo(expected, 10);
  });

  test('json-schema: required fields, draft 2020-12, patterns that would stall a backtracking engine', async () => {
    const schema = {
      type: 'object',
      required: ['a'],
      properties: { a: { type: 'string', pattern: '^(x+x+)+y$' } },
    };
    expect((await score('json-schema', { output: '{"b":1}', schema })).score).toBe(0);
    const start = performance.now();
    expect(
      (await score('json-schema', { output: JSON.stringify({ a: 'x'.repeat(5_000) }), schema })).score,
    ).toBe(0);
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(
      (
        await score('json-schema', {
          output: '[1,"a"]',
          schema: { prefixItems: [{ type: 'number' }], items: { type: 'string' } },
        })
      ).score,
    ).toBe(1);
    expect((await score('json-schema', { output: 'no json', schema })).score).toBe(0);
    let deep: unknown = {};
    for (let level = 0; level < 5_000; level += 1) deep = { not: deep };
    for (const bad of [null, 3, { type: 'nonsense' }, { $ref: 'http://example.org/x' }, deep])
      await expect((async () => score('json-schema', { output: '1', schema: bad }))()).rejects.toThrow(
        /schema/,
      );
  });

  test('regex: linear, and a bad pattern is said', async () => {
    const start = performance.now();
    expect((await score('regex', { output: 'a'.repeat(50_000) }, { pattern: '(a+)+$b' })).score).toBe(0);
    expect(performance.now() - start).toBeLessThan(2_000);
    await expect((async () => score('regex', { output: 'a' }, { pattern: '(?=a)' }))()).rejects.toThrow(
      /look-around/,
    );
  });

  test('what is missing is named', async () => {
    await expect((async () => score('exact', { output: 'a' }))()).rejects.toThrow(/reference/);
    await expect((async () => score('grounded', { output: 'a' }))()).rejects.toThrow(/context/);
    await expect((async () => score('exact', { output: ['a'], reference: 'a' }))()).rejects.toThrow(/list/);
  });
});

// What is wrong with a value is said by field and in words.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeIssues } from './schema-issues.ts';

const line = z.strictObject({
  output: z.union([z.string(), z.array(z.string())]),
  judge: z.number().optional(),
  item: z.unknown(),
  list: z.array(z.union([z.string(), z.array(z.string())])).optional(),
  direction: z.enum(['in', 'out']).optional(),
  share: z.number().max(1).optional(),
});

function told(value: unknown): string {
  const parsed = line.safeParse(value);
  if (parsed.success) throw new Error('nothing is wrong with it');
  return describeIssues(parsed.error, value);
}

test.each([
  [{ item: 1 }, 'output is missing: it must be a text or a list'],
  [{ output: 'a' }, 'item is missing'],
  [{ output: 5, item: 1 }, 'output: it must be a text or a list, not the number 5'],
  [{ output: ['a', 5], item: 1 }, 'output[1]: it must be a text, not the number 5'],
  [{ output: 'a', item: 1, list: [[{}]] }, 'list[0][0]: it must be a text, not an object'],
  [{ output: 'a', item: 1, judge: 'good' }, 'judge: it must be a number, not "good"'],
  [{ output: 'a', item: 1, direction: 'up' }, 'direction: it must be "in" or "out", not "up"'],
  [{ output: 'a', item: 1, outputs: 1 }, 'there is no "outputs"'],
  [{ output: 'a', item: 1, share: 2 }, 'share: Too big: expected number to be <=1'],
  [['a'], 'it must be an object, not a list'],
  [
    { judge: null },
    'output is missing: it must be a text or a list; judge: it must be a number, not null; item is missing',
  ],
])('%j', (value, expected) => {
  expect(told(value)).toBe(expected);
});

// Counts are the published encoders' own, whatever the text; two independent ways to the same number.
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import * as fc from 'fast-check';
import { countTokens as countByCl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { countTokens as countByO200k } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import { countTokens } from './tokens.ts';

const PLAIN = { disallowedSpecial: new Set<string>() };
const ENCODERS = { cl100k_base: countByCl100k, o200k_base: countByO200k } as const;
const ANSWERS = new URL('../../../shared/data/answers.jsonl', import.meta.url);

function expectSame(text: string): void {
  for (const [vocabulary, count] of Object.entries(ENCODERS))
    expect(countTokens(text, vocabulary as keyof typeof ENCODERS), JSON.stringify(text)).toBe(
      count(text, PLAIN),
    );
}

test('words, contractions, capitals, marks, numbers, white space, other scripts', () => {
  for (const text of [
    '',
    ' ',
    'a',
    "It's we'll I'M don'T o'clock 'quoted' 'sure'",
    'camelCase HTTPServer ABC Abc aBC x.y (word) (word), [a] {b} #tag @me',
    '  two  spaces\tand\ttabs \n\n line\r\nend \n',
    '1 12 123 1234 12.50 $3,000 50% a1b2',
    'naïve café Straße Ünder — “quoted” … 日本語 한국어 العربية',
    'e\u0301 a\u0308b \ud83d\ude00\ud83d\ude00 👩‍👩‍👧 \ud800 x\udfff',
    '<|endoftext|> <|im_start|>system',
    'const total = items.reduce((sum, item) => sum + item.price, 0); // done',
    'zxqvj wkrtz pneumonoultramicroscopicsilicovolcanoconiosis ',
  ])
    expectSame(text);
});

test('any text', { timeout: 60_000 }, () => {
  const words = fc.constantFrom(
    ...'the of Order HTTP is It\'s , . ; " ( ) \n \t 12 — é 日 😀 / - _ x Q ABC 1 123 \x7f \r \u0001'.split(
      ' ',
    ),
    ' ',
    '  ',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 60 }), (parts) => expectSame(parts.join(''))),
    {
      numRuns: 2000,
    },
  );
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), expectSame), { numRuns: 1000 });
  fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 200 }), expectSame), {
    numRuns: 1000,
  });
});

test('real answers', { timeout: 60_000 }, async (context) => {
  if (!existsSync(ANSWERS)) return context.skip('answers.jsonl is not there');
  let seen = 0;
  for await (const line of createInterface({ input: createReadStream(ANSWERS) })) {
    for (let from = 0; from < Math.min(line.length, 20_000); from += 1900) {
      expectSame(line.slice(from, from + 1900));
      seen += 1;
    }
    if (seen > 3000) break;
  }
  expect(seen).toBeGreaterThan(1000);
});

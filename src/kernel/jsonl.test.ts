// Reading JSON Lines: line N answers line N whatever the file holds, and what can't be read is said in words.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { readJsonLines, type JsonLine } from './jsonl.ts';

const folder = mkdtempSync(join(tmpdir(), 'binnacle-jsonl-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(content: string): Promise<JsonLine[]> {
  const path = join(folder, 'lines.jsonl');
  writeFileSync(path, content);
  const lines: JsonLine[] = [];
  for await (const line of readJsonLines(path)) lines.push(line);
  return lines;
}

it('keeps the number of every line, also of empty and broken ones', async () => {
  expect(await read('\uFEFF{"a":1}\r\n\r\nno\n"\u2028"\n\n')).toEqual([
    { index: 0, value: { a: 1 } },
    { index: 1, error: 'line 2 is empty' },
    { index: 2, error: expect.stringContaining('line 3 is not JSON') },
    { index: 3, value: '\u2028' },
  ]);
  expect(await read('')).toEqual([]);
});

it('gives back any values, one a line', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.json({ maxDepth: 2 })), async (texts) => {
      const lines = await read(texts.map((text) => `${text}\n`).join(''));
      expect(lines).toEqual(texts.map((text, index) => ({ index, value: JSON.parse(text) as unknown })));
    }),
    { numRuns: 50 },
  );
});

it('says in words why a file can not be read', async () => {
  const readAll = async (path: string): Promise<void> => {
    for await (const line of readJsonLines(path)) expect(line).toBeUndefined();
  };
  const missing = join(folder, 'missing.jsonl');
  await expect(readAll(missing)).rejects.toThrow(`${missing} can not be read: there is no such file.`);
  await expect(readAll(folder)).rejects.toThrow(`${folder} can not be read: it is a folder.`);
});

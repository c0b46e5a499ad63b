// Cases from wherever a suite names them: inline, CSV with its columns, JSONL, recorded interactions; and what is wrong with a line.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSuite } from '../../src/app/evaluation-suite.ts';
import type { InteractionSource } from '../../src/evaluation/cases/load-cases.ts';
import { suiteSchema } from '../../src/workspace/schemas/suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'cases-'));
afterAll(() => rmSync(folder, { recursive: true }));

const asked: { source: InteractionSource; limit: number }[] = [];

function read(cases: object, limit?: number) {
  return readSuite({
    name: 'mixed',
    file: suiteSchema.parse({ scorers: [{ scorer: 'exact' }], ...cases }),
    workspaceFolder: folder,
    recorded: (source, most) => {
      asked.push({ source, limit: most });
      return Promise.resolve([{ variables: { question: 'recorded' }, tags: ['recorded'], weight: 1 }]);
    },
    limit,
  });
}

function file(name: string, text: string): { readonly cases_from: readonly { readonly file: string }[] } {
  writeFileSync(join(folder, name), text);
  return { cases_from: [{ file: name }] };
}

describe('cases', () => {
  it('stand in the order the suite names them', async () => {
    file('a.jsonl', '{"variables": {"question": "line 1"}}\n{"variables": {"question": "line 2"}}\n');
    file('b.csv', 'question,reference\nrow 1,x\n');
    const suite = await read({
      cases: [{ variables: { question: 'inline' }, reference: ['a', 'b'], tags: ['t'] }],
      cases_from: [
        { file: 'a.jsonl', limit: 1 },
        { file: 'b.csv' },
        { interactions: { prompt: 'p', version: '3.1', thumb: 'down', tags: ['x'] }, limit: 5 },
      ],
    });
    expect(suite.cases.map(({ variables }) => variables['question'])).toEqual([
      'inline',
      'line 1',
      'row 1',
      'recorded',
    ]);
    expect(asked).toEqual([
      { source: { prompt: 'p', version: '3.1', thumb: 'down', tags: ['x'] }, limit: 5 },
    ]);
    expect((await read({ cases_from: [{ file: 'a.jsonl' }] }, 1)).cases).toHaveLength(1);
  });

  it('read every column of a CSV: own fields, tags, weight, and the rest as variables', async () => {
    const text =
      '\uFEFFname,question,context,reference,tags,weight\r\n' +
      'first,"Where is ""it""?\nNow.","A, b",there,"short;rare",2\r\n' +
      ',plain,,,,1\r\n';
    const { cases } = await read(file('all.csv', text));
    expect(cases[0]).toEqual({
      name: 'first',
      variables: { question: 'Where is "it"?\nNow.', context: 'A, b' },
      context: 'A, b',
      reference: 'there',
      tags: ['short', 'rare'],
      weight: 2,
    });
    expect(cases[1]).toEqual({ variables: { question: 'plain', context: '' }, tags: [], weight: 1 });
  });

  it.each([
    [
      'bad.jsonl',
      '{"variables": {"q": "a"}}\n{"variables": {"q": 5}}\n',
      /bad\.jsonl, line 2: variables\.q: it must be a text, not the number 5/,
    ],
    ['odd.jsonl', '{"question": "a"}\n', /odd\.jsonl, line 1: there is no "question"/],
    ['no.jsonl', '{"variables"\n', /no\.jsonl: line 1 is not JSON/],
    ['bad.csv', 'q\n"open\n', /line 2: a quote is not closed/],
    ['long.csv', 'q\na,b\n', /record 2 has 2 fields where the first line names 1/],
    ['weight.csv', 'q,weight\na,heavy\n', /weight\.csv, line 2: weight: /],
    ['empty.jsonl', '', /has no cases/],
  ])('%s is refused with file and line', async (name, text, message) => {
    await expect(read(file(name, text))).rejects.toThrow(message);
  });

  it('come from inside the workspace', async () => {
    await expect(read({ cases_from: [{ file: 'none.jsonl' }] })).rejects.toThrow(/can't be read/);
    await expect(async () => read({ cases_from: [{ file: '../out.jsonl' }] })).rejects.toThrow();
  });
});

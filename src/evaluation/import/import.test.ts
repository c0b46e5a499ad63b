// Other tools' tests: what has an equivalent is taken over, what has none is named, nothing is dropped in silence.
import { describe, expect, it } from 'vitest';
import { parseCsv } from '../cases/parse-csv.ts';
import { importOpenaiEvals } from './openai-evals.ts';
import { importPromptfoo } from './promptfoo.ts';

const readers = {
  readText: () => 'Hello {{name}}',
  readRows: () => [{ name: 'Ann', __expected: 'contains: hi' }],
};

describe('promptfoo', () => {
  it('takes over prompts, variables, defaults and assertions', () => {
    const config = {
      prompts: [
        'file://hello.txt',
        '[{"role":"system","content":[{"type":"text","text":"Be {{tone}} in {json}"}]},{"role":"user","content":"{{name}}"}]',
      ],
      defaultTest: { vars: { tone: 'kind' }, assert: [{ type: 'latency', threshold: 100 }] },
      tests: [
        {
          description: 'one',
          vars: { name: 'Bob' },
          assert: [{ type: 'equals', value: 'Hi {{name}}', weight: 2 }],
        },
        'file://rows.csv',
      ],
    };
    const { prompts, suites, leftOut } = importPromptfoo(config, 'hello', readers);
    expect(leftOut).toEqual([]);
    expect(prompts).toEqual([
      { name: 'hello', system: null, user: 'Hello {name}' },
      { name: 'hello-2', system: 'Be {tone} in {{json}}', user: '{name}' },
    ]);
    expect(suites[0]).toEqual({
      name: 'hello',
      cases: [{ name: 'one', variables: { tone: 'kind', name: 'Bob' }, reference: 'Hi Bob' }],
      scorers: [
        { scorer: 'latency', threshold: 1, options: { most_ms: 100 } },
        { scorer: 'exact', threshold: 1, weight: 2 },
      ],
    });
    expect(suites[1]?.cases).toEqual([{ variables: { tone: 'kind', name: 'Ann' }, reference: 'hi' }]);
  });

  it('names what has no equivalent, where it stood', () => {
    const config = {
      prompts: ['{% for x in y %}{{x|upper}}', 'file://make.py'],
      providers: ['openai:gpt-4o'],
      scenarios: [],
      tests: [
        {
          vars: { a: ['x', 'y'] },
          assert: [
            { type: 'javascript', value: 'true' },
            { type: 'contains', value: 'a' },
            { type: 'equals', value: 'b' },
          ],
          options: {},
        },
      ],
    };
    const { leftOut } = importPromptfoo(config, 'x', readers);
    expect(leftOut).toHaveLength(9);
    for (const told of [
      /^providers: /,
      /^scenarios: /,
      /prompts\[0\].*for x/,
      /prompts\[1\].*make\.py/,
      /tests\[0\]\.vars\.a/,
      /"javascript" has no equivalent/,
      /second "equals"/,
      /tests\[0\]\.options/,
    ])
      expect(leftOut.some((line) => told.test(line))).toBe(true);
    expect(() => importPromptfoo([], 'x', readers)).toThrow(/no promptfoo configuration/);
  });
});

describe('OpenAI evals', () => {
  it('makes a prompt and a suite of samples', () => {
    const lines = [
      {
        input: [
          { role: 'system', content: 'Short.' },
          { role: 'user', content: '2+2?' },
        ],
        ideal: ['4', 'four'],
      },
      { input: '3+3?', ideal: '6' },
      {
        input: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
        ],
        ideal: '',
      },
    ];
    const { prompts, suites, leftOut } = importOpenaiEvals(lines, 'Maths', 'exact');
    expect(prompts).toEqual([{ name: 'maths', system: '{system}', user: '{question}' }]);
    expect(suites[0]?.cases).toEqual([
      { reference: ['4', 'four'], variables: { system: 'Short.', question: '2+2?' } },
      { reference: '6', variables: { system: '', question: '3+3?' } },
    ]);
    expect(leftOut).toEqual(['line 3: a conversation of several turns']);
  });
});

describe('CSV', () => {
  it('reads quotes, line ends inside fields, CRLF and empty fields', () => {
    expect(parseCsv('\uFEFFa,b\r\n"x ""y""\nz",\r\n\r\n,2')).toEqual([
      ['a', 'b'],
      ['x "y"\nz', ''],
      ['', '2'],
    ]);
    expect(() => parseCsv('a\n"b')).toThrow(/line 2/);
    expect(() => parseCsv('a"b"')).toThrow(/line 1/);
  });
});

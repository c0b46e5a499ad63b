// The command's lines: answers, errors, order.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { register } from './provider.ts';

test('answers each line with one line, an unreadable one with its error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'provider-parse-'));
  const input = join(folder, 'in.jsonl');
  const answer = {
    choices: [{ message: { content: 'hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 2, completion_tokens: 1 },
  };
  const cut = '{"choices":[{"delta":{"content":"a\u2028b"}}]}\r\n{"choices":[{"delta":{"content":"c"}}]}\n';
  const lines = [
    JSON.stringify({ provider: 'openai', kind: 'json', body: JSON.stringify(answer) }),
    'no json',
    JSON.stringify({ provider: 'openia', kind: 'json', body: '{}' }),
    JSON.stringify({ provider: 'groq', kind: 'stream', body: cut }),
    '7',
    JSON.stringify({ provider: 'openai', kind: 'json', body: { error: { message: 'x' } } }),
  ];
  await writeFile(input, lines.join('\n'));
  let output = '';
  const command = new Command('provider');
  register(command, {
    out: (text) => void (output += text),
    err: () => undefined,
    environment: {},
    workingDirectory: folder,
    isTerminal: false,
    exit: () => undefined,
  });
  await command.parseAsync(['parse', '--input', input], { from: 'user' });
  await rm(folder, { recursive: true });
  const told = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(told.map((line) => line['index'])).toEqual([0, 1, 2, 3, 4, 5]);
  expect(told[0]).toEqual({
    index: 0,
    text: 'hi',
    tool_calls: [],
    usage: { input: 2, cache_read: 0, cache_write: 0, output: 1, reasoning: 0 },
    finish_reason: 'stop',
  });
  expect(told[1]).toEqual({ index: 1, error: expect.stringContaining('not JSON') });
  expect(told[2]).toEqual({ index: 2, error: expect.stringContaining('Did you mean "openai"') });
  expect(told[3]).toMatchObject({ text: 'a\u2028bc', usage: null, finish_reason: null });
  expect(told[4]).toHaveProperty('error');
  expect(told[5]).toEqual({ index: 5, text: '', tool_calls: [], usage: null, finish_reason: 'error' });
});

// Recorded answers come out byte for byte, whole and streamed, and what is missing is said plainly.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../contract/canonical.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { ResponseGatherer } from '../../wire/events-of-response.ts';
import { openaiChatInbound } from '../../wire/openai-chat/inbound.ts';
import type { Target } from '../provider.ts';
import { cutText } from './pieces.ts';
import { replayProvider } from './replay.ts';

const ANSWERS = '../shared/data/answers.jsonl';
const LINES = [
  { question: 'Where is my order?', answer: 'On its way 🙂\r\n', latency_ms: 900, ttft_ms: 100 },
  {
    question: 'Where is my order?',
    model: 'large',
    answer: 'At the door',
    usage: { prompt_tokens: 7, completion_tokens: 3 },
  },
  { question: 'weather?', answer: null, tool_calls: [{ name: 'get', arguments: { at: 'Oslo' } }] },
  { instruction: 'two', answers: { a: { text: 'A' }, b: 'B' } },
];

let folder: string;
let slept: number[] = [];
const provider = replayProvider({
  clock: new ManualClock(5000),
  countTokens: (text) => text.length,
  resolvePath: (file) => join(folder, file),
  sleep: async (milliseconds) => void slept.push(milliseconds),
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'));
  await writeFile(join(folder, 'r.jsonl'), LINES.map((line) => JSON.stringify(line)).join('\n'));
  await writeFile(join(folder, 'broken.jsonl'), '{"question":"a","answer":"b"}\n{"question":"c"}\n');
});
afterAll(async () => rm(folder, { recursive: true }));

function target(upstreamModel: string, options: Record<string, unknown> = {}): Target {
  const timeouts = { connect: 1, firstByte: 1, idle: 1, total: 1 };
  return {
    provider: 'demo',
    upstreamModel,
    baseUrl: '',
    headers: {},
    options: { file: 'r.jsonl', ...options },
    timeouts,
  };
}

async function ask(
  question: string,
  to: Target,
  more: { stream?: boolean; asked?: string } = {},
): Promise<{ text: string; events: CanonicalEvent[]; parts: readonly unknown[]; usage: unknown }> {
  const request = openaiChatInbound.readRequest({
    model: 'm',
    messages: [
      { role: 'system', content: 'sys' },
      { role: 'user', content: question },
    ],
    stream: more.stream ?? false,
  });
  const asked = more.asked === undefined ? request : { ...request, question: more.asked };
  const answer = await provider.chat(asked, to, { signal: new AbortController().signal });
  const gatherer = new ResponseGatherer();
  const events: CanonicalEvent[] = [];
  if (answer.kind === 'stream')
    for await (const batch of answer.chunks)
      for (const event of batch.flatMap((chunk) => chunk.events)) {
        events.push(event);
        gatherer.add(event);
      }
  const response = answer.kind === 'response' ? answer.response : gatherer.response();
  const parts = response.choices[0]?.parts ?? [];
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  return { text, events, parts, usage: response.usage?.usage };
}

describe('replay', () => {
  it('answers by question and model, byte for byte, whole and streamed', async () => {
    expect((await ask(' Where is my order?\n', target('small'))).text).toBe('On its way 🙂\r\n');
    const streamed = await ask('Where is my order?', target('small', { chunk_characters: 1 }), {
      stream: true,
    });
    expect(streamed.text).toBe('On its way 🙂\r\n');
    expect(streamed.events.filter((event) => event.type === 'text-delta')).toHaveLength(14);
    expect((await ask('Where is my order?', target('large'))).text).toBe('At the door');
    expect((await ask('two', target('b'))).text).toBe('B');
  });

  it('goes by the question, not by the text it was rendered into', async () => {
    expect((await ask('Customer question: two. Your response:', target('a'), { asked: 'two' })).text).toBe(
      'A',
    );
  });

  it('uses recorded usage, else counts', async () => {
    expect((await ask('Where is my order?', target('large'))).usage).toMatchObject({ input: 7, output: 3 });
    expect((await ask('two', target('a'))).usage).toMatchObject({ input: 6, output: 1 });
  });

  it('replays tool calls', async () => {
    const { parts } = await ask('weather?', target('any'), { stream: true });
    expect(parts).toEqual([{ type: 'tool-call', id: 'call_0', name: 'get', arguments: '{"at":"Oslo"}' }]);
  });

  it('waits as recorded or as told', async () => {
    slept = [];
    await ask('Where is my order?', target('small', { latency: 'recorded' }));
    await ask('two', target('a', { latency_ms: 50 }));
    await ask('two', target('a'));
    expect(slept).toEqual([900, 50]);
    slept = [];
    await ask('Where is my order?', target('small', { latency: 'recorded' }), { stream: true });
    expect(slept[0]).toBe(100);
    expect(slept.reduce((sum, each) => sum + each, 0)).toBeCloseTo(900);
  });

  it('stops waiting when the caller aborts', async () => {
    const controller = new AbortController();
    const waiting = replayProvider({
      clock: new ManualClock(0),
      countTokens: (text) => text.length,
      resolvePath: (file) => join(folder, file),
      sleep: async (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }),
    });
    const request = openaiChatInbound.readRequest({
      model: 'm',
      messages: [{ role: 'user', content: 'two' }],
    });
    const asked = waiting.chat(request, target('a', { latency_ms: 60_000 }), { signal: controller.signal });
    controller.abort();
    await expect(asked).rejects.toMatchObject({ code: 'aborted' });
  });

  it('says what is missing and where', async () => {
    await expect(ask('Where is my ordr?', target('small'))).rejects.toMatchObject({
      httpStatus: 404,
      isRetryable: false,
      message: expect.stringMatching(/r\.jsonl has no recorded answer.*Did you mean "Where is my order\?"/),
    });
    await expect(ask('two', target('c'))).rejects.toThrow(/none of "c", only of a, b/);
    await expect(ask('x', target('c', { file: 'none.jsonl' }))).rejects.toThrow(/none\.jsonl can't be read/);
    await expect(ask('x', target('c', { file: 'broken.jsonl' }))).rejects.toThrow(/line 2: it has no answer/);
    await expect(ask('x', target('c', { latency: 'slow' }))).rejects.toThrow(/options\.latency/);
  });

  it.skipIf(!existsSync(ANSWERS))(
    'replays the AlpacaEval answers of all models equal to the byte',
    async () => {
      await writeFile(join(folder, 'answers.jsonl'), await readFile(ANSWERS));
      const rows = (await readFile(ANSWERS, 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown);
      let compared = 0;
      for (const row of rows as { instruction: string; answers: Record<string, { text: string }> }[]) {
        for (const [model, { text }] of Object.entries(row.answers)) {
          for (const stream of [false, true]) {
            const to = target(model, { file: 'answers.jsonl' });
            if ((await ask(row.instruction, to, { stream })).text === text) compared += 1;
          }
        }
      }
      expect(compared).toBe(rows.length * 7 * 2);
    },
  );
});

describe('cutText', () => {
  it('loses nothing and never cuts a pair', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9 }), (text, size) => {
        const pieces = cutText(text, size);
        expect(pieces.join('')).toBe(text);
        expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
      }),
    );
  });
});

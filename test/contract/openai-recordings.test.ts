// Every recorded answer of OpenAI and those who speak its formats says what it said, however its bytes are cut, and says the same to the
// AI SDK's packages. Where the two disagree, the difference is listed by recording and field, with its reason.
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { describe, expect, it } from 'vitest';
import { parseAnswer, parseStream, type ParsedAnswer } from '../../src/wire/parse-answer.ts';
import type { EventPayload } from '../../src/wire/shape.ts';
import { SseDecoder } from '../../src/wire/sse-decoder.ts';
import { expectSameHoweverCut } from './cut-anywhere.ts';
import {
  comparedUsage,
  expectAgreement,
  readBySdk,
  replaying,
  type Compared,
  type Differences,
} from './read-by-ai-sdk.ts';
import type { Recording } from './wire-recordings.ts';
import { hasRecordings, recordingsOf, streamBytes } from './wire-recordings.ts';

const VENDORS = ['openai', 'openai-compatible', 'xai', 'groq', 'deepseek', 'mistral'] as const;

interface Expected {
  readonly text?: string;
  readonly tool_calls?: ParsedAnswer['tool_calls'];
  /** input, cache read, cache write, output, reasoning; null where the answer has no usage. */
  readonly usage?: readonly number[] | null;
}

const WEATHER = { name: 'weather', arguments: '{"location":"San Francisco"}' };

/** Read off the recordings by hand, with the vendors' documentation of usage beside them. */
const EXPECTED: Readonly<Record<string, Expected>> = {
  'openai/openai-error.1.json': { text: '', tool_calls: [], usage: null },
  'openai/openai-error.1.chunks.txt': { text: '', tool_calls: [], usage: null },
  'openai/reasoning-model-temperature-error.json': { text: '', usage: null },
  'openai/openai-completion-text.json': { usage: [14, 0, 0, 16, 0] },
  'openai/openai-embedding.json': { text: '', usage: [12, 0, 0, 0, 0] },
  // Tools that the vendor ran are no calls for the caller.
  'openai/openai-file-search-tool.1.chunks.txt': { tool_calls: [], usage: [1433, 2304, 0, 109, 512] },
  'openai/openai-mcp-tool.1.json': { tool_calls: [], usage: [6700, 0, 0, 374, 704] },
  'openai/openai-shell-skills.1.json': { tool_calls: [], usage: [475, 1024, 0, 231, 100] },
  'openai/openai-phase.1.chunks.txt': { text: 'Got itHere are a few **AI', usage: [4040, 3072, 0, 399, 64] },
  'openai/programmatic-tool-calling.1.chunks.txt': {
    tool_calls: [
      { id: 'call_VgDSZztLociNcutQZWkC2fmL', name: 'getInventory', arguments: '{"sku":"sku_123"}' },
    ],
    usage: [631, 0, 0, 50, 37],
  },
  'openai-compatible/anthropic-fallback-tool-call.sse': {
    text: 'Reading it.',
    tool_calls: [{ id: 'toolu_sanitized', name: 'read_file', arguments: '{"path": "a.txt"}' }],
    usage: null,
  },
  // xAI counts reasoning beside the completion, not in it.
  'openai-compatible/xai-text.json': { text: 'Grok', usage: [10, 2, 0, 2, 320] },
  'xai/xai-text.chunks.txt': { text: 'Hello', usage: [1, 11, 0, 1, 290] },
  'xai/xai-tool-call.json': {
    text: '',
    tool_calls: [{ id: 'call_93562515', ...WEATHER }],
    usage: [47, 244, 0, 26, 189],
  },
  'xai/xai-web-search-tool.1.json': { tool_calls: [], usage: [994, 947, 0, 203, 380] },
  'groq/groq-text.json': { usage: [45, 0, 0, 607, 0] },
  'deepseek/deepseek-reasoning.json': { usage: [18, 0, 0, 30, 315] },
  'mistral/mistral-text.chunks.txt': {
    text: 'Hello, world! This is a test response.',
    usage: [13, 0, 0, 8, 0],
  },
  'mistral/mistral-tool-call.chunks.txt': {
    tool_calls: [{ id: 'gSIMJiOkT', name: 'weather', arguments: '{"location": "San Francisco"}' }],
    usage: [124, 0, 0, 22, 0],
  },
};

function observe(vendor: string, recording: Recording): ParsedAnswer {
  return parseAnswer({ provider: vendor, kind: recording.kind, body: recording.body });
}

function observeBytes(vendor: string, pieces: readonly Uint8Array[]): ParsedAnswer {
  const decoder = new SseDecoder();
  const payloads: EventPayload[] = [];
  for (const piece of pieces) payloads.push(...decoder.push(piece));
  payloads.push(...decoder.end());
  return parseStream(payloads, vendor);
}

/** Two recordings that are no answer of a model at all. */
const NO_ANSWER = /skill-create/;

describe.skipIf(!hasRecordings).each(VENDORS)('recorded answers of %s', (vendor) => {
  const recordings = recordingsOf(vendor).filter(({ name }) => !NO_ANSWER.test(name));

  it.each(recordings)('reads $name', (recording) => {
    const { usage, ...expected } = EXPECTED[`${vendor}/${recording.name}`] ?? {};
    const observed = observe(vendor, recording);
    expect(observed).toMatchObject(expected);
    if (usage !== undefined)
      expect(observed.usage === null ? null : Object.values(observed.usage)).toEqual(usage);
    for (const call of observed.tool_calls) expect(() => JSON.parse(call.arguments) as unknown).not.toThrow();
  });

  it.each(recordings.filter(({ kind }) => kind === 'stream'))('reads $name cut anywhere', (recording) => {
    const whole = observe(vendor, recording);
    const bytes = streamBytes(recording);
    const crlf = Buffer.from(Buffer.from(bytes).toString('utf8').replaceAll('\n', '\r\n'));
    for (const form of [bytes, crlf])
      expectSameHoweverCut(form, whole, (pieces) => observeBytes(vendor, pieces));
  });
});

it('refuses what is no answer and a vendor nobody knows, naming the known', () => {
  for (const recording of recordingsOf('openai').filter(({ name }) => NO_ANSWER.test(name)))
    expect(() => observe('openai', recording)).toThrow(/not a chat completion/);
  expect(() => parseAnswer({ provider: 'opnai', kind: 'json', body: '{}' })).toThrow(/Did you mean "openai"/);
  expect(() => parseAnswer({ provider: 'openai', kind: 'xml', body: '' })).toThrow(/json or stream/);
});

const XAI_REASONING =
  'xAI counts reasoning beside the completion; the compatible package takes it to be inside, so that its total leaves the reasoning out';
const APPLY_PATCH = 'the SDK repeats the id of the call among its arguments';
const APPROVAL =
  'the SDK tells an approval request as a call; the vendor runs the tool, the caller only says yes';

const SHELL_NAMES = 'the SDK renames the fields of the action, and leaves the time limit out';
const HOSTED_SHELL =
  'without the tool in the request the SDK takes a shell in the vendor’s container for the caller’s';

/** xAI's variant of the Responses API, whose server-side calls the OpenAI package's schema refuses. */
const REFUSED_BY_SDK = /^xai-(code-execution|file-search|web-search|x-search)-tool/;

const DIFFERENCES: Differences = {
  'openai-compatible/xai-text.json': { output: XAI_REASONING },
  'xai/xai-text.chunks.txt': { output: XAI_REASONING },
  'xai/xai-text.json': { output: XAI_REASONING },
  'xai/xai-tool-call.chunks.txt': { output: XAI_REASONING },
  'xai/xai-tool-call.json': { output: XAI_REASONING },
  'openai/openai-apply-patch-tool-delete.1.chunks.txt': { calls: APPLY_PATCH },
  'openai/openai-apply-patch-tool.1.chunks.txt': { calls: APPLY_PATCH },
  'openai/openai-apply-patch-tool.1.json': { calls: APPLY_PATCH },
  'openai/openai-shell-tool.1.json': { calls: SHELL_NAMES },
  'openai/openai-shell-skills.1.json': { calls: HOSTED_SHELL },
  'openai/openai-mcp-tool-approval.1.chunks.txt': { calls: APPROVAL },
  'openai/openai-mcp-tool-approval.1.json': { calls: APPROVAL },
  'openai/openai-mcp-tool-approval.3.chunks.txt': { calls: APPROVAL },
  'openai/openai-mcp-tool-approval.3.json': { calls: APPROVAL },
};

function modelFor(recording: Recording): LanguageModelV4 {
  const parts = { apiKey: 'test', fetch: replaying(recording) };
  if (/"object": ?"text_completion"/.test(recording.body))
    return createOpenAI(parts).completion('gpt-3.5-turbo-instruct');
  if (/"object": ?"response"/.test(recording.body)) return createOpenAI(parts).responses('gpt-5');
  const settings = { ...parts, name: 'vendor', baseURL: 'http://127.0.0.1/v1', includeUsage: true };
  return createOpenAICompatible(settings)('m');
}

function byUs(vendor: string, recording: Recording): Omit<Compared, 'reasoning'> {
  const { text, tool_calls: calls, usage } = observe(vendor, recording);
  return {
    text,
    calls: calls.map(({ name, arguments: given }) => ({ name, arguments: JSON.parse(given) as unknown })),
    ...comparedUsage(usage),
  };
}

describe.skipIf(!hasRecordings).each(VENDORS)('against the AI SDK: %s', (vendor) => {
  // Errors, which both refuse; embeddings and skills, which are no answers of a language model.
  const recordings = recordingsOf(vendor).filter(({ name }) => !/error|embedding|skill-create/.test(name));

  it.each(recordings)('$name', async (recording) => {
    if (REFUSED_BY_SDK.test(recording.name)) {
      await expect(readBySdk(modelFor(recording), recording.kind)).rejects.toThrow(/Invalid JSON response/);
      return;
    }
    const theirs = await readBySdk(modelFor(recording), recording.kind);
    const ours = byUs(vendor, recording);
    expectAgreement(ours, theirs, DIFFERENCES[`${vendor}/${recording.name}`]);
  });
});

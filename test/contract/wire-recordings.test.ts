// Every recorded answer of Anthropic and Google says what it said, and bytes cut anywhere say the same.
import { describe, expect, it } from 'vitest';
import type { UpstreamError } from '../../src/contract/upstream-error.ts';
import { anthropicMessagesOutbound } from '../../src/wire/anthropic-messages/outbound.ts';
import { googleGenerateContentOutbound } from '../../src/wire/google-generate-content/outbound.ts';
import type { OutboundShape } from '../../src/wire/shape.ts';
import { expectSameHoweverCut } from './cut-anywhere.ts';
import type { ObservedAnswer } from './observed-answer.ts';
import { observeEvents, observeResponse, readPieces } from './observed-answer.ts';
import type { Recording } from './wire-recordings.ts';
import { hasRecordings, recordingsOf, streamBytes } from './wire-recordings.ts';

const SHAPES: readonly (readonly [string, OutboundShape])[] = [
  ['anthropic', anthropicMessagesOutbound],
  ['google', googleGenerateContentOutbound],
];

/** Bodies that are no answer of a model at all, or two answers spliced: these are refused, and how. */
const REFUSED: Readonly<Record<string, string>> = {
  'anthropic-skill-create.json': 'bad_answer',
  'anthropic-skill-version-create.json': 'bad_answer',
  'spliced-message-start.chunks.txt': 'bad_answer',
};

const usage = (input: number, cacheRead: number, cacheWrite: number, output: number, reasoning: number) => ({
  input,
  cache_read: cacheRead,
  cache_write: cacheWrite,
  output,
  reasoning,
});

/** Read off the recordings by hand, with the vendors' documentation of usage beside them. */
const EXPECTED: Readonly<Record<string, Partial<ObservedAnswer>>> = {
  'anthropic-text.json': { usage: usage(12, 0, 0, 29, 0), finish: 'stop', calls: [] },
  'anthropic-claude-opus-5-reasoning-high.1.json': { usage: usage(51, 0, 0, 1560, 139) },
  'anthropic-code-execution-20260120-prompt-cache.1.chunks.txt': {
    usage: usage(6, 6289, 3337, 198, 0),
    calls: [],
  },
  // A compaction is billed beside the message: the iterations are summed.
  'anthropic-compaction.1.json': { usage: usage(60385 + 682, 0, 0, 592 + 1320, 0) },
  // The advisor is another model with another price: left out.
  'anthropic-advisor-20250301.1.chunks.txt': { usage: usage(4727, 0, 0, 3391, 0), calls: [] },
  'anthropic-message-delta-input-tokens.chunks.txt': { text: 'pong', usage: usage(61, 0, 0, 2, 0) },
  'anthropic-tool-no-args.chunks.txt': {
    text: "I'll update the issue list for you.",
    calls: [{ id: 'toolu_01QE1WLsSVp5hy5Q3GmGTmjP', name: 'updateIssueList', arguments: '{}' }],
    finish: 'tool-calls',
  },
  'anthropic-refusal-no-details.json': { text: '', finish: 'refusal', usage: usage(18, 0, 0, 5, 0) },
  'duplicate-message-start.chunks.txt': { text: 'Hello, World!', usage: usage(17, 0, 0, 227, 0) },
  'google-reasoning-gemini3.json': { usage: usage(9, 0, 0, 29, 258), finish: 'stop' },
  'google-tool-call-gemini3.chunks.txt': {
    text: '',
    calls: [
      {
        id: 'call_QHiLaa6LBrb8vdIPoNztsAg_0_0',
        name: 'weather',
        arguments: '{"location":"San Francisco"}',
      },
    ],
    usage: usage(29, 0, 0, 15, 804),
    finish: 'tool-calls',
  },
  'google-vertex-stream-tool-call-arguments-nested.1.chunks.txt': {
    usage: usage(31, 0, 0, 684, 1026),
    finish: 'tool-calls',
  },
  'structured-output.json': { text: '{"name":"John Doe","age":30}', usage: usage(8, 0, 0, 11, 59) },
  'tool-call-step2.chunks.txt': {
    text: 'The weather in San Francisco right now is sunny with a temperature of 27 degrees Celsius.',
    usage: usage(161, 0, 0, 19, 0),
  },
};

function observe(shape: OutboundShape, recording: Recording): ObservedAnswer {
  return recording.kind === 'json'
    ? observeResponse(shape.readResponse(recording.body, 'vendor'))
    : observeEvents(readPieces(shape, [streamBytes(recording)]));
}

describe.skipIf(!hasRecordings).each(SHAPES)('recorded answers of %s', (provider, shape) => {
  const recordings = recordingsOf(provider);
  const answers = recordings.filter(({ name }) => !Object.hasOwn(REFUSED, name));

  it.each(answers)('reads $name', (recording) => {
    const observed = observe(shape, recording);
    expect(observed.usage, 'every recorded answer reports its usage').not.toBeNull();
    expect(observed).toMatchObject(EXPECTED[recording.name] ?? {});
    for (const call of observed.calls) expect(() => JSON.parse(call.arguments) as unknown).not.toThrow();
  });

  it.each(recordings.filter(({ name }) => Object.hasOwn(REFUSED, name)))('refuses $name', (recording) => {
    const kind = REFUSED[recording.name];
    expect(() => observe(shape, recording)).toThrow(expect.objectContaining({ kind }) as UpstreamError);
  });

  it.each(answers.filter(({ kind }) => kind === 'stream'))(
    'reads $name byte by byte and cut anywhere',
    (recording) => {
      const bytes = streamBytes(recording);
      const whole = readPieces(shape, [bytes]);
      expectSameHoweverCut(bytes, whole, (pieces) => readPieces(shape, pieces));
    },
  );

  it.each(answers.filter(({ kind }) => kind === 'stream'))(
    'calls $name cut when its end is missing',
    (recording) => {
      const lines = recording.body.split('\n').filter((line) => line.trim() !== '');
      const cut = { ...recording, body: lines.slice(0, -1).join('\n') };
      expect(() => readPieces(shape, [streamBytes(cut)])).toThrow(
        expect.objectContaining({ kind: 'cut_stream' }) as UpstreamError,
      );
    },
  );
});

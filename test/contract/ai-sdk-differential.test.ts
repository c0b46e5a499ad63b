// The same bytes through the AI SDK's packages and through our translators. Where the two disagree, the difference is listed here by
// recording and field, with its reason; anything else that differs fails.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import type { LanguageModelV4, LanguageModelV4Usage } from '@ai-sdk/provider';
import { describe, expect, it } from 'vitest';
import { anthropicMessagesOutbound } from '../../src/wire/anthropic-messages/outbound.ts';
import { googleGenerateContentOutbound } from '../../src/wire/google-generate-content/outbound.ts';
import type { OutboundShape } from '../../src/wire/shape.ts';
import type { ObservedAnswer } from './observed-answer.ts';
import { observeEvents, observeResponse, readPieces } from './observed-answer.ts';
import type { Recording } from './wire-recordings.ts';
import { hasRecordings, recordingsOf, streamBytes } from './wire-recordings.ts';

interface Compared {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[];
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
}

/** recording → field → why we read it otherwise. */
const DIFFERENCES: Readonly<Record<string, Readonly<Partial<Record<keyof Compared, string>>>>> = {
  'anthropic-compaction.1.json': {
    text: 'the summary of a compaction is for the next request, not part of what the model says to the user',
  },
};

const PROMPT = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'hi' }] }];

function replaying(recording: Recording): typeof fetch {
  return async () =>
    await Promise.resolve(
      recording.kind === 'json'
        ? new Response(recording.body, { headers: { 'content-type': 'application/json' } })
        : new Response(Buffer.from(streamBytes(recording)), {
            headers: { 'content-type': 'text/event-stream' },
          }),
    );
}

function tokens(usage: LanguageModelV4Usage | undefined): Omit<Compared, 'text' | 'reasoning' | 'calls'> {
  return {
    input: usage?.inputTokens.noCache ?? 0,
    cacheRead: usage?.inputTokens.cacheRead ?? 0,
    cacheWrite: usage?.inputTokens.cacheWrite ?? 0,
    output: usage?.outputTokens.total ?? 0,
  };
}

async function bySdk(model: LanguageModelV4, kind: Recording['kind']): Promise<Compared> {
  let text = '';
  let reasoning = '';
  let usage: LanguageModelV4Usage | undefined;
  const calls: { name: string; arguments: unknown }[] = [];
  const call = (each: { toolName: string; input: string; providerExecuted?: boolean }): void => {
    if (each.providerExecuted !== true)
      calls.push({
        name: each.toolName,
        arguments: JSON.parse(each.input === '' ? '{}' : each.input) as unknown,
      });
  };
  if (kind === 'json') {
    const answer = await model.doGenerate({ prompt: PROMPT });
    for (const part of answer.content) {
      if (part.type === 'text') text += part.text;
      if (part.type === 'reasoning') reasoning += part.text;
      if (part.type === 'tool-call') call(part);
    }
    return { text, reasoning, calls, ...tokens(answer.usage) };
  }
  const { stream } = await model.doStream({ prompt: PROMPT });
  for await (const part of stream) {
    if (part.type === 'text-delta') text += part.delta;
    if (part.type === 'reasoning-delta') reasoning += part.delta;
    if (part.type === 'tool-call') call(part);
    if (part.type === 'finish') usage = part.usage;
    if (part.type === 'error') throw part.error;
  }
  return { text, reasoning, calls, ...tokens(usage) };
}

function byUs(shape: OutboundShape, recording: Recording): Compared {
  const answer: ObservedAnswer =
    recording.kind === 'json'
      ? observeResponse(shape.readResponse(recording.body, 'vendor'))
      : observeEvents(readPieces(shape, [streamBytes(recording)]));
  return {
    text: answer.text,
    reasoning: answer.reasoning,
    calls: answer.calls.map((each) => ({
      name: each.name,
      arguments: JSON.parse(each.arguments) as unknown,
    })),
    input: answer.usage?.input ?? 0,
    cacheRead: answer.usage?.cache_read ?? 0,
    cacheWrite: answer.usage?.cache_write ?? 0,
    output: (answer.usage?.output ?? 0) + (answer.usage?.reasoning ?? 0),
  };
}

const VENDORS = [
  {
    vendor: 'anthropic',
    shape: anthropicMessagesOutbound,
    model: (recording: Recording): LanguageModelV4 =>
      createAnthropic({ apiKey: 'test', fetch: replaying(recording) })('claude-sonnet-4-5'),
  },
  {
    vendor: 'google',
    shape: googleGenerateContentOutbound,
    model: (recording: Recording): LanguageModelV4 => {
      const google = createGoogleGenerativeAI({ apiKey: 'test', fetch: replaying(recording) });
      return recording.body.includes('"interaction') || recording.body.includes('"steps"')
        ? google.interactions('gemini-2.5-flash')
        : google('gemini-3-pro-preview');
    },
  },
];

describe.skipIf(!hasRecordings).each(VENDORS)('against the AI SDK: $vendor', ({ vendor, shape, model }) => {
  // Not answers of a model (skills), and two answers spliced into one, which both sides refuse.
  const recordings = recordingsOf(vendor).filter(({ name }) => !/skill|spliced/.test(name));

  it.each(recordings)('$name', async (recording) => {
    const theirs = await bySdk(model(recording), recording.kind);
    const ours = byUs(shape, recording);
    const listed = DIFFERENCES[recording.name] ?? {};
    for (const field of Object.keys(ours) as (keyof Compared)[]) {
      if (listed[field] === undefined) expect(ours[field], field).toEqual(theirs[field]);
      else
        expect(ours[field], `${field} agrees now: take the difference off the list`).not.toEqual(
          theirs[field],
        );
    }
  });
});

// The same bytes through the AI SDK's packages and through our translators. Where the two disagree, the difference is listed here by
// recording and field, with its reason; anything else that differs fails.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { describe, it } from 'vitest';
import { anthropicMessagesOutbound } from '../../src/wire/anthropic-messages/outbound.ts';
import { googleGenerateContentOutbound } from '../../src/wire/google-generate-content/outbound.ts';
import type { OutboundShape } from '../../src/wire/shape.ts';
import type { ObservedAnswer } from './observed-answer.ts';
import { observeEvents, observeResponse, readPieces } from './observed-answer.ts';
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

const DIFFERENCES: Differences = {
  'anthropic-compaction.1.json': {
    text: 'the summary of a compaction is for the next request, not part of what the model says to the user',
  },
};

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
    ...comparedUsage(answer.usage),
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
    const theirs = await readBySdk(model(recording), recording.kind);
    const ours = byUs(shape, recording);
    expectAgreement(ours, theirs, DIFFERENCES[recording.name]);
  });
});

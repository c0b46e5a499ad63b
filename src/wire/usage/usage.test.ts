// Usage objects of every format and dialect as disjoint classes.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAnthropicUsage } from './anthropic.ts';
import { readAnyUsage } from './any-usage.ts';
import { readChatUsage } from './chat.ts';
import { readGoogleUsage } from './google.ts';
import { readResponsesUsage } from './responses.ts';

const classes = (
  input: number,
  cache_read: number,
  cache_write: number,
  output: number,
  reasoning: number,
) => ({
  input,
  cache_read,
  cache_write,
  output,
  reasoning,
});

describe('chat completions and their dialects', () => {
  test.each([
    [
      'OpenAI: cached and reasoning tokens are inside',
      {
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 60, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 20 },
      },
      classes(40, 60, 0, 30, 20),
    ],
    [
      'xAI: reasoning is beside the completion, as the total shows',
      {
        prompt_tokens: 12,
        completion_tokens: 1,
        total_tokens: 303,
        prompt_tokens_details: { cached_tokens: 11 },
        completion_tokens_details: { reasoning_tokens: 290 },
      },
      classes(1, 11, 0, 1, 290),
    ],
    [
      'xAI with more words than thoughts',
      {
        prompt_tokens: 10,
        completion_tokens: 300,
        total_tokens: 330,
        completion_tokens_details: { reasoning_tokens: 20 },
      },
      classes(10, 0, 0, 300, 20),
    ],
    [
      'DeepSeek: hits and misses',
      {
        prompt_tokens: 18,
        completion_tokens: 345,
        total_tokens: 363,
        prompt_cache_hit_tokens: 10,
        prompt_cache_miss_tokens: 8,
        completion_tokens_details: { reasoning_tokens: 315 },
      },
      classes(8, 10, 0, 30, 315),
    ],
    ['an embedding', { prompt_tokens: 7, total_tokens: 7 }, classes(7, 0, 0, 0, 0)],
    [
      'nulls',
      { prompt_tokens: 7, completion_tokens: 2, prompt_tokens_details: null },
      classes(7, 0, 0, 2, 0),
    ],
  ])('%s', (_, raw, expected) => {
    expect(readChatUsage(raw)?.usage).toEqual(expected);
    expect(readAnyUsage(raw)?.usage).toEqual(expected);
  });

  test('what can not be a count makes the usage unreadable', () => {
    for (const bad of [-1, Number.NaN, 1.5, '12', Infinity, 2 ** 60, {}])
      expect(readChatUsage({ prompt_tokens: bad, completion_tokens: 1 })).toBeNull();
    for (const bad of [null, undefined, 3, 'x', [], {}]) expect(readChatUsage(bad)).toBeNull();
    expect(readChatUsage({ prompt_tokens: 1, prompt_tokens_details: 'x' })).toBeNull();
  });

  test('classes add up to prompt and completion whatever the details say', () => {
    const count = fc.nat(10_000);
    fc.assert(
      fc.property(count, count, count, count, (prompt, completion, cached, reasoning) => {
        const read = readChatUsage({
          prompt_tokens: prompt,
          completion_tokens: completion,
          prompt_tokens_details: { cached_tokens: cached },
          completion_tokens_details: { reasoning_tokens: reasoning },
        })?.usage;
        if (read === undefined) throw new Error('unread');
        expect(read.input + read.cache_read + read.cache_write).toBe(prompt);
        expect(read.output + read.reasoning).toBe(
          reasoning > completion ? completion + reasoning : completion,
        );
        for (const value of Object.values(read)) expect(value).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('Responses', () => {
  test('cached and reasoning tokens are inside', () => {
    const raw = {
      input_tokens: 1606,
      input_tokens_details: { cached_tokens: 1235 },
      output_tokens: 292,
      output_tokens_details: { reasoning_tokens: 190 },
      total_tokens: 1898,
    };
    expect(readResponsesUsage(raw)?.usage).toEqual(classes(371, 1235, 0, 102, 190));
    expect(readAnyUsage(raw)?.usage).toEqual(classes(371, 1235, 0, 102, 190));
  });
});

describe('Anthropic', () => {
  test('classes are disjoint already, thinking is inside the output, the hour is told apart', () => {
    const raw = {
      input_tokens: 6,
      cache_creation_input_tokens: 3337,
      cache_read_input_tokens: 6289,
      cache_creation: { ephemeral_5m_input_tokens: 3000, ephemeral_1h_input_tokens: 337 },
      output_tokens: 198,
      output_tokens_details: { thinking_tokens: 50 },
      server_tool_use: { web_search_requests: 2 },
    };
    const read = readAnyUsage(raw);
    expect(read?.usage).toEqual(classes(6, 6289, 3337, 148, 50));
    expect(read?.cacheWriteOneHour).toBe(337);
    expect(read?.webSearches).toBe(2);
  });

  test('a compaction is billed although the top level leaves it out; an advisor is another model', () => {
    expect(
      readAnthropicUsage({
        input_tokens: 682,
        output_tokens: 1320,
        iterations: [
          { type: 'compaction', input_tokens: 60385, output_tokens: 592 },
          { type: 'message', input_tokens: 682, output_tokens: 1320 },
          { type: 'advisor_message', input_tokens: 5, output_tokens: 5 },
        ],
      })?.usage,
    ).toEqual(classes(61067, 0, 0, 1912, 0));
  });
});

describe('Google', () => {
  test('thoughts and tool-use tokens are beside, cached tokens inside', () => {
    const raw = {
      promptTokenCount: 31,
      candidatesTokenCount: 684,
      thoughtsTokenCount: 1026,
      toolUsePromptTokenCount: 9,
      cachedContentTokenCount: 11,
      totalTokenCount: 1750,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 21 },
        { modality: 'AUDIO', tokenCount: 10 },
      ],
    };
    expect(readAnyUsage(raw)?.usage).toEqual(classes(29, 11, 0, 684, 1026));
    expect(readGoogleUsage(raw)?.parts).toEqual({ inputAudio: 10 });
    expect(readGoogleUsage({ trafficType: 'ON_DEMAND' })).toBeNull();
  });
});

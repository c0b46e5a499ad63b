// Vercel's `ai` library against the whole gateway, base URL changed only: each shape whole and streamed, embeddings, an error, and what is
// recorded of them.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, embedMany, generateText, streamText, type LanguageModel } from 'ai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startScratchGateway, type ScratchGateway } from './scratch-gateway.ts';

let gateway: ScratchGateway;
beforeAll(async () => {
  gateway = await startScratchGateway();
});
afterAll(async () => gateway[Symbol.asyncDispose]());

/** The mock upstream repeats what it was sent: text as text, content in parts as JSON. */
const SAID = /^You said: .*Hello/;

const SHAPES: readonly (readonly [string, (model: string) => LanguageModel])[] = [
  ['chat completions', (model) => openai().chat(model)],
  ['responses', (model) => openai().responses(model)],
  ['messages', (model) => createAnthropic({ apiKey: 'none', baseURL: `${gateway.url}/v1` })(model)],
];

function openai(): ReturnType<typeof createOpenAI> {
  return createOpenAI({ apiKey: 'none', baseURL: `${gateway.url}/v1` });
}

describe.each(SHAPES)('%s', (_shape, modelOf) => {
  it('answers whole and streamed', async () => {
    const request = { model: modelOf('small'), prompt: 'Hello', maxOutputTokens: 50 };
    const whole = await generateText(request);
    expect(whole.text).toMatch(SAID);
    expect(whole.usage.outputTokens).toBeGreaterThan(0);
    let text = '';
    for await (const piece of streamText(request).textStream) text += piece;
    expect(text).toBe(whole.text);
  });

  it('names the nearest model for an unknown one', async () => {
    const asked = generateText({ model: modelOf('smal'), prompt: 'Hello', maxRetries: 0 });
    const error: unknown = await asked.catch((thrown: unknown) => thrown);
    expect(APICallError.isInstance(error) && [error.statusCode, error.message]).toEqual([
      404,
      expect.stringContaining('small'),
    ]);
  });
});

it('gives embeddings', async () => {
  const { embeddings } = await embedMany({ model: openai().embedding('small'), values: ['a', 'b'] });
  expect(embeddings).toHaveLength(2);
});

it('records each answer once, priced', async () => {
  const ends = await gateway.ends();
  const answered = ends.filter((row) => row.status === 'ok');
  expect(answered).toHaveLength(7);
  expect(answered.every((row) => row.cost_usd !== null)).toBe(true);
});

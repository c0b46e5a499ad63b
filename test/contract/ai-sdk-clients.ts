// Vercel's `ai` library as a client of the gateway, through its own OpenAI and Anthropic providers; only the base URL is changed.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import {
  APICallError,
  generateText,
  isStepCount,
  jsonSchema,
  Output,
  streamText,
  tool,
  type LanguageModel,
  type LanguageModelUsage,
} from 'ai';
import { PNG, QUESTION, SCHEMA, type Client, type Feature, type Refusal, type Seen } from './clients.ts';

/** What the library itself has no way to ask for or to show is left to the vendors' own clients. */
export const AI_FEATURES: readonly Feature[] = ['chat', 'stream', 'tools', 'json schema', 'image', 'error'];

const PROVIDER_OPTIONS = { anthropic: { structuredOutputMode: 'outputFormat' } };

const schema = jsonSchema<{ city: string }>(SCHEMA);
const tools = {
  weather: tool({ inputSchema: schema, execute: () => Promise.resolve({ celsius: 21 }) }),
};

function aiClient(model: LanguageModel, countsCachedApart: boolean): Client {
  const usageOf = (usage: LanguageModelUsage): Seen['usage'] => {
    const cached = usage.inputTokenDetails.cacheReadTokens ?? 0;
    const input = usage.inputTokens ?? 0;
    return { input: countsCachedApart ? input - cached : input, cached, output: usage.outputTokens ?? 0 };
  };

  const common = (headers: Readonly<Record<string, string>>) => ({
    model,
    headers: { ...headers },
    maxRetries: 0,
    providerOptions: PROVIDER_OPTIONS,
  });

  async function seen(
    asked: Promise<{ readonly text: string; readonly usage: LanguageModelUsage }>,
  ): Promise<Seen> {
    const answer = await asked;
    return { text: answer.text, calls: [], usage: usageOf(answer.usage) };
  }

  async function streamed(headers: Readonly<Record<string, string>>): Promise<Seen> {
    let failure: unknown;
    const answer = streamText({
      ...common(headers),
      prompt: 'hi',
      onError: ({ error }) => {
        failure = error;
      },
    });
    let text = '';
    for await (const piece of answer.textStream) text += piece;
    if (failure !== undefined) throw failure as Error;
    return { text, calls: [], usage: usageOf(await answer.usage) };
  }

  /** The library itself runs the tool and asks again with its result. */
  async function twoRounds(headers: Readonly<Record<string, string>>): Promise<Seen> {
    const answer = await generateText({
      ...common(headers),
      prompt: QUESTION,
      tools,
      stopWhen: isStepCount(2),
    });
    const [first, second] = answer.steps;
    if (first === undefined) throw new Error('no step');
    return {
      text: first.text,
      calls: first.toolCalls.map((call) => ({
        id: call.toolCallId,
        name: call.toolName,
        arguments: JSON.stringify(call.input),
      })),
      usage: usageOf(first.usage),
      ...(second === undefined ? {} : { second: second.text }),
    };
  }

  return {
    ask: async (feature, headers) => {
      switch (feature) {
        case 'stream':
          return await streamed(headers);
        case 'tools':
          return await twoRounds(headers);
        case 'json schema':
          return await seen(
            generateText({ ...common(headers), prompt: 'Where?', output: Output.object({ schema }) }),
          );
        case 'image':
          return await seen(
            generateText({
              ...common(headers),
              messages: [
                {
                  role: 'user',
                  content: [
                    { type: 'text', text: 'What is it?' },
                    { type: 'file', data: PNG, mediaType: 'image/png' },
                  ],
                },
              ],
            }),
          );
        default:
          return await seen(generateText({ ...common(headers), prompt: 'hi' }));
      }
    },
    refusal: refusalOf,
  };
}

function refusalOf(error: unknown): Refusal | undefined {
  if (!APICallError.isInstance(error)) return undefined;
  const body = JSON.parse(error.responseBody ?? '{}') as { error?: { type?: string; param?: string } };
  return {
    status: error.statusCode,
    param: body.error?.param,
    retryAfter: error.responseHeaders?.['retry-after'],
    type: body.error?.type,
  };
}

/** One client a shape, in the order chat completions, messages, responses. */
export function aiClients(baseURL: string): readonly Client[] {
  const openai = createOpenAI({ apiKey: 'test', baseURL: `${baseURL}/v1` });
  const anthropic = createAnthropic({ apiKey: 'test', baseURL: `${baseURL}/v1` });
  return [
    aiClient(openai.chat('m'), false),
    aiClient(anthropic('claude-sonnet-4-5'), true),
    aiClient(openai.responses('m'), false),
  ];
}

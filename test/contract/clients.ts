// The official client libraries, asked for one feature each; only the base URL is changed. What they return is what an application sees.
import Anthropic, { APIError as AnthropicError } from '@anthropic-ai/sdk';
import OpenAI, { APIError as OpenAIError } from 'openai';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';

export type Feature =
  | 'chat'
  | 'stream'
  | 'tools'
  | 'json schema'
  | 'image'
  | 'reasoning'
  | 'error'
  | 'cut stream'
  | 'missing usage';

export const FEATURES: readonly Feature[] = [
  'chat',
  'stream',
  'tools',
  'json schema',
  'image',
  'reasoning',
  'error',
  'cut stream',
  'missing usage',
];

/** Input and cached input as the caller's own API counts them, and all output. */
export interface SeenUsage {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

export interface Seen {
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  readonly usage: SeenUsage | undefined;
  readonly thought?: string;
  /** The text after the tool's result, of the second round. */
  readonly second?: string;
}

export interface Refusal {
  readonly status: number | undefined;
  readonly param: string | undefined;
  readonly retryAfter: string | undefined;
  readonly type: string | undefined;
}

export interface Client {
  /** Asks for a feature. Rejects with what the library throws. */
  ask(feature: Feature, headers: SentHeaders): Promise<Seen>;
  /** What a thrown error of the library says; undefined for an error that is not of the API. */
  refusal(error: unknown): Refusal | undefined;
}

type SentHeaders = Readonly<Record<string, string>>;

/** What is a library's own: how it asks, and the parameters by which it asks for more. */
interface Ways<More> {
  whole(question: string, headers: SentHeaders, more?: More): Promise<Seen>;
  stream(headers: SentHeaders): Promise<Seen>;
  tools(headers: SentHeaders): Promise<Seen>;
  image(headers: SentHeaders): Promise<Seen>;
  readonly schema: More;
  readonly reasoning: More;
}

function askBy<More>(ways: Ways<More>): Client['ask'] {
  return async (feature, headers) => {
    switch (feature) {
      case 'stream':
      case 'cut stream':
        return await ways.stream(headers);
      case 'tools':
        return await ways.tools(headers);
      case 'image':
        return await ways.image(headers);
      case 'json schema':
        return await ways.whole('Where?', headers, ways.schema);
      case 'reasoning':
        return await ways.whole('Think.', headers, ways.reasoning);
      default:
        return await ways.whole('hi', headers);
    }
  };
}

/** What was seen of a question that calls for a tool, and the text once the call has its result. */
async function withResult<First extends Seen>(
  first: First,
  answerTo: (call: Seen['calls'][number]) => Promise<Seen>,
): Promise<First> {
  const call = first.calls[0];
  return call === undefined ? first : { ...first, second: (await answerTo(call)).text };
}

export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
export const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const;
export const QUESTION = 'What is the weather in Paris?';

export function openaiClient(baseURL: string): Client {
  const client = new OpenAI({ apiKey: 'test', baseURL: `${baseURL}/v1`, maxRetries: 0 });
  const tool = { type: 'function', function: { name: 'weather', parameters: SCHEMA } } as const;
  const usageOf = (usage: OpenAI.CompletionUsage | null | undefined): SeenUsage | undefined =>
    usage
      ? {
          input: usage.prompt_tokens,
          cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
          output: usage.completion_tokens,
        }
      : undefined;

  async function whole(
    messages: ChatCompletionMessageParam[],
    headers: SentHeaders,
    more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {},
  ): Promise<Seen & { message: OpenAI.ChatCompletionMessage }> {
    const answer = await client.chat.completions.create({ model: 'm', messages, ...more }, { headers });
    const message = answer.choices[0]?.message;
    if (message === undefined) throw new Error('no choice');
    const thought: unknown = 'reasoning_content' in message ? message.reasoning_content : undefined;
    return {
      message,
      text: message.content ?? '',
      calls: (message.tool_calls ?? []).flatMap((call) =>
        call.type === 'function'
          ? [{ id: call.id, name: call.function.name, arguments: call.function.arguments }]
          : [],
      ),
      usage: usageOf(answer.usage),
      ...(typeof thought === 'string' ? { thought } : {}),
    };
  }

  async function streamed(headers: SentHeaders): Promise<Seen> {
    const stream = await client.chat.completions.create(
      {
        model: 'm',
        messages: [{ role: 'user', content: 'hi' }],
        stream: true,
        stream_options: { include_usage: true },
      },
      { headers },
    );
    let text = '';
    let usage: SeenUsage | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = usageOf(chunk.usage) ?? usage;
    }
    return { text, calls: [], usage };
  }

  async function tools(headers: SentHeaders): Promise<Seen> {
    const question: ChatCompletionMessageParam = { role: 'user', content: QUESTION };
    const first = await whole([question], headers, { tools: [tool] });
    return withResult(first, (call) => {
      const result = { role: 'tool', tool_call_id: call.id, content: '{"celsius":21}' } as const;
      return whole([question, first.message, result], headers, { tools: [tool] });
    });
  }

  const user = (content: OpenAI.ChatCompletionUserMessageParam['content']): ChatCompletionMessageParam[] => [
    { role: 'user', content },
  ];
  return {
    ask: askBy<Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>>({
      whole: (question, headers, more) => whole(user(question), headers, more),
      stream: streamed,
      tools,
      schema: {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'place', schema: SCHEMA, strict: true },
        },
      },
      image: (headers) => {
        const url = `data:image/png;base64,${PNG}`;
        const image = { type: 'image_url', image_url: { url } } as const;
        return whole(user([{ type: 'text', text: 'What is it?' }, image]), headers);
      },
      reasoning: { reasoning_effort: 'high' },
    }),
    refusal: (error) =>
      error instanceof OpenAIError
        ? {
            status: error.status as number | undefined,
            param: error.param ?? undefined,
            retryAfter: (error.headers as Headers | undefined)?.get('retry-after') ?? undefined,
            type: error.type,
          }
        : undefined,
  };
}

/** The same library's Responses API. */
export function responsesClient(baseURL: string): Client {
  const client = new OpenAI({ apiKey: 'test', baseURL: `${baseURL}/v1`, maxRetries: 0 });
  const tool = { type: 'function', name: 'weather', parameters: SCHEMA, strict: true } as const;

  const seen = (answer: OpenAI.Responses.Response): Seen => ({
    text: answer.output_text,
    calls: answer.output.flatMap((item) =>
      item.type === 'function_call' ? [{ id: item.call_id, name: item.name, arguments: item.arguments }] : [],
    ),
    usage: answer.usage
      ? {
          input: answer.usage.input_tokens,
          cached: answer.usage.input_tokens_details.cached_tokens,
          output: answer.usage.output_tokens,
        }
      : undefined,
    thought: answer.output
      .flatMap((item) =>
        item.type === 'reasoning' ? [...item.summary, ...(item.content ?? [])].map((each) => each.text) : [],
      )
      .join(''),
  });

  async function whole(
    input: OpenAI.Responses.ResponseInput,
    headers: SentHeaders,
    more: Partial<OpenAI.Responses.ResponseCreateParamsNonStreaming> = {},
  ): Promise<Seen & { answer: OpenAI.Responses.Response }> {
    const answer = await client.responses.create({ model: 'm', input, ...more }, { headers });
    return { ...seen(answer), answer };
  }

  async function tools(headers: SentHeaders): Promise<Seen> {
    const question = { role: 'user', content: QUESTION } as const;
    const first = await whole([question], headers, { tools: [tool] });
    return withResult(first, ({ id, ...called }) => {
      const asked = { type: 'function_call', call_id: id, ...called } as const;
      const result = { type: 'function_call_output', call_id: id, output: '{"celsius":21}' } as const;
      return whole([question, asked, result], headers, { tools: [tool] });
    });
  }

  async function streamed(headers: SentHeaders): Promise<Seen> {
    const stream = await client.responses.create({ model: 'm', input: 'hi', stream: true }, { headers });
    let text = '';
    let last: OpenAI.Responses.Response | undefined;
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') text += event.delta;
      if (event.type === 'response.completed') last = event.response;
      if (event.type === 'response.failed') throw new Error(event.response.error?.message ?? 'failed');
      if (event.type === 'error') throw new Error(event.message);
    }
    if (last === undefined) throw new Error('the stream ended without an end');
    return { text, calls: [], usage: seen(last).usage };
  }

  const user = (content: OpenAI.Responses.EasyInputMessage['content']): OpenAI.Responses.ResponseInput => [
    { role: 'user', content },
  ];
  return {
    ask: askBy<Partial<OpenAI.Responses.ResponseCreateParamsNonStreaming>>({
      whole: (question, headers, more) => whole(user(question), headers, more),
      stream: streamed,
      tools,
      schema: {
        text: { format: { type: 'json_schema', name: 'place', schema: SCHEMA, strict: true } },
      },
      image: (headers) =>
        whole(
          user([
            { type: 'input_text', text: 'What is it?' },
            { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${PNG}` },
          ]),
          headers,
        ),
      reasoning: { reasoning: { effort: 'high' } },
    }),
    refusal: (error) => openaiClient(baseURL).refusal(error),
  };
}

export function anthropicClient(baseURL: string): Client {
  const client = new Anthropic({ apiKey: 'test', baseURL, maxRetries: 0 });
  const tool: Anthropic.Tool = { name: 'weather', input_schema: { ...SCHEMA, required: ['city'] } };

  const seen = (message: Anthropic.Message): Seen => ({
    text: message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    calls: message.content.flatMap((block) =>
      block.type === 'tool_use'
        ? [{ id: block.id, name: block.name, arguments: JSON.stringify(block.input) }]
        : [],
    ),
    usage:
      (message.usage as unknown) === undefined
        ? undefined
        : {
            input: message.usage.input_tokens,
            cached: message.usage.cache_read_input_tokens ?? 0,
            output: message.usage.output_tokens,
          },
    thought: message.content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
  });

  async function whole(
    messages: Anthropic.MessageParam[],
    headers: SentHeaders,
    more: Partial<Anthropic.MessageCreateParamsNonStreaming> = {},
  ): Promise<Seen & { message: Anthropic.Message }> {
    const message = await client.messages.create(
      { model: 'm', max_tokens: 4096, messages, ...more },
      { headers },
    );
    return { ...seen(message), message };
  }

  async function tools(headers: SentHeaders): Promise<Seen> {
    const question: Anthropic.MessageParam = { role: 'user', content: QUESTION };
    const first = await whole([question], headers, { tools: [tool] });
    const asked: Anthropic.MessageParam = { role: 'assistant', content: first.message.content };
    return withResult(first, ({ id }) => {
      const result = { type: 'tool_result', tool_use_id: id, content: '{"celsius":21}' } as const;
      return whole([question, asked, { role: 'user', content: [result] }], headers, { tools: [tool] });
    });
  }

  const user = (content: Anthropic.MessageParam['content']): Anthropic.MessageParam[] => [
    { role: 'user', content },
  ];
  return {
    ask: askBy<Partial<Anthropic.MessageCreateParamsNonStreaming>>({
      whole: (question, headers, more) => whole(user(question), headers, more),
      stream: async (headers) => {
        const asked = { model: 'm', max_tokens: 4096, messages: user('hi') };
        return seen(await client.messages.stream(asked, { headers }).finalMessage());
      },
      tools,
      schema: {
        output_config: { format: { type: 'json_schema', schema: SCHEMA } },
      },
      image: (headers) =>
        whole(
          user([
            { type: 'text', text: 'What is it?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
          ]),
          headers,
        ),
      reasoning: {
        thinking: { type: 'adaptive' },
        output_config: { effort: 'high' },
      },
    }),
    refusal: (error) => {
      if (!(error instanceof AnthropicError)) return undefined;
      const body = error.error as { error?: { type?: string; param?: string } } | undefined;
      return {
        status: error.status as number | undefined,
        param: body?.error?.param,
        retryAfter: (error.headers as Headers | undefined)?.get('retry-after') ?? undefined,
        type: body?.error?.type,
      };
    },
  };
}

// What vendors answer, written from the wire formats they document (not recorded from them). Each scenario first checks that the request
// is in the vendor's own format, and answers 400 in the vendor's words when it is not.

export type Scenario =
  'chat' | 'tools' | 'json-schema' | 'image' | 'reasoning' | 'error' | 'cut' | 'no-usage' | 'embeddings';

export interface VendorRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Json;
}

export type Json = Readonly<Record<string, unknown>>;

/** A whole body, or the payloads of a stream (`event` where the format names events). */
export type VendorReply =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown; readonly retryAfter?: string }
  | {
      readonly kind: 'stream';
      readonly events: readonly { readonly event?: string; readonly data: string }[];
    };

export const TEXT = 'Bonjour à tous 👋';
export const TOOL_TEXT = 'It is 21 degrees in Paris.';
export const SCHEMA_TEXT = '{"city":"Paris"}';
export const IMAGE_TEXT = 'A red square.';
export const THOUGHT = 'Let me think.';
export const ARGUMENTS = '{"city":"Paris"}';

/** What a format's answers are made of, whatever the format. */
export interface Said {
  readonly text: string;
  readonly thought?: string;
  readonly call?: boolean;
  readonly usage: boolean;
  readonly reasoning: number;
}

/** `undefined`: the request lacks what the scenario is about. */
export function said(scenario: Scenario, has: Readonly<Record<string, boolean>>): Said | undefined {
  const plain: Said = { text: TEXT, usage: true, reasoning: 0 };
  switch (scenario) {
    case 'tools':
      if (has['tools'] !== true) return undefined;
      return has['toolResult'] === true ? { ...plain, text: TOOL_TEXT } : { ...plain, text: '', call: true };
    case 'json-schema':
      return has['schema'] === true ? { ...plain, text: SCHEMA_TEXT } : undefined;
    case 'image':
      return has['image'] === true ? { ...plain, text: IMAGE_TEXT } : undefined;
    case 'reasoning':
      return has['reasoning'] === true ? { ...plain, thought: THOUGHT, reasoning: 3 } : undefined;
    case 'no-usage':
      return { ...plain, usage: false };
    default:
      return plain;
  }
}

/** Halves of a text, so that streams carry it in two deltas. */
function halves(text: string): readonly string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((half) => half !== '');
}

function cutIf(
  scenario: Scenario,
  events: readonly { readonly event?: string; readonly data: string }[],
): VendorReply {
  return { kind: 'stream', events: scenario === 'cut' ? events.slice(0, 3) : events };
}

function anyOf(value: unknown, test: (record: Json) => boolean): boolean {
  if (Array.isArray(value)) return value.some((each) => anyOf(each, test));
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Json;
  return test(record) || Object.values(record).some((each) => anyOf(each, test));
}

/** OpenAI's chat completions and embeddings. `rejects`: fields this vendor answers 422 to. */
export function chatReply(
  scenario: Scenario,
  request: VendorRequest,
  rejects: readonly string[],
): VendorReply {
  const { body } = request;
  const refuse = (status: number, message: string): VendorReply => ({
    kind: 'json',
    status,
    body: { error: { message, type: 'invalid_request_error', param: null, code: null } },
  });
  const rejected = rejects.find((name) => body[name] !== undefined);
  if (rejected !== undefined) return refuse(422, `${rejected}: extra inputs are not permitted`);
  if (scenario === 'error')
    return {
      kind: 'json',
      status: 429,
      retryAfter: '7',
      body: {
        error: { message: 'Rate limit reached', type: 'requests', param: null, code: 'rate_limit_exceeded' },
      },
    };
  if (request.path.includes('/embeddings'))
    return {
      kind: 'json',
      status: 200,
      body: {
        object: 'list',
        model: 'embed',
        data: (body['input'] as string[]).map((_, index) => ({
          object: 'embedding',
          index,
          embedding: [index, 0.5],
        })),
        usage: { prompt_tokens: 4, total_tokens: 4 },
      },
    };
  const answer = said(scenario, {
    tools: anyOf(body['tools'], (each) => each['type'] === 'function'),
    toolResult: anyOf(
      body['messages'],
      (each) => each['role'] === 'tool' && each['tool_call_id'] === 'call_1',
    ),
    schema: anyOf(body['response_format'], (each) => each['type'] === 'json_schema'),
    image: anyOf(body['messages'], (each) => each['type'] === 'image_url'),
    reasoning: body['reasoning_effort'] === 'high',
  });
  if (answer === undefined) return refuse(400, `nothing of ${scenario} in the request`);
  const usage = {
    prompt_tokens: 12,
    completion_tokens: 5 + answer.reasoning,
    total_tokens: 17 + answer.reasoning,
    prompt_tokens_details: { cached_tokens: 2 },
    completion_tokens_details: { reasoning_tokens: answer.reasoning },
  };
  const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: ARGUMENTS } };
  const finish = answer.call === true ? 'tool_calls' : 'stop';
  const head = { id: 'chatcmpl-1', created: 1, model: 'vendor-model' };
  if (body['stream'] !== true)
    return {
      kind: 'json',
      status: 200,
      body: {
        ...head,
        object: 'chat.completion',
        choices: [
          {
            index: 0,
            message: {
              role: 'assistant',
              content: answer.call === true ? null : answer.text,
              ...(answer.thought === undefined ? {} : { reasoning_content: answer.thought }),
              ...(answer.call === true ? { tool_calls: [call] } : {}),
            },
            finish_reason: finish,
          },
        ],
        ...(answer.usage ? { usage } : {}),
      },
    };
  const chunk = (delta: unknown, finishReason: string | null = null): { data: string } => ({
    data: JSON.stringify({
      ...head,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: finishReason }],
    }),
  });
  return cutIf(scenario, [
    chunk({ role: 'assistant', content: '' }),
    ...(answer.thought === undefined ? [] : [chunk({ reasoning_content: answer.thought })]),
    ...halves(answer.text).map((content) => chunk({ content })),
    ...(answer.call === true ? [chunk({ tool_calls: [{ index: 0, ...call }] })] : []),
    chunk({}, finish),
    ...(answer.usage
      ? [{ data: JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage }) }]
      : []),
    { data: '[DONE]' },
  ]);
}

/** Anthropic's Messages API. */
export function anthropicReply(scenario: Scenario, request: VendorRequest): VendorReply {
  const { body } = request;
  const refuse = (status: number, type: string, message: string, retryAfter?: string): VendorReply => ({
    kind: 'json',
    status,
    body: { type: 'error', error: { type, message } },
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
  if (scenario === 'error') return refuse(429, 'rate_limit_error', 'Rate limited', '7');
  if (request.headers['x-api-key'] !== 'key' || typeof request.headers['anthropic-version'] !== 'string')
    return refuse(401, 'authentication_error', 'invalid x-api-key');
  if (typeof body['max_tokens'] !== 'number')
    return refuse(400, 'invalid_request_error', 'max_tokens: Field required');
  const answer = said(scenario, {
    tools: anyOf(body['tools'], (each) => each['name'] === 'weather' && each['input_schema'] !== undefined),
    toolResult: anyOf(
      body['messages'],
      (each) => each['type'] === 'tool_result' && each['tool_use_id'] === 'call_1',
    ),
    schema: anyOf(
      (body['output_config'] as Json | undefined)?.['format'],
      (each) => each['type'] === 'json_schema' && typeof each['schema'] === 'object',
    ),
    image: anyOf(body['messages'], (each) => each['type'] === 'image' && each['source'] !== undefined),
    reasoning: anyOf(body['thinking'], (each) => each['type'] === 'adaptive' || each['type'] === 'enabled'),
  });
  if (answer === undefined)
    return refuse(400, 'invalid_request_error', `nothing of ${scenario} in the request`);
  const blocks = [
    ...(answer.thought === undefined
      ? []
      : [{ type: 'thinking', thinking: answer.thought, signature: 'sig' }]),
    ...(answer.text === '' ? [] : [{ type: 'text', text: answer.text }]),
    ...(answer.call === true
      ? [{ type: 'tool_use', id: 'call_1', name: 'weather', input: JSON.parse(ARGUMENTS) as Json }]
      : []),
  ];
  const usage = {
    input_tokens: 10,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 2,
    output_tokens: 5 + answer.reasoning,
    ...(answer.reasoning > 0 ? { output_tokens_details: { thinking_tokens: answer.reasoning } } : {}),
  };
  const stopReason = answer.call === true ? 'tool_use' : 'end_turn';
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'vendor-model',
    stop_sequence: null,
  };
  if (body['stream'] !== true)
    return {
      kind: 'json',
      status: 200,
      body: { ...message, content: blocks, stop_reason: stopReason, ...(answer.usage ? { usage } : {}) },
    };
  const event = (value: Json): { event: string; data: string } => ({
    event: String(value['type']),
    data: JSON.stringify(value),
  });
  const blockEvents = blocks.flatMap((block, index) => {
    const start = (content: Json): Json => ({ type: 'content_block_start', index, content_block: content });
    const delta = (content: Json): Json => ({ type: 'content_block_delta', index, delta: content });
    const stop = { type: 'content_block_stop', index };
    if (block.type === 'text')
      return [
        start({ type: 'text', text: '' }),
        ...halves(answer.text).map((text) => delta({ type: 'text_delta', text })),
        stop,
      ];
    if (block.type === 'thinking')
      return [
        start({ type: 'thinking', thinking: '', signature: '' }),
        delta({ type: 'thinking_delta', thinking: THOUGHT }),
        delta({ type: 'signature_delta', signature: 'sig' }),
        stop,
      ];
    return [
      start({ ...block, input: {} }),
      ...halves(ARGUMENTS).map((half) => delta({ type: 'input_json_delta', partial_json: half })),
      stop,
    ];
  });
  const started = { ...message, content: [], stop_reason: null };
  return cutIf(
    scenario,
    [
      {
        type: 'message_start',
        message: { ...started, ...(answer.usage ? { usage: { ...usage, output_tokens: 1 } } : {}) },
      },
      { type: 'ping' },
      ...blockEvents,
      {
        type: 'message_delta',
        delta: { stop_reason: stopReason, stop_sequence: null },
        ...(answer.usage
          ? {
              usage: {
                output_tokens: usage.output_tokens,
                output_tokens_details: usage.output_tokens_details,
              },
            }
          : {}),
      },
      { type: 'message_stop' },
    ].map(event),
  );
}

/** Google's generateContent and batchEmbedContents. */
export function googleReply(scenario: Scenario, request: VendorRequest): VendorReply {
  const { body, path } = request;
  const refuse = (code: number, status: string, message: string, retryAfter?: string): VendorReply => ({
    kind: 'json',
    status: code,
    body: { error: { code, message, status } },
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
  if (scenario === 'error') return refuse(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', '7');
  if (request.headers['x-goog-api-key'] !== 'key') return refuse(403, 'PERMISSION_DENIED', 'no key');
  if (path.includes(':batchEmbedContents'))
    return {
      kind: 'json',
      status: 200,
      body: { embeddings: (body['requests'] as unknown[]).map((_, index) => ({ values: [index, 0.5] })) },
    };
  const config = (body['generationConfig'] ?? {}) as Json;
  const answer = said(scenario, {
    tools: anyOf(
      body['tools'],
      (each) => each['name'] === 'weather' && each['parametersJsonSchema'] !== undefined,
    ),
    toolResult: anyOf(
      body['contents'],
      (each) => each['name'] === 'weather' && each['response'] !== undefined,
    ),
    schema: config['responseJsonSchema'] !== undefined && config['responseMimeType'] === 'application/json',
    image: anyOf(body['contents'], (each) => each['inlineData'] !== undefined),
    reasoning: anyOf(config['thinkingConfig'], (each) => each['thinkingLevel'] === 'high'),
  });
  if (answer === undefined) return refuse(400, 'INVALID_ARGUMENT', `nothing of ${scenario} in the request`);
  const usageMetadata = {
    promptTokenCount: 12,
    cachedContentTokenCount: 2,
    candidatesTokenCount: 5,
    totalTokenCount: 17 + answer.reasoning,
    ...(answer.reasoning > 0 ? { thoughtsTokenCount: answer.reasoning } : {}),
  };
  const head = {
    modelVersion: 'vendor-model',
    responseId: 'resp1',
    ...(answer.usage ? { usageMetadata } : {}),
  };
  const call = { functionCall: { id: 'call_1', name: 'weather', args: JSON.parse(ARGUMENTS) as Json } };
  const thoughts = answer.thought === undefined ? [] : [{ text: answer.thought, thought: true }];
  const calls = answer.call === true ? [call] : [];
  const streams = path.includes(':streamGenerateContent') && path.includes('alt=sse');
  if (!streams)
    return {
      kind: 'json',
      status: 200,
      body: {
        ...head,
        candidates: [
          {
            index: 0,
            content: {
              role: 'model',
              parts: [...thoughts, ...(answer.text === '' ? [] : [{ text: answer.text }]), ...calls],
            },
            finishReason: 'STOP',
          },
        ],
      },
    };
  const parts = [...thoughts, ...halves(answer.text).map((text) => ({ text })), ...calls, { text: '' }];
  const events = parts.map((part, index) => ({
    data: JSON.stringify({
      ...head,
      candidates: [
        {
          index: 0,
          content: { role: 'model', parts: [part] },
          ...(index === parts.length - 1 ? { finishReason: 'STOP' } : {}),
        },
      ],
    }),
  }));
  return { kind: 'stream', events: scenario === 'cut' ? events.slice(0, 1) : events };
}

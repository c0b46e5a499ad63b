// The Messages shape in both directions: verbatim where both ends speak it, built where one does, and everything it lacks named.
import { describe, expect, it } from 'vitest';
import type { CanonicalRequest, StreamChunk } from '../../contract/canonical.ts';
import { BinnacleError, RequestError } from '../../kernel/errors.ts';
import { openaiChatInbound } from '../openai-chat/inbound.ts';
import type { AnswerFacts } from '../shape.ts';
import { anthropicMessagesInbound } from './inbound.ts';
import { anthropicMessagesOutbound } from './outbound.ts';

const FACTS: AnswerFacts = { interaction: 'int_1', model: 'claude', created: 1, includeUsage: true };
const PNG = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' };
const TOOL = {
  name: 'weather',
  description: 'Weather of a city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } } },
};

function chat(body: Readonly<Record<string, unknown>>): CanonicalRequest {
  return openaiChatInbound.readRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body });
}

function write(request: CanonicalRequest, model = 'claude-sonnet-5'): Record<string, unknown> {
  return JSON.parse(anthropicMessagesOutbound.writeRequest(request, model)) as Record<string, unknown>;
}

describe('Anthropic in, Anthropic out', () => {
  const bodies: readonly Record<string, unknown>[] = [
    { max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] },
    {
      max_tokens: 4096,
      stream: true,
      system: [{ type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See' },
            { type: 'image', source: PNG },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
            { type: 'redacted_thinking', data: 'xx' },
            { type: 'text', text: 'One moment.', citations: [{ type: 'char_location' }] },
            { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Paris' } },
            { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'toolu_1',
              is_error: true,
              content: [
                { type: 'text', text: 'no' },
                { type: 'image', source: PNG },
              ],
              cache_control: { type: 'ephemeral' },
            },
            { type: 'text', text: 'And now?' },
          ],
        },
      ],
      tools: [
        { ...TOOL, cache_control: { type: 'ephemeral' }, eager_input_streaming: true },
        { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
      ],
      tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
      thinking: { type: 'enabled', budget_tokens: 2048, display: 'omitted' },
      output_config: {
        effort: 'xhigh',
        task_budget: { type: 'tokens', total: 9 },
        format: { type: 'json_schema', schema: { type: 'object' } },
      },
      metadata: { user_id: 'u1' },
      temperature: 1,
      top_p: 0.9,
      top_k: 5,
      stop_sequences: ['END'],
      service_tier: 'standard_only',
      context_management: { edits: [] },
      container: 'container_1',
    },
    {
      max_tokens: 64,
      messages: [{ role: 'user', content: 'hi' }],
      thinking: { type: 'between_tools' },
      output_config: { effort: 'low' },
    },
    { max_tokens: 64, messages: [{ role: 'user', content: 'hi' }], thinking: { type: 'adaptive' } },
    { max_tokens: 64, messages: [{ role: 'user', content: 'hi' }], output_config: { effort: 'high' } },
    { max_tokens: 64, messages: [{ role: 'user', content: 'hi' }], thinking: { type: 'disabled' } },
  ];

  it.each(bodies.map((body, index) => ({ body, index })))(
    'passes request $index on as it came',
    ({ body }) => {
      const sent = { model: 'alias', ...body };
      expect(write(anthropicMessagesInbound.readRequest(sent))).toEqual({
        ...sent,
        model: 'claude-sonnet-5',
      });
    },
  );

  it('builds anew what was changed on the way', () => {
    const request = anthropicMessagesInbound.readRequest({
      model: 'm',
      max_tokens: 9,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'my number is 1', citations: null }] }],
    });
    const redacted = {
      ...request,
      messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'my number is [x]' }] }],
    };
    expect(write(redacted)['messages']).toEqual([{ role: 'user', content: 'my number is [x]' }]);
  });

  it('keeps a changed reasoning over the native one', () => {
    const request = anthropicMessagesInbound.readRequest({
      model: 'm',
      max_tokens: 9000,
      messages: [{ role: 'user', content: 'hi' }],
      thinking: { type: 'enabled', budget_tokens: 2048 },
    });
    expect(write({ ...request, reasoning: { effort: 'none' } })['thinking']).toEqual({ type: 'disabled' });
  });
});

describe('chat completions in, Anthropic out', () => {
  it('writes the whole conversation', () => {
    const body = write(
      chat({
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'Weather?' },
          {
            role: 'assistant',
            content: null,
            refusal: null,
            annotations: [],
            tool_calls: [
              {
                id: 'call.1',
                type: 'function',
                function: { name: 'weather', arguments: '{"city":"Paris"}' },
              },
              { id: 'call_2', type: 'function', function: { name: 'weather', arguments: '' } },
            ],
          },
          { role: 'tool', tool_call_id: 'call.1', content: '21' },
          { role: 'tool', tool_call_id: 'call_2', content: '22' },
          { role: 'user', content: 'Thanks' },
        ],
        tools: [{ type: 'function', function: { name: 'weather', parameters: TOOL.input_schema } }],
        parallel_tool_calls: false,
        stop: 'END',
        user: 'u1',
      }),
    );
    expect(body).toEqual({
      model: 'claude-sonnet-5',
      max_tokens: 64000,
      system: 'Be kind.',
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Paris' } },
            { type: 'tool_use', id: 'call_2', name: 'weather', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'call_1', content: '21' },
            { type: 'tool_result', tool_use_id: 'call_2', content: '22' },
            { type: 'text', text: 'Thanks' },
          ],
        },
      ],
      stop_sequences: ['END'],
      tools: [{ name: 'weather', input_schema: TOOL.input_schema }],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      metadata: { user_id: 'u1' },
    });
  });

  it.each([
    ['n', { n: 2 }],
    ['seed', { seed: 1 }],
    ['frequency_penalty', { frequency_penalty: 0.5 }],
    ['presence_penalty', { presence_penalty: 0.5 }],
    ['temperature', { temperature: 1.5 }],
    ['logprobs', { logprobs: true }],
    ['logit_bias', { logit_bias: { '1': 2 } }],
    ['response_format', { response_format: { type: 'json_object' } }],
    ['modalities', { modalities: ['audio'] }],
    ['reasoning_effort', { reasoning_effort: 'extreme' }],
    ['tool_choice', { tool_choice: 'required' }],
  ])('answers 400 naming %s', (param, body) => {
    expect(() => write(chat(body))).toThrow(
      expect.objectContaining({ param, httpStatus: 400 }) as RequestError,
    );
  });

  it('refuses audio, naming where it is', () => {
    const content = [{ type: 'input_audio', input_audio: { format: 'wav', data: 'AAAA' } }];
    expect(() => write(chat({ messages: [{ role: 'user', content }] }))).toThrow(
      expect.objectContaining({ param: 'messages[0].content[0]' }) as RequestError,
    );
  });

  it('lets through what asks for nothing', () => {
    const body = write(
      chat({ n: 1, logprobs: false, store: false, frequency_penalty: 0, service_tier: 'auto' }),
    );
    expect(Object.keys(body).sort()).toEqual(['max_tokens', 'messages', 'model']);
  });

  it.each([
    ['claude-sonnet-5', 'xhigh', undefined, { type: 'adaptive' }, 'xhigh'],
    ['claude-sonnet-4-6', 'xhigh', undefined, { type: 'adaptive' }, 'max'],
    ['claude-sonnet-4-5', 'medium', undefined, { type: 'enabled', budget_tokens: 8192 }, undefined],
    ['claude-sonnet-4-5', 'high', 4000, { type: 'enabled', budget_tokens: 3999 }, undefined],
    ['claude-sonnet-4-5', 'none', undefined, { type: 'disabled' }, undefined],
    ['claude-3-haiku-20240307', 'none', undefined, undefined, undefined],
  ])('%s thinks at effort %s', (model, effort, max, thinking, written) => {
    const body = write(
      chat({ reasoning_effort: effort, ...(max === undefined ? {} : { max_tokens: max }) }),
      model,
    );
    expect(body['thinking']).toEqual(thinking);
    expect(body['output_config']).toEqual(written === undefined ? undefined : { effort: written });
  });

  it.each([
    ['claude-3-haiku-20240307', {}],
    ['claude-sonnet-4-5', { max_tokens: 1000 }],
  ])('says that %s cannot think with %o', (model, more) => {
    expect(() => write(chat({ reasoning_effort: 'high', ...more }), model)).toThrow(
      expect.objectContaining({ param: 'reasoning_effort' }) as RequestError,
    );
  });

  it('closes the objects of a schema and refuses one where the model has no structured output', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'object', properties: {} } } },
    };
    const format = { response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } };
    expect(write(chat(format))['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          ...schema,
          properties: {
            a: { type: 'array', items: { type: 'object', properties: {}, additionalProperties: false } },
          },
          additionalProperties: false,
        },
      },
    });
    expect(() => write(chat(format), 'claude-3-haiku-20240307')).toThrow(RequestError);
  });
});

describe('malformed requests', () => {
  it.each([
    ['max_tokens', { max_tokens: undefined }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['messages', { messages: undefined }],
    ['messages[0].role', { messages: [{ role: 'robot', content: 'x' }] }],
    ['messages[0].content', { messages: [{ role: 'user' }] }],
    ['messages[0].content[0].text', { messages: [{ role: 'user', content: [{ type: 'text' }] }] }],
    [
      'messages[0].content[0].tool_use_id',
      { messages: [{ role: 'user', content: [{ type: 'tool_result' }] }] },
    ],
    ['tools[0].input_schema', { tools: [{ name: 'x' }] }],
    ['tool_choice.type', { tool_choice: { type: 'perhaps' } }],
  ])('are refused naming %s', (param, more) => {
    const body = { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'x' }], ...more };
    expect(() => anthropicMessagesInbound.readRequest(body)).toThrow(
      expect.objectContaining({ param, httpStatus: 400 }) as RequestError,
    );
  });

  it('need neither model nor messages nor max_tokens where a managed prompt is named', () => {
    const request = anthropicMessagesInbound.readRequest({
      prompt: { id: 'support', variables: { question: 'x' } },
    });
    expect(request.prompt).toEqual({ id: 'support', variables: { question: 'x' } });
    expect(request.messages).toEqual([]);
  });
});

describe('the event stream written', () => {
  const native = (event: string, value: Record<string, unknown>): StreamChunk => ({
    events: [],
    native: { shape: 'anthropic-messages', event, data: JSON.stringify({ type: event, ...value }) },
  });
  const data = (text: string): Record<string, unknown>[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice(6)) as Record<string, unknown>);

  it('passes native events on, and holds message_stop back for the end mark', () => {
    const writer = anthropicMessagesInbound.streamWriter(FACTS);
    const start = native('message_start', { message: { id: 'msg_1' } });
    expect(writer.write(start)).toBe(`event: message_start\ndata: ${start.native?.data}\n\n`);
    expect(writer.write(native('message_delta', { delta: { stop_reason: 'end_turn' } }))).toContain(
      'end_turn',
    );
    expect(writer.write(native('message_stop', {}))).toBe('');
    expect(writer.finish()).toBe('');
    expect(writer.endMark()).toBe('event: message_stop\ndata: {"type":"message_stop"}\n\n');
  });

  it('opens and closes blocks with rising indices as the content changes', () => {
    const writer = anthropicMessagesInbound.streamWriter(FACTS);
    const events: StreamChunk['events'] = [
      { type: 'start', id: 'chatcmpl-1', model: 'gpt', created: 1 },
      { type: 'reasoning-delta', choice: 0, text: 'Hm.' },
      { type: 'text-delta', choice: 0, text: 'A' },
      { type: 'text-delta', choice: 0, text: 'B' },
      { type: 'tool-call-start', choice: 0, call: 0, id: 'c1', name: 'f' },
      { type: 'tool-call-delta', choice: 0, call: 0, arguments: '{}' },
      { type: 'tool-call-start', choice: 0, call: 1, id: 'c2', name: 'g' },
      { type: 'finish', choice: 0, reason: 'tool-calls' },
    ];
    const usage = { input: 3, cache_read: 1, cache_write: 0, output: 2, reasoning: 4 };
    const text =
      events.map((event) => writer.write({ events: [event] })).join('') +
      writer.write({ events: [{ type: 'usage', usage: { usage, raw: null } }] }) +
      writer.finish();
    expect(data(text).map((each) => [each['type'], each['index']])).toEqual([
      ['message_start', undefined],
      ['content_block_start', 0],
      ['content_block_delta', 0],
      ['content_block_stop', 0],
      ['content_block_start', 1],
      ['content_block_delta', 1],
      ['content_block_delta', 1],
      ['content_block_stop', 1],
      ['content_block_start', 2],
      ['content_block_delta', 2],
      ['content_block_stop', 2],
      ['content_block_start', 3],
      ['content_block_stop', 3],
      ['message_delta', undefined],
    ]);
    expect(data(text).at(-1)).toMatchObject({
      delta: { stop_reason: 'tool_use' },
      usage: { input_tokens: 3, cache_read_input_tokens: 1, output_tokens: 6 },
    });
  });

  it('renumbers native blocks that follow a built one', () => {
    const writer = anthropicMessagesInbound.streamWriter(FACTS);
    const text = [
      native('message_start', { message: {} }),
      { events: [{ type: 'text-delta', choice: 0, text: '[redacted]' }] } satisfies StreamChunk,
      native('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      native('content_block_stop', { index: 0 }),
    ]
      .map((chunk) => writer.write(chunk))
      .join('');
    expect(data(text).map((each) => each['index'])).toEqual([undefined, 0, 0, 0, 1, 1]);
  });

  it('says an error in words, not by ending', () => {
    const error = new BinnacleError({ code: 'upstream_cut_stream', message: 'cut', httpStatus: 502 });
    const text = anthropicMessagesInbound.streamWriter(FACTS).error(error);
    expect(text).toMatch(
      /^event: error\ndata: \{"type":"error","error":\{"type":"api_error","message":"cut"/,
    );
  });
});

describe('errors', () => {
  it.each([
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [413, 'request_too_large'],
    [422, 'invalid_request_error'],
    [429, 'rate_limit_error'],
    [502, 'api_error'],
    [503, 'overloaded_error'],
    [504, 'timeout_error'],
  ])('%i is %s', (httpStatus, type) => {
    const text = anthropicMessagesInbound.writeError(
      new BinnacleError({ code: 'x', message: 'm', httpStatus }),
    );
    expect(JSON.parse(text)).toMatchObject({ type: 'error', error: { type, message: 'm' } });
  });

  it.each([
    ['overloaded_error', 'overloaded'],
    ['rate_limit_error', 'rate_limited'],
    ['authentication_error', 'authentication'],
    ['something_new', 'server_error'],
  ])('reads an %s event as %s', (type, kind) => {
    const reader = anthropicMessagesOutbound.streamReader('anthropic');
    const event = JSON.stringify({ type: 'error', error: { type, message: 'm' } });
    expect(() => reader.read({ event: 'error', data: event })).toThrow(
      expect.objectContaining({ kind }) as BinnacleError,
    );
  });

  it('names the field an error body is about', () => {
    const body = {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'max_tokens: Field required' },
    };
    expect(anthropicMessagesOutbound.readError(JSON.stringify(body))).toEqual({
      message: 'max_tokens: Field required',
      code: 'invalid_request_error',
      param: 'max_tokens',
    });
    expect(anthropicMessagesOutbound.readError('<html>')).toEqual({});
  });
});

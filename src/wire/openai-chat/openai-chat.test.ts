// Chat completions both ways: verbatim where nothing changed, built anew where something did, exact errors.
import { describe, expect, it } from 'vitest';
import type { StreamChunk } from '../../contract/canonical.ts';
import { UpstreamError } from '../../contract/upstream-error.ts';
import { RequestError } from '../../kernel/errors.ts';
import { openaiChatInbound } from './inbound.ts';
import { openaiChatOutbound, openaiChatOutboundOf } from './outbound.ts';
import { readChatUsage } from '../usage/chat.ts';
import { writeChatUsage } from './write-usage.ts';
import { COMPATIBLE_DIALECT } from './write-request.ts';

const FACTS = { interaction: 'int_1', model: 'small', created: 1_700_000_000, includeUsage: false };

function sent(body: unknown, upstream = 'up'): Record<string, unknown> {
  return JSON.parse(openaiChatOutbound.writeRequest(openaiChatInbound.readRequest(body), upstream)) as Record<
    string,
    unknown
  >;
}

function paramOf(body: unknown): string | undefined {
  try {
    openaiChatInbound.readRequest(body);
  } catch (error) {
    if (error instanceof RequestError) return error.param;
    throw error;
  }
  return 'accepted';
}

const user = { role: 'user', content: 'hi' };

describe('requests', () => {
  it('passes messages, tools and unknown parameters through as they came', () => {
    const body = {
      model: 'small',
      messages: [
        { role: 'developer', content: 'be brief' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'what is it?', vendor_mark: 1 },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
            { type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } },
            { type: 'video_url', video_url: { url: 'https://v' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{ }' } }],
          audio: { id: 'a1' },
        },
        { role: 'tool', tool_call_id: 'c1', content: 'done' },
      ],
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' }, strict: true } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
      response_format: { type: 'json_schema', json_schema: { name: 's', schema: {}, strict: true } },
      max_tokens: 5,
      n: 2,
      logprobs: true,
      top_logprobs: 3,
      logit_bias: { 50256: -100 },
      user: 'u1',
    };
    expect(sent(body)).toEqual({ ...body, model: 'up' });
  });

  it('keeps its own fields to itself', () => {
    const body = {
      prompt: { id: 'support', version: '3.2', variables: { question: 'why?' } },
      metadata: { session_id: 's', tags: 'a,b', sensitive: 'true', workload: 'batch', team: 'x' },
    };
    const request = openaiChatInbound.readRequest(body);
    expect(request.prompt).toEqual({ id: 'support', version: '3.2', variables: { question: 'why?' } });
    expect(request.metadata['tags']).toBe('a,b');
    expect(sent({ ...body, messages: [user] })).toEqual({
      model: 'up',
      messages: [user],
      metadata: { team: 'x' },
    });
  });

  it('asks for usage on every stream and keeps the spelling of the output bound', () => {
    const streamed = { model: 'm', messages: [user], stream: true };
    expect(sent(streamed)['stream_options']).toEqual({ include_usage: true });
    expect(sent({ ...streamed, stream_options: { include_obfuscation: false } })['stream_options']).toEqual({
      include_obfuscation: false,
      include_usage: true,
    });
    expect(sent({ ...streamed, max_completion_tokens: 7 })['max_completion_tokens']).toBe(7);
    const { native: _native, ...bare } = openaiChatInbound.readRequest({ ...streamed, max_tokens: 7 });
    expect(JSON.parse(openaiChatOutbound.writeRequest(bare, 'm'))).toMatchObject({
      max_completion_tokens: 7,
    });
    expect(JSON.parse(openaiChatOutboundOf(COMPATIBLE_DIALECT).writeRequest(bare, 'm'))).toMatchObject({
      max_tokens: 7,
    });
  });

  it('builds anew what was changed and lost its native form', () => {
    const told = [
      {
        role: 'assistant',
        content: 'secret',
        audio: { id: 'a1' },
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: 'x' },
    ];
    const request = openaiChatInbound.readRequest({ model: 'm', messages: told });
    const messages = request.messages.map(({ native: _native, ...message }) => message);
    expect(JSON.parse(openaiChatOutbound.writeRequest({ ...request, messages }, 'm'))).toMatchObject({
      messages: told,
    });
  });

  it.each([
    [[], 'body'],
    [{ messages: [user] }, 'model'],
    [{ model: 1, messages: [user] }, 'model'],
    [{ model: 'm' }, 'messages'],
    [{ model: 'm', messages: [] }, 'messages'],
    [{ model: 'm', messages: [user, null] }, 'messages[1]'],
    [{ model: 'm', messages: [{ role: 'boss', content: '' }] }, 'messages[0].role'],
    [{ model: 'm', messages: [{ role: 'user' }] }, 'messages[0].content'],
    [
      { model: 'm', messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      'messages[0].content[0].text',
    ],
    [{ model: 'm', messages: [user], temperature: 'hot' }, 'temperature'],
    [{ model: 'm', messages: [user], n: 0 }, 'n'],
    [{ model: 'm', messages: [user], stop: [1] }, 'stop[0]'],
    [{ model: 'm', messages: [user], tools: [{ type: 'function' }] }, 'tools[0].function'],
    [{ model: 'm', messages: [user], max_tokens: 1, max_completion_tokens: 1 }, 'max_tokens'],
    [{ prompt: { id: 'p', variables: { a: 1 } } }, 'prompt.variables.a'],
    [{ model: 'm', messages: [user], metadata: { a: [] } }, 'metadata.a'],
  ])('names the field of %j', (body, param) => {
    expect(paramOf(body)).toBe(param);
  });

  it('is not harmed by keys of the prototype', () => {
    const hostile = JSON.parse(
      '{"model":"m","messages":[{"role":"user","content":"x","__proto__":{"a":1}}],"__proto__":{"polluted":1},"metadata":{"__proto__":"y","constructor":"z"}}',
    ) as unknown;
    const request = openaiChatInbound.readRequest(hostile);
    expect(openaiChatOutbound.writeRequest(request, 'm')).toContain('"__proto__":{"polluted":1}');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('refuses parameters of another shape by name', () => {
    const request = openaiChatInbound.readRequest({ model: 'm', messages: [user] });
    expect(() =>
      openaiChatOutbound.writeRequest(
        { ...request, shape: 'anthropic-messages', extra: { container: 'c' } },
        'm',
      ),
    ).toThrow(/`container`/);
    expect(() =>
      openaiChatOutbound.writeRequest({ ...request, shape: 'anthropic-messages', topK: 3 }, 'm'),
    ).toThrow(/top_k/);
  });
});

describe('usage', () => {
  it.each([
    [{ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }, [10, 0, 0, 5, 0]],
    [
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
      [3, 4, 3, 3, 2],
    ],
    // xAI: reasoning beside completion.
    [
      {
        prompt_tokens: 12,
        completion_tokens: 2,
        total_tokens: 334,
        completion_tokens_details: { reasoning_tokens: 320 },
      },
      [12, 0, 0, 2, 320],
    ],
    [
      {
        prompt_tokens: 291,
        completion_tokens: 226,
        total_tokens: 706,
        completion_tokens_details: { reasoning_tokens: 189 },
      },
      [291, 0, 0, 226, 189],
    ],
    [{ prompt_tokens: 9, completion_tokens: 1, prompt_cache_hit_tokens: 8 }, [1, 8, 0, 1, 0]],
  ])('reads %j', (raw, [input, cache_read, cache_write, output, reasoning]) => {
    expect(readChatUsage(raw)?.usage).toEqual({ input, cache_read, cache_write, output, reasoning });
  });

  it('survives being written and read', () => {
    const usage = { input: 3, cache_read: 4, cache_write: 5, output: 6, reasoning: 7 };
    expect(readChatUsage(writeChatUsage({ usage, raw: null }))?.usage).toEqual(usage);
  });
});

describe('answers', () => {
  it('throws for an error inside and for what is no answer', () => {
    const kindOf = (text: string): string => {
      try {
        openaiChatOutbound.readResponse(text, 'p');
      } catch (error) {
        if (error instanceof UpstreamError) return error.kind;
        throw error;
      }
      return 'read';
    };
    expect(kindOf('<html>')).toBe('bad_answer');
    expect(kindOf('{}')).toBe('bad_answer');
    expect(kindOf('{"choices":[]}')).toBe('bad_answer');
    expect(kindOf('{"error":{"message":"slow down","code":"rate_limit_exceeded"}}')).toBe('rate_limited');
    expect(kindOf('{"error":{"message":"x","code":503}}')).toBe('overloaded');
    expect(kindOf('{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}')).toBe('read');
  });

  it('emits the vendor’s own bytes while nothing was changed, else builds the answer', () => {
    const text =
      '{"id":"c","model":"m","created":5,"choices":[{"index":0,"message":{"role":"assistant","content":"é","reasoning_content":"r"},"logprobs":{"content":[]},"finish_reason":"stop"}], "x":1}';
    const response = openaiChatOutbound.readResponse(text, 'p');
    expect(openaiChatInbound.writeResponse(response, FACTS)).toBe(text);
    const { native: _native, nativeText: _text, ...changed } = response;
    const built = JSON.parse(openaiChatInbound.writeResponse(changed, FACTS)) as unknown;
    expect(built).toMatchObject({
      id: 'c',
      choices: [{ message: { content: 'é', reasoning_content: 'r', refusal: null }, finish_reason: 'stop' }],
    });
  });
});

describe('streams', () => {
  const lines = [
    '{"id":"c","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}',
    '{"id":"c","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{"content":"Hé"},"finish_reason":null}],"usage":null}',
    '{"id":"c","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"t","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":null}],"usage":null}',
    '{"id":"c","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]},"finish_reason":null}],"usage":null}',
    '{"id":"c","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":null}',
    '{"id":"c","object":"chat.completion.chunk","created":5,"model":"m","choices":[],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}',
  ];

  function readAll(): StreamChunk[] {
    const reader = openaiChatOutbound.streamReader('p');
    const chunks = [...lines, '[DONE]'].map((data) => reader.read({ data }));
    reader.end();
    return chunks;
  }

  it('reads events, numbering tool calls from 0', () => {
    expect(readAll().flatMap((chunk) => chunk.events)).toEqual([
      { type: 'start', id: 'c', model: 'm', created: 5 },
      { type: 'text-delta', choice: 0, text: 'Hé' },
      { type: 'tool-call-start', choice: 0, call: 0, id: 't', name: 'f' },
      { type: 'tool-call-delta', choice: 0, call: 0, arguments: '{}' },
      { type: 'finish', choice: 0, reason: 'tool-calls', nativeReason: 'tool_calls' },
      {
        type: 'usage',
        usage: {
          usage: { input: 2, cache_read: 0, cache_write: 0, output: 1, reasoning: 0 },
          raw: { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 },
        },
      },
    ]);
  });

  it('passes chunks on verbatim and hides usage from who did not ask', () => {
    const write = (includeUsage: boolean): string => {
      const writer = openaiChatInbound.streamWriter({ ...FACTS, includeUsage });
      const text = readAll().map((chunk) => writer.write(chunk));
      return text.join('') + writer.finish() + writer.endMark();
    };
    const all = lines.map((line) => `data: ${line}\n\n`);
    expect(write(true)).toBe(`${all.join('')}data: [DONE]\n\n`);
    expect(write(false)).toBe(`${all.slice(0, -1).join('')}data: [DONE]\n\n`);
  });

  it('builds chunks that read back to the same events', () => {
    const writer = openaiChatInbound.streamWriter({ ...FACTS, includeUsage: true });
    const bare = readAll().map(({ events }) => ({ events }));
    const text = bare.map((chunk) => writer.write(chunk)).join('') + writer.finish() + writer.endMark();
    const reader = openaiChatOutbound.streamReader('p');
    const again = text
      .split('\n\n')
      .filter((event) => event !== '')
      .flatMap((event) => reader.read({ data: event.slice('data: '.length) }).events);
    reader.end();
    const withoutRaw = (events: readonly unknown[]): unknown =>
      JSON.parse(JSON.stringify(events, (key, value: unknown) => (key === 'raw' ? undefined : value)));
    expect(withoutRaw(again)).toEqual(withoutRaw(bare.flatMap((chunk) => chunk.events)));
  });

  it('tells a cut stream from a finished one', () => {
    const reader = openaiChatOutbound.streamReader('p');
    for (const data of lines.slice(0, 3)) reader.read({ data });
    expect(() => reader.end()).toThrow(/cut its stream/);
    reader.read({ data: lines[4] as string });
    expect(() => reader.end()).not.toThrow();
    expect(() => openaiChatOutbound.streamReader('p').end()).toThrow(UpstreamError);
    expect(() =>
      openaiChatOutbound.streamReader('p').read({ data: '{"error":{"message":"x","type":"server_error"}}' }),
    ).toThrow(UpstreamError);
    expect(() => openaiChatOutbound.streamReader('p').read({ data: '{"cho' })).toThrow(UpstreamError);
  });
});

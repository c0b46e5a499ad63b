// Google's shape: requests written, answers and streams read, everything it lacks named.
import { assert, dictionary, jsonValue, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CanonicalRequest } from '../../contract/canonical.ts';
import type { UpstreamError } from '../../contract/upstream-error.ts';
import type { RequestError } from '../../kernel/errors.ts';
import { anthropicMessagesInbound } from '../anthropic-messages/inbound.ts';
import { openaiChatInbound } from '../openai-chat/inbound.ts';
import { readEmbeddings, writeEmbeddings } from './embeddings.ts';
import { writeSchema } from './json-schema.ts';
import { googleGenerateContentOutbound } from './outbound.ts';
import { PartialArguments } from './partial-arguments.ts';

const MODEL = 'gemini-3-pro-preview';

function chat(body: Readonly<Record<string, unknown>>): CanonicalRequest {
  return openaiChatInbound.readRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body });
}

function write(request: CanonicalRequest, model = MODEL): Record<string, unknown> {
  return JSON.parse(googleGenerateContentOutbound.writeRequest(request, model)) as Record<string, unknown>;
}

describe('requests', () => {
  it('write the whole conversation', () => {
    const body = write(
      chat({
        messages: [
          { role: 'developer', content: 'Be kind.' },
          { role: 'user', content: 'Weather?' },
          {
            role: 'assistant',
            content: 'One moment.',
            tool_calls: [
              { id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } },
              { id: 'b', type: 'function', function: { name: 'time', arguments: '{}' } },
            ],
          },
          { role: 'tool', tool_call_id: 'a', content: '{"celsius":21}' },
          { role: 'tool', tool_call_id: 'b', content: 'noon' },
        ],
        tools: [
          {
            type: 'function',
            function: {
              name: 'weather',
              description: 'W',
              parameters: { type: 'object', properties: { unit: { const: 'C' } } },
            },
          },
        ],
        tool_choice: { type: 'function', function: { name: 'weather' } },
        temperature: 0.5,
        seed: 7,
        n: 2,
        stop: ['END'],
        max_tokens: 50,
      }),
    );
    expect(body).toEqual({
      systemInstruction: { parts: [{ text: 'Be kind.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'Weather?' }] },
        {
          role: 'model',
          parts: [
            { text: 'One moment.' },
            {
              functionCall: { id: 'a', name: 'weather', args: { city: 'Paris' } },
              thoughtSignature: 'skip_thought_signature_validator',
            },
            { functionCall: { id: 'b', name: 'time', args: {} } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'a', name: 'weather', response: { output: { celsius: 21 } } } },
            { functionResponse: { id: 'b', name: 'time', response: { output: 'noon' } } },
          ],
        },
      ],
      tools: [
        {
          functionDeclarations: [
            {
              name: 'weather',
              description: 'W',
              parametersJsonSchema: { type: 'object', properties: { unit: { enum: ['C'] } } },
            },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['weather'] } },
      generationConfig: {
        candidateCount: 2,
        maxOutputTokens: 50,
        temperature: 0.5,
        seed: 7,
        stopSequences: ['END'],
      },
    });
  });

  it('give the signature of a call back when the client kept it', () => {
    const answer = googleGenerateContentOutbound.readResponse(
      JSON.stringify({
        responseId: 'r',
        candidates: [
          {
            content: { parts: [{ functionCall: { name: 'f', args: {} }, thoughtSignature: 'SIG' }] },
            finishReason: 'STOP',
          },
        ],
      }),
      'google',
    );
    const message = JSON.parse(
      anthropicMessagesInbound.writeResponse(answer, {
        interaction: 'i',
        model: 'm',
        created: 1,
        includeUsage: true,
      }),
    ) as { content: { type: string; id?: string }[] };
    const id = message.content.find((block) => block.type === 'tool_use')?.id;
    const next = anthropicMessagesInbound.readRequest({
      model: 'm',
      max_tokens: 9,
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', content: message.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'ok' }] },
      ],
    });
    expect(write(next)['contents']).toMatchObject([
      {},
      { role: 'model', parts: [{ functionCall: { name: 'f' }, thoughtSignature: 'SIG' }] },
      { role: 'user', parts: [{ functionResponse: { name: 'f', response: { output: 'ok' } } }] },
    ]);
  });

  it.each([
    ['parallel_tool_calls', { parallel_tool_calls: false }],
    ['logprobs', { logprobs: true }],
    ['logit_bias', { logit_bias: { '1': 2 } }],
    ['reasoning_effort', { reasoning_effort: 'xhigh' }],
    ['messages[0].content[0]', { messages: [{ role: 'tool', tool_call_id: 'x', content: 'y' }] }],
  ])('answer 400 naming %s', (param, body) => {
    expect(() => write(chat(body))).toThrow(
      expect.objectContaining({ param, httpStatus: 400 }) as RequestError,
    );
  });

  it.each([
    [MODEL, 'low', { thinkingLevel: 'low' }],
    ['gemini-2.5-flash', 'medium', { thinkingBudget: 8192 }],
    ['gemini-2.5-flash', 'none', { thinkingBudget: 0 }],
  ])('%s thinks at effort %s', (model, effort, thinkingConfig) => {
    expect(write(chat({ reasoning_effort: effort }), model)['generationConfig']).toEqual({ thinkingConfig });
  });

  it('say that a model without thought cannot think', () => {
    expect(() => write(chat({ reasoning_effort: 'high' }), 'gemini-2.0-flash')).toThrow(
      expect.objectContaining({ param: 'reasoning_effort' }) as RequestError,
    );
  });

  it('leave data inside a schema alone', () => {
    const schema = { properties: { const: { type: 'string', enum: ['const'], default: { const: 1 } } } };
    expect(writeSchema(schema)).toEqual(schema);
  });
});

describe('answers', () => {
  const read = (body: unknown) => googleGenerateContentOutbound.readResponse(JSON.stringify(body), 'google');

  it('separate thoughts from text and cached from fresh input', () => {
    const answer = read({
      candidates: [
        {
          content: {
            parts: [
              { text: 'Hm.', thought: true },
              { text: 'Yes.', thoughtSignature: 'S' },
            ],
          },
          finishReason: 'MAX_TOKENS',
        },
      ],
      usageMetadata: {
        promptTokenCount: 10,
        cachedContentTokenCount: 4,
        toolUsePromptTokenCount: 3,
        candidatesTokenCount: 5,
        thoughtsTokenCount: 2,
      },
    });
    expect(answer.choices[0]?.parts).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'reasoning', text: '', signature: 'S' },
      { type: 'text', text: 'Yes.' },
    ]);
    expect(answer.choices[0]?.finishReason).toBe('length');
    expect(answer.usage?.usage).toEqual({ input: 9, cache_read: 4, cache_write: 0, output: 5, reasoning: 2 });
  });

  it('tell a blocked prompt, whole and streamed', () => {
    const body = { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 3 } };
    expect(read(body).choices[0]).toMatchObject({
      finishReason: 'content-filter',
      nativeFinishReason: 'SAFETY',
    });
    const reader = googleGenerateContentOutbound.streamReader('google');
    const events = reader.read({ data: JSON.stringify(body) }).events;
    expect(events).toContainEqual({
      type: 'finish',
      choice: 0,
      reason: 'content-filter',
      nativeReason: 'SAFETY',
    });
    expect(() => reader.end()).not.toThrow();
  });

  it.each([
    [{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'm' } }, 'rate_limited'],
    [[{ error: { code: 503, status: 'UNAVAILABLE', message: 'm' } }], 'overloaded'],
    [{ error: { status: 'INVALID_ARGUMENT', message: 'm' } }, 'invalid_request'],
    [{ hello: 1 }, 'bad_answer'],
    [{ candidates: [] }, 'bad_answer'],
  ])('throw for %o', (body, kind) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ kind }) as UpstreamError);
  });

  it('wait for every candidate before a stream is whole', () => {
    const reader = googleGenerateContentOutbound.streamReader('google');
    const part = (index: number, finishReason?: string) => ({
      data: JSON.stringify({ candidates: [{ index, content: { parts: [{ text: 'x' }] }, finishReason }] }),
    });
    reader.read(part(0));
    reader.read(part(1, 'STOP'));
    expect(() => reader.end()).toThrow(expect.objectContaining({ kind: 'cut_stream' }) as UpstreamError);
    reader.read(part(0, 'STOP'));
    expect(() => reader.end()).not.toThrow();
  });

  it('name the field an error body is about', () => {
    const body = {
      error: {
        code: 400,
        message: 'bad',
        status: 'INVALID_ARGUMENT',
        details: [{ fieldViolations: [{ field: 'contents[0]', description: 'x' }] }],
      },
    };
    expect(googleGenerateContentOutbound.readError(JSON.stringify(body))).toEqual({
      message: 'bad',
      code: 'INVALID_ARGUMENT',
      param: 'contents[0]',
    });
  });
});

describe('arguments in pieces', () => {
  const of = (...pieces: unknown[]): unknown => {
    const all = new PartialArguments();
    all.add(pieces);
    return JSON.parse(all.text()) as unknown;
  };

  it('are put where their path says', () => {
    expect(
      of(
        { jsonPath: '$.a.list[0].name', stringValue: 'x', willContinue: true },
        { jsonPath: '$.a.list[0].name', stringValue: 'y' },
        { jsonPath: '$.a.list[1].name', numberValue: 2 },
        { jsonPath: "$['the name']", boolValue: true },
        { jsonPath: '$.none', nullValue: 'NULL_VALUE' },
        { jsonPath: '$.empty[]' },
      ),
    ).toEqual({ a: { list: [{ name: 'xy' }, { name: 2 }] }, 'the name': true, none: null, empty: [] });
  });

  it('cannot reach a prototype or blow an array up', () => {
    expect(of({ jsonPath: '$.list[999999]', stringValue: 'x' })).toEqual({ list: [] });
    of({ jsonPath: '$.__proto__.polluted', stringValue: 'x' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('never throw, whatever is sent', () => {
    assert(
      property(string(), dictionary(string(), jsonValue()), (path, piece) => {
        expect(() => of({ ...piece, jsonPath: `$.${path}` })).not.toThrow();
      }),
    );
  });
});

describe('embeddings', () => {
  it('ask for each input and read vectors in order', () => {
    expect(JSON.parse(writeEmbeddings({ inputs: ['a', 'b'], dimensions: 2 }, 'e'))).toEqual({
      requests: ['a', 'b'].map((text) => ({
        model: 'models/e',
        content: { parts: [{ text }] },
        outputDimensionality: 2,
      })),
    });
    expect(readEmbeddings('{"embeddings":[{"values":[1,2]}]}', 1, 'google').vectors).toEqual([[1, 2]]);
  });

  it.each(['{"embeddings":[]}', '{"embeddings":[{"values":["x"]}]}', 'nonsense'])('refuse %s', (text) => {
    expect(() => readEmbeddings(text, 1, 'google')).toThrow(
      expect.objectContaining({ kind: 'bad_answer' }) as UpstreamError,
    );
  });
});

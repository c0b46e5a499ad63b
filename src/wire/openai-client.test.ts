// What the OpenAI shapes write, read by OpenAI's own client from a server on loopback.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CanonicalRequest, CanonicalResponse, StreamChunk } from '../contract/canonical.ts';
import { UpstreamError } from '../contract/upstream-error.ts';
import { BinnacleError } from '../kernel/errors.ts';
import { parseBoundedJson } from '../kernel/bounded-json.ts';
import { eventsOfResponse } from './events-of-response.ts';
import { openaiChatInbound } from './openai-chat/inbound.ts';
import { openaiChatOutbound } from './openai-chat/outbound.ts';
import { openaiResponsesInbound } from './openai-responses/inbound.ts';
import { openaiResponsesOutbound } from './openai-responses/outbound.ts';
import { SseDecoder } from './sse-decoder.ts';
import type { InboundShape } from './shape.ts';

const ANSWER: CanonicalResponse = {
  id: '',
  model: 'vendor-model',
  created: 7,
  choices: [
    {
      index: 0,
      parts: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: '{"city":"Łódź 🙂"}' },
        { type: 'tool-call', id: 'c1', name: 'get_weather', arguments: '{"at":"here"}' },
        { type: 'tool-call', id: 'c2', name: 'get_time', arguments: '{}' },
      ],
      finishReason: 'tool-calls',
    },
  ],
  usage: { usage: { input: 5, cache_read: 2, cache_write: 0, output: 3, reasoning: 4 }, raw: null },
};

let server: Server;
let client: OpenAI;
let seen: CanonicalRequest | undefined;
let cut = false;

function writeAnswer(shape: InboundShape, request: CanonicalRequest, response: ServerResponse): void {
  const includeUsage = request.includeUsage ?? false;
  const facts = { interaction: 'int_1', model: 'm', created: 7, includeUsage };
  if (!request.stream) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(shape.writeResponse(ANSWER, facts));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const writer = shape.streamWriter(facts);
  const events = eventsOfResponse(ANSWER);
  for (const event of cut ? events.slice(0, 3) : events) response.write(writer.write({ events: [event] }));
  if (cut) {
    const error = new UpstreamError({ kind: 'cut_stream', provider: 'p', message: 'it was cut' });
    response.end(writer.error(error));
  } else response.end(writer.finish() + writer.endMark());
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const shape = request.url === '/v1/responses' ? openaiResponsesInbound : openaiChatInbound;
  const pieces: Uint8Array[] = [];
  for await (const piece of request as AsyncIterable<Uint8Array>) pieces.push(piece);
  try {
    seen = shape.readRequest(parseBoundedJson(Buffer.concat(pieces)));
    writeAnswer(shape, seen, response);
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    response.writeHead(error.httpStatus, { 'content-type': 'application/json' }).end(shape.writeError(error));
  }
}

beforeAll(async () => {
  server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = new OpenAI({ apiKey: 'k', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
});
beforeEach(() => {
  cut = false;
});
afterAll(() => server.close());

const messages = [{ role: 'user' as const, content: 'hi' }];

describe('chat completions', () => {
  it('answers whole, with tools and usage', async () => {
    const answer = await client.chat.completions.create({ model: 'm', messages });
    expect(answer.choices[0]?.message.content).toBe('{"city":"Łódź 🙂"}');
    expect(answer.choices[0]?.message.tool_calls).toHaveLength(2);
    expect(answer.usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 7, total_tokens: 14 });
  });

  it('streams, with usage only for who asks', async () => {
    const stream = client.chat.completions.stream({
      model: 'm',
      messages,
      stream_options: { include_usage: true },
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe('{"city":"Łódź 🙂"}');
    expect(final.choices[0]?.message.tool_calls?.map((call) => call.id)).toEqual(['c1', 'c2']);
    expect(final.choices[0]?.finish_reason).toBe('tool_calls');
    expect(final.usage?.total_tokens).toBe(14);
    const silent = await client.chat.completions.create({ model: 'm', messages, stream: true });
    for await (const chunk of silent) expect(chunk.usage ?? null).toBeNull();
  });

  it('turns a cut stream and a wrong field into the client’s errors', async () => {
    cut = true;
    const stream = await client.chat.completions.create({ model: 'm', messages, stream: true });
    const read = async (): Promise<void> => {
      for await (const chunk of stream) expect(chunk.choices).toBeDefined();
    };
    await expect(read()).rejects.toThrow(/cut/);
    const wrong = client.chat.completions.create({ model: 'm', messages: [] });
    await expect(wrong).rejects.toMatchObject({ status: 400, param: 'messages', code: 'invalid_value' });
  });
});

describe('responses', () => {
  const ITEMS = ['reasoning', 'message', 'function_call', 'function_call'];

  it('answers whole', async () => {
    const answer = await client.responses.create({ model: 'm', input: 'hi', instructions: 'be brief' });
    expect(answer.output_text).toBe('{"city":"Łódź 🙂"}');
    expect(answer.output.map((item) => item.type)).toEqual(ITEMS);
    expect(answer.usage).toMatchObject({ input_tokens: 7, output_tokens: 7, total_tokens: 14 });
    expect(seen?.messages.map((message) => message.role)).toEqual(['developer', 'user']);
  });

  it('streams typed events that add up to the same response', async () => {
    const stream = client.responses.stream({ model: 'm', input: 'hi' });
    const types: string[] = [];
    let sequence = 0;
    for await (const event of stream) {
      types.push(event.type);
      expect(event.sequence_number).toBe(sequence);
      sequence += 1;
    }
    const final = await stream.finalResponse();
    expect(final.output_text).toBe('{"city":"Łódź 🙂"}');
    expect(final.output.map((item) => item.type)).toEqual(ITEMS);
    expect(types.slice(0, 3)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
    ]);
    expect(types).toContain('response.content_part.added');
    expect(types).toContain('response.output_text.done');
    expect(types.at(-1)).toBe('response.completed');
  });

  it('refuses state it does not keep', async () => {
    const asked = client.responses.create({ model: 'm', input: 'x', previous_response_id: 'resp_1' });
    await expect(asked).rejects.toMatchObject({ status: 400, param: 'previous_response_id' });
    cut = true;
    const stream = await client.responses.create({ model: 'm', input: 'x', stream: true });
    const read = async (): Promise<void> => {
      for await (const event of stream) expect(event.type).not.toBe('response.completed');
    };
    await read().catch(() => undefined);
  });

  it('reads a second round of tools, in order, and writes it for chat and for itself', () => {
    const input = [
      { role: 'user', content: [{ type: 'input_text', text: 'weather?' }] },
      { type: 'reasoning', id: 'rs', summary: [{ type: 'summary_text', text: 'hm' }] },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'rain' },
    ];
    const tools = [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: true }];
    const request = openaiResponsesInbound.readRequest({
      model: 'm',
      input,
      tools,
      text: { verbosity: 'low' },
    });
    expect(JSON.parse(openaiResponsesOutbound.writeRequest(request, 'up'))).toEqual({
      store: false,
      model: 'up',
      input: [{ ...input[0], type: 'message' }, ...input.slice(1)],
      tools,
      text: { verbosity: 'low' },
    });
    expect(() => openaiChatOutbound.writeRequest(request, 'up')).toThrow(/text\.verbosity/);
    const plain = openaiResponsesInbound.readRequest({ model: 'm', input, tools });
    expect(JSON.parse(openaiChatOutbound.writeRequest(plain, 'up'))).toMatchObject({
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'weather?' }] },
        { role: 'assistant', tool_calls: [{ id: 'c1', function: { name: 'f', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'c1', content: 'rain' },
      ],
      tools: [{ type: 'function', function: { name: 'f', strict: true } }],
    });
  });

  it('writes a stream that its own reader understands', () => {
    const writer = openaiResponsesInbound.streamWriter({
      interaction: 'i',
      model: 'm',
      created: 1,
      includeUsage: true,
    });
    const text =
      eventsOfResponse(ANSWER)
        .map((event) => writer.write({ events: [event] }))
        .join('') +
      writer.finish() +
      writer.endMark();
    const reader = openaiResponsesOutbound.streamReader('p');
    const chunks: StreamChunk[] = new SseDecoder()
      .push(Buffer.from(text))
      .map((payload) => reader.read(payload));
    reader.end();
    const told = chunks.flatMap((chunk) => chunk.events).filter((event) => event.type !== 'opaque');
    expect(told.map((event) => event.type)).toEqual(eventsOfResponse(ANSWER).map((event) => event.type));
    const again = openaiResponsesInbound.streamWriter({
      interaction: 'i',
      model: 'm',
      created: 1,
      includeUsage: true,
    });
    expect(chunks.map((chunk) => again.write(chunk)).join('') + again.finish() + again.endMark()).toBe(text);
  });
});

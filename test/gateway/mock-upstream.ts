// A server that speaks OpenAI's chat completions as documented, for tests: answers are made from the request, faults are asked for by
// the model's name.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MockUpstream {
  readonly baseUrl: string;
  /** Bodies received, newest last. */
  readonly requests: Record<string, unknown>[];
  close(): Promise<void>;
}

const USAGE = {
  prompt_tokens: 1000,
  completion_tokens: 500,
  total_tokens: 1500,
  prompt_tokens_details: { cached_tokens: 200 },
  completion_tokens_details: { reasoning_tokens: 100 },
};

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as Record<string, unknown>;
}

function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-request-id': 'req_up',
    'set-cookie': 'a=b',
    ...headers,
  });
  response.end(JSON.stringify(value));
}

function lastText(body: Record<string, unknown>): string {
  const messages = body['messages'] as { content: unknown }[];
  const content = messages.at(-1)?.content;
  return typeof content === 'string' ? content : JSON.stringify(content);
}

function messageFor(body: Record<string, unknown>): Record<string, unknown> {
  if (body['tools'] !== undefined) {
    const call = {
      id: 'call_1',
      type: 'function',
      function: { name: 'weather', arguments: '{"city":"Oslo"}' },
    };
    return { role: 'assistant', content: null, tool_calls: [call] };
  }
  if (body['response_format'] !== undefined) return { role: 'assistant', content: '{"answer":42}' };
  if (body['model'] === 'judge') return { role: 'assistant', content: verdictOn(lastText(body)) };
  return { role: 'assistant', content: `You said: ${lastText(body)}`, refusal: null };
}

/** As a judge of a policy answers: rude is what says so. */
function verdictOn(text: string): string {
  if (text.includes('speechless')) return 'I would rather not say.';
  const verdict = { reason: 'It was read {closely}.', score: text.includes('rude') ? 0.9 : 0.1 };
  return `\`\`\`json\n${JSON.stringify(verdict)}\n\`\`\``;
}

function complete(response: ServerResponse, body: Record<string, unknown>): void {
  sendJson(response, 200, {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: `${String(body['model'])}-2024`,
    choices: [
      {
        index: 0,
        message: messageFor(body),
        finish_reason: body['tools'] === undefined ? 'stop' : 'tool_calls',
        logprobs: null,
      },
    ],
    ...(body['model'] === 'unmetered' ? {} : { usage: USAGE }),
    system_fingerprint: 'fp_1',
  });
}

async function stream(response: ServerResponse, body: Record<string, unknown>): Promise<void> {
  const model = String(body['model']);
  const chunk = (choices: unknown[], usage: unknown = null): string =>
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model, choices, usage })}\n\n`;
  const piece = (delta: unknown, finish: string | null = null): string =>
    chunk([{ index: 0, delta, finish_reason: finish, logprobs: null }]);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(piece({ role: 'assistant', content: '' }));
  const words =
    model === 'long'
      ? Array.from({ length: 2000 }, () => 'word '.repeat(20))
      : `You said: ${lastText(body)}`.split(/(?= )/);
  for (const [index, word] of words.entries()) {
    if (model === 'cut' && index === 2) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      response.destroy();
      return;
    }
    if (model === 'half' && index === 2) return void response.end();
    if (model === 'slow') await new Promise((resolve) => setTimeout(resolve, 20));
    if (model === 'long' && index % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    response.write(piece({ content: word }));
  }
  response.write(piece({}, 'stop'));
  if ((body['stream_options'] as { include_usage?: boolean } | undefined)?.include_usage === true)
    response.write(chunk([], USAGE));
  response.end('data: [DONE]\n\n');
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  seen: Record<string, unknown>[],
): Promise<void> {
  const body = await readBody(request);
  seen.push(body);
  if (request.url === '/v1/embeddings') {
    const inputs = body['input'] as string[];
    const data = inputs.map((_, index) => ({ object: 'embedding', index, embedding: [0.5, 0.25, index] }));
    return sendJson(response, 200, {
      object: 'list',
      data,
      model: 'embed-1',
      usage: { prompt_tokens: 8, total_tokens: 8 },
    });
  }
  switch (body['model']) {
    case 'limited':
      return sendJson(
        response,
        429,
        { error: { message: 'slow down', type: 'rate_limit', code: 'rate_limited', param: null } },
        { 'retry-after': '7' },
      );
    case 'broken':
      return sendJson(response, 500, {
        error: { message: 'oops', type: 'server_error', code: null, param: null },
      });
    case 'garbage':
      response.writeHead(200, { 'content-type': 'application/json' });
      return void response.end('{"id": ');
    case 'lying':
      return sendJson(response, 200, {
        error: { message: 'really an error', type: 'server_error', code: 'x', param: null },
      });
    case 'silent':
      return;
    default:
      return body['stream'] === true ? stream(response, body) : complete(response, body);
  }
}

export async function startMockUpstream(): Promise<MockUpstream> {
  const requests: Record<string, unknown>[] = [];
  const server: Server = createServer((request, response) => {
    answer(request, response, requests).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

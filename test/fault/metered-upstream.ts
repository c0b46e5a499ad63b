// A vendor whose usage follows from the question's number, so that what each answer costs is known to whoever asked, by a calculation that
// shares nothing with the product. Streams take their time, so that faults meet them half-way.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const PIECES = 6;
const PIECE_MS = 15;

interface Usage {
  readonly prompt: number;
  readonly cached: number;
  readonly completion: number;
}

/** Tokens of question number N, as the vendor counts them: `prompt` includes `cached`. */
export function usageOf(number: number): Usage {
  return { prompt: 20 + (number % 37), cached: number % 5 === 0 ? 8 : 0, completion: 3 + (number % 11) };
}

/** As questions name themselves; the last one in a text counts. */
export function questionText(number: number): string {
  return `question number ${number}`;
}

function numberIn(body: string): number {
  return Number([...body.matchAll(/question number (\d+)/g)].at(-1)?.[1] ?? 0);
}

/** What an answer to question number N says. */
export function answerText(number: number): string {
  return `The answer to number ${number}, for anna@example.org.`;
}

function wireUsage(number: number): object {
  const { prompt, cached, completion } = usageOf(number);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  };
}

function whole(response: ServerResponse, model: string, number: number): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const message = { role: 'assistant', content: answerText(number), refusal: null };
  const choices = [{ index: 0, message, finish_reason: 'stop', logprobs: null }];
  const head = { id: `c-${number}`, object: 'chat.completion', created: 1_700_000_000, model };
  response.end(JSON.stringify({ ...head, choices, usage: wireUsage(number) }));
}

async function stream(response: ServerResponse, model: string, number: number): Promise<void> {
  const chunk = (choices: unknown[], usage: object | null = null): string =>
    `data: ${JSON.stringify({ id: `c-${number}`, object: 'chat.completion.chunk', created: 1_700_000_000, model, choices, usage })}\n\n`;
  const piece = (delta: object, finish: string | null = null): string =>
    chunk([{ index: 0, delta, finish_reason: finish }]);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(piece({ role: 'assistant', content: '' }));
  const text = answerText(number);
  const size = Math.ceil(text.length / PIECES);
  for (let at = 0; at < text.length; at += size) {
    await pause(PIECE_MS);
    if (response.destroyed) return;
    response.write(piece({ content: text.slice(at, at + size) }));
  }
  response.write(piece({}, 'stop'));
  response.end(`${chunk([], wireUsage(number))}data: [DONE]\n\n`);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

export interface MeteredUpstream {
  readonly port: number;
  /** Requests received. */
  calls(): number;
  /** Of them, for a model. */
  callsOf(model: string): number;
  close(): Promise<void>;
}

export async function startMeteredUpstream(): Promise<MeteredUpstream> {
  const counts = new Map<string, number>();
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const model = /"model":"([^"]+)"/.exec(body)?.[1] ?? '';
    counts.set(model, (counts.get(model) ?? 0) + 1);
    const number = numberIn(body);
    if (body.includes('"stream":true')) await stream(response, model, number);
    else whole(response, model, number);
  };
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    calls: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    callsOf: (model) => counts.get(model) ?? 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

// A transport that keeps what it is asked to send and answers nothing: for tests of where and how a provider calls.
import { UpstreamError } from '../contract/upstream-error.ts';
import { openaiChatInbound } from '../wire/openai-chat/inbound.ts';
import type { HttpProviderParts } from './http-provider.ts';
import type { Provider, Target } from './provider.ts';
import type { TransportRequest } from './transport.ts';

export interface Captured {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Capturing {
  /** What one chat of a provider sends. Rejects with what keeps it from being sent. */
  chat(
    make: (parts: HttpProviderParts) => Provider,
    target: Partial<Target>,
    body?: object,
  ): Promise<Captured>;
  /** What one request for embeddings sends. */
  embed(make: (parts: HttpProviderParts) => Provider, target: Partial<Target>): Promise<Captured>;
}

const TARGET: Target = {
  provider: 'vendor',
  upstreamModel: 'model-1',
  baseUrl: '',
  apiKey: 'key',
  headers: {},
  options: {},
  timeouts: { connect: 1, firstByte: 1, idle: 1, total: 1 },
};

const CONTEXT = { signal: new AbortController().signal };

async function capture(run: (parts: HttpProviderParts) => Promise<unknown>): Promise<Captured> {
  let sent: TransportRequest | undefined;
  const stopped = new UpstreamError({ kind: 'connect', provider: 'vendor', message: 'captured' });
  const transport = {
    send: async (request: TransportRequest): Promise<never> => {
      sent = request;
      return await Promise.reject(stopped);
    },
    close: async (): Promise<void> => {
      await Promise.resolve();
    },
  };
  await run({ transport, clock: { now: () => 0, monotonic: () => 0 } }).catch((error: unknown) => {
    if (error !== stopped) throw error;
  });
  if (sent === undefined) throw new Error('nothing was sent');
  return { ...sent, body: JSON.parse(sent.body) as Captured['body'] };
}

export const capturing: Capturing = {
  chat: async (make, target, body = {}) =>
    await capture(async (parts) => {
      const request = openaiChatInbound.readRequest({
        model: 'm',
        messages: [{ role: 'user', content: 'hi' }],
        ...body,
      });
      return await make(parts).chat(request, { ...TARGET, ...target }, CONTEXT);
    }),
  embed: async (make, target) =>
    await capture(
      async (parts) => await make(parts).embed?.({ inputs: ['a'] }, { ...TARGET, ...target }, CONTEXT),
    ),
};

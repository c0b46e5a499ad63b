// An OpenAI-compatible server over a real model run by llama.cpp: what it says nobody scripted. For tests, on loopback.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What is used of node-llama-cpp, which is not a dependency of the project (see scripts/install-local-model.ts). */
interface LlamaModule {
  getLlama(options: object): Promise<{
    loadModel(options: object): Promise<LlamaModel>;
    dispose(): Promise<void>;
  }>;
}

interface LlamaModel {
  readonly tokens: { readonly bos: number; readonly eos: number };
  tokenize(text: string, special: boolean): number[];
  detokenize(tokens: readonly number[]): string;
  createContext(options: object): Promise<{ getSequence(): LlamaSequence }>;
}

interface LlamaSequence {
  evaluate(tokens: readonly number[], options: object): AsyncIterable<number>;
  clearHistory(): Promise<void>;
}

const ENTRY = fileURLToPath(
  new URL('../../.local-model/node_modules/node-llama-cpp/dist/index.js', import.meta.url),
);

export const isInstalled = existsSync(ENTRY);

interface Asked {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly max_tokens?: number;
  readonly temperature?: number;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
}

export interface LlamaServer {
  readonly server: Server;
  /** How many tokens a prompt of these messages has, by the model's own tokenizer. */
  promptTokens(messages: Asked['messages']): number;
  close(): Promise<void>;
}

/** Loads the model and listens on a free port of 127.0.0.1. One request at a time. */
export async function llamaServer(modelPath: string): Promise<LlamaServer> {
  const module = (await import(pathToFileURL(ENTRY).href)) as LlamaModule;
  const llama = await module.getLlama({ build: 'never', gpu: false, logLevel: 'error' });
  const model = await llama.loadModel({ modelPath });
  const sequence = (await model.createContext({ contextSize: 512, threads: 1 })).getSequence();
  const promptOf = (messages: Asked['messages']): number[] => [
    model.tokens.bos,
    ...model.tokenize(messages.map(({ content }) => content).join(' '), false),
  ];

  async function* generate(asked: Asked): AsyncGenerator<number> {
    await sequence.clearHistory();
    const most = asked.max_tokens ?? 64;
    let count = 0;
    for await (const token of sequence.evaluate(promptOf(asked.messages), {
      temperature: asked.temperature ?? 0,
    })) {
      if (token === model.tokens.eos) return;
      yield token;
      count += 1;
      if (count === most) return;
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const asked = JSON.parse(Buffer.concat(pieces).toString('utf8')) as Asked;
    const head = { id: 'chatcmpl-local', created: 1, model: 'tiny' };
    const produced: number[] = [];
    let told = '';
    if (asked.stream === true) response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (more: object): void => {
      response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...more })}\n\n`);
    };
    for await (const token of generate(asked)) {
      produced.push(token);
      if (asked.stream !== true) continue;
      // Half a character stays back until its other bytes come.
      const text = model.detokenize(produced).replace(/\uFFFD+$/, '');
      if (text.length > told.length) {
        send({ choices: [{ index: 0, delta: { content: text.slice(told.length) }, finish_reason: null }] });
        told = text;
      }
    }
    const usage = {
      prompt_tokens: promptOf(asked.messages).length,
      completion_tokens: produced.length,
      total_tokens: promptOf(asked.messages).length + produced.length,
    };
    const finish = produced.length === (asked.max_tokens ?? 64) ? 'length' : 'stop';
    const whole = model.detokenize(produced);
    if (asked.stream !== true) {
      const choices = [{ index: 0, message: { role: 'assistant', content: whole }, finish_reason: finish }];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...head, object: 'chat.completion', choices, usage }));
      return;
    }
    send({ choices: [{ index: 0, delta: { content: whole.slice(told.length) }, finish_reason: finish }] });
    if (asked.stream_options?.include_usage === true) send({ choices: [], usage });
    response.end('data: [DONE]\n\n');
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    server,
    promptTokens: (messages) => promptOf(messages).length,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await llama.dispose();
    },
  };
}

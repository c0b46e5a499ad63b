// An OpenAI-shaped upstream that answers after a set time and counts what it was asked, so that a repeated paid call shows.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface CountingUpstream {
  readonly url: string;
  /** How often each question was asked. */
  readonly asked: ReadonlyMap<string, number>;
  total(): number;
  /** Most questions that were open at the same time. */
  mostAtOnce(): number;
  close(): Promise<void>;
}

export async function startCountingUpstream(
  latencyMs: number,
  onAsked?: (total: number) => void,
): Promise<CountingUpstream> {
  const asked = new Map<string, number>();
  let total = 0;
  let open = 0;
  let mostAtOnce = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as {
        messages: { role: string; content: string }[];
      };
      const question = body.messages.findLast(({ role }) => role === 'user')?.content ?? '';
      asked.set(question, (asked.get(question) ?? 0) + 1);
      total += 1;
      open += 1;
      mostAtOnce = Math.max(mostAtOnce, open);
      onAsked?.(total);
      void sleep(latencyMs).then(() => {
        open -= 1;
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({
            id: 'x',
            object: 'chat.completion',
            created: 1,
            model: 'm',
            choices: [
              {
                index: 0,
                finish_reason: 'stop',
                message: { role: 'assistant', content: `answer to ${question}` },
              },
            ],
            usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
          }),
        );
      });
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    total: () => total,
    mostAtOnce: () => mostAtOnce,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

// Hostile bodies against a real gateway: no 5xx, no crash, no stall.
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startScratchGateway } from '../gateway/scratch-gateway.ts';
import { runTests, testsRow } from './child.ts';
import { atMost, dataPath, exactly, type Part, type Row } from './part.ts';

async function bodies(): Promise<Row[]> {
  const lines = readFileSync(dataPath('hostile.jsonl'), 'utf8').trim().split('\n');
  const rows = lines
    .map((line) => JSON.parse(line) as { corpus: string; base64: string })
    .filter(({ corpus }) => corpus === 'json');
  await using gateway = await startScratchGateway();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let [sent, wrong] = [0, 0];
  for (const { base64 } of rows)
    for (const path of ['/v1/chat/completions', '/v1/responses', '/v1/messages', '/v1/embeddings']) {
      const body = new Uint8Array(Buffer.from(base64, 'base64'));
      const answer = await fetch(`${gateway.url}${path}`, { method: 'POST', body }).catch(() => null);
      await answer?.body?.cancel();
      sent += 1;
      if (answer === null || answer.status < 400 || answer.status >= 500) wrong += 1;
    }
  delay.disable();
  const alive = await fetch(`${gateway.url}/healthz`);
  return [
    exactly(
      `hostile bodies not refused with a 4xx, of ${sent} (${rows.length} bodies, 4 endpoints)`,
      wrong,
      0,
    ),
    atMost('longest event loop delay meanwhile', delay.max / 1e6, 100, 'ms'),
    exactly('gateway answers /healthz afterwards', alive.status, 200),
  ];
}

export const hostile: Part = {
  name: 'hostile',
  what: 'hostile JSON and malformed heads over raw sockets crash and stall nothing',
  data: ['hostile.jsonl'],
  fast: false,
  timed: true,
  run: async () => [
    ...(await bodies()),
    testsRow(
      'raw-socket cases, bombs, slow senders, hostile parts inside bodies',
      await runTests(['test/gateway/hostile.test.ts', 'src/wire/hostile-bodies.test.ts']),
    ),
  ],
};

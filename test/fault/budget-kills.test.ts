// Budgets survive kill -9: what was spent or held before is neither forgotten nor counted twice, with and without a console that takes
// (and so deletes) the spool.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EndRow } from '../../src/contract/interaction.ts';
import type { Snapshot } from '../../src/contract/snapshot.ts';
import { formatUsd, parseUsd } from '../../src/kernel/money.ts';
import { frameRows } from '../../src/storage/spool/frame.ts';
import { scratchSnapshot } from '../gateway/scratch-gateway.ts';
import { startMockUpstream, type MockUpstream } from '../gateway/mock-upstream.ts';
import { keepSnapshot, startGatewayProcess } from './budget-gateway.ts';

const ROUNDS = Number(process.env['BUDGET_KILL_ROUNDS'] ?? 3);
const PRICE = 10n ** 16n;

let upstream: MockUpstream;
let folder: string;
beforeAll(async () => {
  upstream = await startMockUpstream();
  folder = await mkdtemp(join(tmpdir(), 'binnacle-budget-kills-'));
});
afterAll(async () => {
  await upstream.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

function snapshot(): Snapshot {
  const base = scratchSnapshot(upstream.baseUrl);
  const flat = (name: string): Snapshot['models'][string] => {
    const model = base.models[name];
    const [row] = model?.prices ?? [];
    if (model === undefined || row === undefined) throw new Error(`no ${name}`);
    return { ...model, prices: [{ ...row, rates: null, perRequest: '0.01' }] };
  };
  const rule = { of: null, period: 'month', timeZone: 'UTC', hard: true } as const;
  const timeouts = { connect: 20_000, firstByte: 20_000, idle: 20_000, total: 20_000 };
  const providers = Object.fromEntries(
    Object.entries(base.providers).map(([name, provider]) => [name, { ...provider, timeouts }]),
  );
  return {
    ...base,
    providers,
    durability: 'process',
    models: { small: flat('small'), silent: flat('silent') },
    budgets: [{ ...rule, name: 'ten', subject: 'user', amountUsd: '0.1' }],
  };
}

async function ask(url: string, user: string, model = 'small', stream = false): Promise<number> {
  try {
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, user, stream, messages: [{ role: 'user', content: 'a b c d e f' }] }),
    });
    await answer.text();
    return answer.status;
  } catch {
    return 0;
  }
}

/** A console that takes every push at once. */
async function takingConsole(rows: Map<string, EndRow>): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      if (request.method !== 'POST') return void response.writeHead(503).end();
      for (const row of frameRows(Buffer.concat(pieces)).rows) {
        if (row.row === 'end') rows.set(row.id, row);
      }
      const to = Number(new URL(request.url ?? '', 'http://x').searchParams.get('to'));
      response.writeHead(200).end(JSON.stringify({ acknowledged_to: to }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

it(
  '200 at once with room for exactly 10: 10 are admitted, also with a kill -9 between',
  async () => {
    const data = join(folder, 'rounds');
    keepSnapshot(data, snapshot());
    let gateway = await startGatewayProcess(data, 'http://127.0.0.1:9');
    for (let round = 0; round < ROUNDS; round += 1) {
      const user = `round-${round}`;
      const before = upstream.requests.length;
      const first = await Promise.all(Array.from({ length: 4 }, () => ask(gateway.url, user)));
      expect(first).toEqual([200, 200, 200, 200]);
      await gateway.kill();
      gateway = await startGatewayProcess(data, 'http://127.0.0.1:9');
      const second = await Promise.all(Array.from({ length: 196 }, () => ask(gateway.url, user)));
      expect(second.filter((status) => status === 200)).toHaveLength(6);
      expect(second.filter((status) => status === 429)).toHaveLength(190);
      expect(upstream.requests.length - before).toBe(10);
    }
    await gateway.kill();
  },
  60_000 + ROUNDS * 5_000,
);

it('what was under way when it was killed keeps what was held for it', async () => {
  const data = join(folder, 'under-way');
  keepSnapshot(data, snapshot());
  const gateway = await startGatewayProcess(data, 'http://127.0.0.1:9');
  const seen = upstream.requests.length;
  const open = Array.from({ length: 7 }, () => ask(gateway.url, 'u', 'silent', true));
  await expect.poll(() => upstream.requests.length - seen, { timeout: 5000, interval: 5 }).toBe(7);
  // A begin row is written within some milliseconds of its call.
  await new Promise((resolve) => setTimeout(resolve, 20));
  await gateway.kill();
  expect(await Promise.all(open)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  const again = await startGatewayProcess(data, 'http://127.0.0.1:9');
  const after = await Promise.all(Array.from({ length: 50 }, () => ask(again.url, 'u')));
  expect(after.filter((status) => status === 200)).toHaveLength(3);
  await again.kill();
}, 30_000);

it('a spool that was taken and deleted is not forgotten, nor counted twice', async () => {
  const data = join(folder, 'taken');
  keepSnapshot(data, snapshot());
  const rows = new Map<string, EndRow>();
  const { url, server } = await takingConsole(rows);
  let gateway = await startGatewayProcess(data, url);
  for (let round = 0; round < 2; round += 1) {
    expect(await Promise.all([1, 2].map(() => ask(gateway.url, 'u')))).toEqual([200, 200]);
    await expect.poll(() => rows.size, { timeout: 5000 }).toBe(2 * (round + 1));
    // What a crash leaves is sealed at the next start, then taken whole and deleted.
    await gateway.kill();
    gateway = await startGatewayProcess(data, url);
    await expect
      .poll(async () => (await readdir(join(data, 'spool'))).filter((name) => name.endsWith('.seal')), {
        timeout: 5000,
      })
      .toEqual([]);
  }
  await gateway.kill();
  gateway = await startGatewayProcess(data, url);
  const after = await Promise.all(Array.from({ length: 40 }, () => ask(gateway.url, 'u')));
  expect(after.filter((status) => status === 200)).toHaveLength(6);
  await expect.poll(() => [...rows.values()].filter((row) => row.http_status === 200).length).toBe(10);
  const spent = [...rows.values()].reduce((sum, row) => sum + parseUsd(row.cost_usd ?? '0'), 0n);
  expect(formatUsd(spent)).toBe(formatUsd(10n * PRICE));
  await gateway.kill();
  server.close();
}, 30_000);

/** A stream whose client leaves inside of it. */
async function leave(url: string, user: string): Promise<void> {
  const gone = new AbortController();
  setTimeout(() => gone.abort(), 60);
  await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'slow',
      user,
      stream: true,
      max_tokens: 50,
      messages: [{ role: 'user', content: 'a b c d e f g h' }],
    }),
    signal: gone.signal,
  })
    .then(async (answer) => answer.text())
    .catch(() => undefined);
}

/** What a budget has spent or held, as its own refusal says. */
async function spentOf(url: string, user: string): Promise<string | undefined> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'dear', user, messages: [{ role: 'user', content: 'x' }] }),
  });
  return /: US\$ (\S+) are spent or held/.exec(await answer.text())?.[1];
}

function mixedSnapshot(): Snapshot {
  const base = scratchSnapshot(upstream.baseUrl);
  const { small } = base.models;
  const [row] = small?.prices ?? [];
  if (small === undefined || row === undefined) throw new Error('the scratch workspace has them');
  const dear = { ...small, prices: [{ ...row, rates: null, perRequest: '1000000' }] };
  const retried = { ...small, deployments: [{ provider: 'mock', upstreamModel: 'broken', weight: 1 }] };
  return {
    ...base,
    durability: 'process',
    models: { ...base.models, dear, retried: { ...retried, fallbacks: ['large'] } },
    budgets: [
      {
        name: 'much',
        subject: 'user',
        of: null,
        period: 'month',
        timeZone: 'UTC',
        hard: true,
        amountUsd: '1000',
      },
    ],
  };
}

it(
  'what is settled is what is recorded to the last digit, with retries, streams, clients that leave and kills between',
  async () => {
    const data = join(folder, 'mixed');
    keepSnapshot(data, mixedSnapshot());
    const rows = new Map<string, EndRow>();
    const { url, server } = await takingConsole(rows);
    let gateway = await startGatewayProcess(data, url);
    for (let round = 0; round < ROUNDS; round += 1) {
      const seen = upstream.requests.length;
      const asked = ['slow', 'small', 'retried', 'cut', 'half', 'garbage', 'lying', 'small', 'large'].flatMap(
        (model) =>
          [false, true].flatMap((stream) => [1, 2].map(() => ask(gateway.url, 'mixed', model, stream))),
      );
      const left = [1, 2, 3, 4].map(() => leave(gateway.url, 'mixed'));
      const wanted = 12 + ((round * 7) % 20);
      await expect
        .poll(() => upstream.requests.length - seen, { timeout: 5000, interval: 2 })
        .toBeGreaterThan(wanted);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await gateway.kill();
      await Promise.all([...asked, ...left]);
      gateway = await startGatewayProcess(data, url);
    }
    await Promise.all(['small', 'retried', 'cut'].map((model) => ask(gateway.url, 'mixed', model, true)));
    const recorded = (): string =>
      formatUsd(
        [...rows.values()]
          .filter(({ end_user }) => end_user === 'mixed')
          .reduce((sum, row) => sum + parseUsd(row.cost_usd ?? '0'), 0n),
      );
    let spent = '';
    await expect
      .poll(async () => (spent = (await spentOf(gateway.url, 'mixed')) ?? '') === recorded(), {
        timeout: 15_000,
      })
      .toBe(true);
    expect(Number(spent)).toBeGreaterThan(0);
    const statuses = new Set([...rows.values()].map(({ status }) => status));
    for (const status of ['ok', 'error', 'interrupted']) expect([...statuses]).toContain(status);
    await gateway.kill();
    server.close();
  },
  60_000 + ROUNDS * 5_000,
);

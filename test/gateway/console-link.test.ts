// The gateway's side of its way to the console, against a small console that speaks the internal contract: snapshot pulled, verified,
// kept and served without a console; spool pushed, acknowledged, deleted, and kept while nobody answers.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SNAPSHOT_CHECKSUM_HEADER } from '../../src/contract/internal.ts';
import { SnapshotSource } from '../../src/gateway/snapshot-source.ts';
import { SpoolPusher } from '../../src/gateway/spool-pusher.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { frameRows } from '../../src/storage/spool/frame.ts';
import { openSpool } from '../../src/storage/spool/spool.ts';
import { scratchSnapshot } from './scratch-gateway.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'binnacle-link-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

interface ScratchConsole {
  readonly url: string;
  version: string;
  checksum: string | null;
  takes: boolean;
  readonly rows: string[];
  readonly tokens: Set<string | undefined>;
  close(): Promise<void>;
}

async function startConsole(): Promise<ScratchConsole> {
  const state = {
    version: 'v1',
    checksum: null as string | null,
    takes: true,
    rows: [] as string[],
    tokens: new Set<string | undefined>(),
  };
  const server = createServer((request, response) => {
    state.tokens.add(request.headers.authorization);
    const url = new URL(request.url ?? '', 'http://console');
    if (url.pathname === '/internal/snapshot') {
      if (request.headers['if-none-match'] === `"${state.version}"`)
        return void setTimeout(() => response.writeHead(304).end(), 10);
      const body = JSON.stringify(scratchSnapshot('http://127.0.0.1:1/v1', { version: state.version }));
      const sum = state.checksum ?? createHash('sha256').update(body).digest('hex');
      return void response
        .writeHead(200, { etag: `"${state.version}"`, [SNAPSHOT_CHECKSUM_HEADER]: sum })
        .end(body);
    }
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      if (!state.takes) return void response.writeHead(503).end();
      const bytes = Buffer.concat(pieces);
      expect(bytes.length).toBe(Number(url.searchParams.get('to')) - Number(url.searchParams.get('from')));
      state.rows.push(...frameRows(bytes).rows.map(({ id }) => id));
      response.end(JSON.stringify({ acknowledged_to: Number(url.searchParams.get('to')) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

function source(consoleUrl: string): SnapshotSource {
  return new SnapshotSource({
    consoleUrl,
    token: 'tok',
    dataFolder: folder,
    resolveSecrets: (text) => ({ text, missing: [] }),
    clock: systemClock,
    logger: silentLogger,
    waitSeconds: 1,
  });
}

it('pulls the snapshot, follows its versions, keeps it, and starts from it without a console', async () => {
  const console = await startConsole();
  const first = source(console.url);
  await first.start();
  await expect.poll(() => first.current()?.snapshot.version).toBe('v1');
  console.version = 'v2';
  await expect.poll(() => first.current()?.snapshot.version).toBe('v2');
  console.checksum = 'wrong';
  console.version = 'v3';
  await expect.poll(() => JSON.stringify(first.health())).toContain('checksum');
  expect(first.current()?.snapshot.version).toBe('v2');
  await first.stop();
  await console.close();
  expect([...console.tokens]).toEqual(['Bearer tok']);

  const second = source('http://127.0.0.1:1');
  await second.start();
  expect(second.current()?.snapshot.version).toBe('v2');
  await second.stop();

  const path = join(folder, 'snapshot.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"v2"', '"v9"'));
  const third = source('http://127.0.0.1:1');
  await third.start();
  expect(third.current()).toBeNull();
  await third.stop();
});

it('pushes every row once and lets the spool delete sealed segments; an absent console loses nothing', async () => {
  const console = await startConsole();
  console.takes = false;
  const spool = await openSpool({
    directory: join(folder, 'spool'),
    durability: 'process',
    clock: systemClock,
    logger: silentLogger,
  });
  const pusher = new SpoolPusher({
    consoleUrl: console.url,
    token: 'tok',
    spool,
    clock: systemClock,
    logger: silentLogger,
    idleMs: 10,
  });
  const feedback = (index: number): Promise<void> =>
    spool.appendDurable({
      row: 'feedback',
      id: `fbk_${index}`,
      at: index,
      interaction: 'int_x',
      key: '',
      thumb: 'up',
      rating: null,
      comment: '',
      task_completed: null,
      labels: [],
    });
  pusher.start();
  await feedback(0);
  await expect.poll(() => JSON.stringify(pusher.health())).toContain('503');
  console.takes = true;
  for (let index = 1; index < 50; index += 1) await feedback(index);
  await spool.rotate();
  await expect.poll(() => console.rows.length, { timeout: 10_000 }).toBe(50);
  await expect.poll(() => spool.figures().unacknowledgedBytes).toBe(0);
  expect(new Set(console.rows).size).toBe(50);
  await pusher.stop();
  await spool.close();
  await console.close();
});

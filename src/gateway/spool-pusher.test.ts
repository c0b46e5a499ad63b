// The spool on its way to a console, over a real connection: everything arrives once and in order, and a console that takes nothing costs
// one look at the spool, however long it has grown.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { newId } from '../kernel/ids.ts';
import { silentLogger } from '../kernel/logger.ts';
import { openSpool, type Spool } from '../storage/spool/spool.ts';
import { frameRows } from '../storage/spool/frame.ts';
import { sampleBegin, sampleEnd } from '../storage/testing/sample-rows.ts';
import { scratchFolder } from '../storage/testing/scratch-folder.ts';
import { SpoolPusher } from './spool-pusher.ts';

const taken: string[] = [];
let takes = false;
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    void buffer(request).then((bytes) => {
      if (!takes) return response.writeHead(503).end();
      for (const { id } of frameRows(bytes).rows) taken.push(id);
      const to = Number(new URL(request.url ?? '', 'http://console').searchParams.get('to'));
      return response.end(JSON.stringify({ acknowledged_to: to }));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

/** Twelve rows, a segment to each three. */
async function filled(spool: Spool): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < 12; index += 1) {
    const row = sampleEnd(sampleBegin(newId('int', Date.now()), Date.now()), 1n);
    await spool.appendDurable(row);
    ids.push(row.id);
    if (index % 3 === 2) await spool.rotate();
  }
  return ids;
}

/** A pusher over a filled spool, to a console at a port; counts the ranges that it looked for. */
async function pushing(folder: string, port: number, idleMs?: number) {
  const spool = await openSpool({
    directory: folder,
    durability: 'process',
    clock: systemClock,
    logger: silentLogger,
  });
  const ids = await filled(spool);
  const seen = { ranges: 0 };
  const pusher = new SpoolPusher({
    consoleUrl: `http://127.0.0.1:${port}`,
    token: 'token',
    clock: systemClock,
    logger: silentLogger,
    ...(idleMs === undefined ? {} : { idleMs }),
    spool: {
      gateway: spool.gateway,
      read: (range) => spool.read(range),
      acknowledge: (segment, to) => spool.acknowledge(segment, to),
      ranges: async (maxBytes, most) => {
        const ranges = await spool.ranges(maxBytes, most);
        seen.ranges += ranges.length;
        return ranges;
      },
    },
  });
  return { spool, ids, seen, pusher };
}

test('a console that takes nothing costs one range; once it takes them all come, each once, in order', async () => {
  await using folder = await scratchFolder();
  const { spool, ids, seen, pusher } = await pushing(folder.path, (server.address() as AddressInfo).port);
  await expect(pusher.pushAll()).rejects.toThrow();
  expect(seen.ranges).toBe(1);
  takes = true;
  expect(await pusher.pushAll()).toBe(true);
  expect(taken).toEqual(ids);
  expect(spool.figures()).toMatchObject({ unacknowledgedBytes: 0 });
  await pusher.stop();
  await spool.close();
});

test('a console that is away costs no look at the spool but the first; when it is back all comes', async () => {
  await using folder = await scratchFolder();
  takes = true;
  const away = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => void away.once('listening', resolve));
  const { port } = away.address() as AddressInfo;
  await new Promise((resolve) => void away.close(resolve));
  const { spool, ids, seen, pusher } = await pushing(folder.path, port, 20);
  pusher.start();
  await expect
    .poll(() => pusher.health(), { timeout: 3000 })
    .toMatchObject({ last_error: expect.stringContaining('ECONNREFUSED') });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(seen.ranges).toBe(1);
  const back = createServer(server.listeners('request')[0] as () => void).listen(port, '127.0.0.1');
  await expect.poll(() => spool.figures().unacknowledgedBytes, { timeout: 5000 }).toBe(0);
  expect(taken.slice(-ids.length)).toEqual(ids);
  await pusher.stop();
  back.close();
  await spool.close();
});

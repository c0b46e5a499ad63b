// Takes what a gateway pushes, as a console does, and counts the interactions in it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { frameRows } from '../../src/storage/spool/frame.ts';

export interface SpoolSink {
  readonly url: string;
  /** Ended interactions received, each once. */
  ends(): number;
  statuses(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export async function startSpoolSink(): Promise<SpoolSink> {
  let ends = 0;
  const statuses: Record<string, number> = {};
  /** By segment: up to where it was taken. */
  const taken = new Map<string, number>();
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      if (request.method !== 'POST') return void response.writeHead(503).end();
      const query = new URL(request.url ?? '', 'http://sink').searchParams;
      const [segment, from, to] = [
        query.get('segment') ?? '',
        Number(query.get('from')),
        Number(query.get('to')),
      ];
      const isNew = from >= (taken.get(segment) ?? 0);
      if (isNew) {
        taken.set(segment, to);
        for (const row of frameRows(Buffer.concat(pieces)).rows) {
          if (row.row !== 'end') continue;
          ends += 1;
          statuses[row.status] = (statuses[row.status] ?? 0) + 1;
        }
      }
      response.writeHead(200).end(JSON.stringify({ acknowledged_to: to }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ends: () => ends,
    statuses: () => ({ ...statuses }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

// Leaks planted in a gateway's process, to prove that a soak finds them: `--import` this module with what is to leak in its query.
import { subscribe } from 'node:diagnostics_channel';
import { openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

const EVERY_MS = 2000;
/** Of a client's connections one in so many is never closed on our side. */
const ONE_IN = 20;
const MEGABYTE = 1024 * 1024;

const planted: unknown[] = [];

/** What can leak: each is done once in a while, but for clients, which happens as they come. */
const LEAKS: Readonly<Record<string, (vendorPort: number) => void>> = {
  files: () => void setInterval(() => planted.push(openSync('/dev/null', 'r')), EVERY_MS),
  vendor: (port) =>
    void setInterval(() => planted.push(connect(port, '127.0.0.1').on('error', () => undefined)), EVERY_MS),
  memory: () => void setInterval(() => planted.push(Buffer.alloc(MEGABYTE, 1)), EVERY_MS),
  clients: () => {
    let accepted = 0;
    subscribe('net.server.socket', (message) => {
      const { socket } = message as { socket: Socket };
      accepted += 1;
      if (accepted % ONE_IN === 0) socket._destroy = () => undefined;
    });
  },
};

const query = new URL(import.meta.url).searchParams;
for (const kind of (query.get('kinds') ?? '').split(',')) LEAKS[kind]?.(Number(query.get('vendor')));

// What a process holds open, by kind: each socket by whom it leads to, and all the rest (files, pipes, timers, sockets that listen or are
// not yet or no longer connected). Read from /proc.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Descriptors {
  /** Connections to the vendor. */
  readonly vendor: number;
  /** Connections of clients. */
  readonly clients: number;
  /** Sockets that are neither. */
  readonly otherSockets: number;
  /** Files, pipes, event queues. */
  readonly files: number;
}

/** Ports of this machine by which a socket is told. */
export interface KnownPorts {
  /** Where the process listens. */
  readonly own: number;
  readonly vendor: number;
}

interface Socket {
  readonly local: number;
  readonly remote: number;
}

/** TCP sockets by inode, whoever owns them. */
function tcpSockets(): Map<string, Socket> {
  const found = new Map<string, Socket>();
  const port = (address = ''): number => Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6'])
    for (const line of readFileSync(table, 'latin1').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const inode = fields[9];
      if (inode !== undefined) found.set(inode, { local: port(fields[1]), remote: port(fields[2]) });
    }
  return found;
}

/** Where descriptors lead; those that are closed meanwhile are left out. */
function openLinks(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${name}`)];
    } catch {
      return [];
    }
  });
}

export function descriptorsOf(pid: number, ports: KnownPorts): Descriptors {
  const sockets = tcpSockets();
  const counts = { vendor: 0, clients: 0, otherSockets: 0, files: 0 };
  for (const link of openLinks(pid)) {
    const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
    const socket = inode === undefined ? undefined : sockets.get(inode);
    if (inode === undefined) counts.files += 1;
    else if (socket?.remote === ports.vendor) counts.vendor += 1;
    else if (socket?.local === ports.own && socket.remote !== 0) counts.clients += 1;
    else counts.otherSockets += 1;
  }
  return counts;
}

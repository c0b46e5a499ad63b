// Everything the whole-system run needs, started in the right order and ended again: vendors behind fault proxies, a receiver of notifications,
// a small disk, a clock that can be moved, and the installation on a scratch workspace.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { scratchFolder } from '../end-to-end/installation.ts';
import type { Durability } from '../../src/storage/spool/spool-options.ts';
import { freePort } from './budget-gateway.ts';
import { FaultProxy } from './fault-proxy.ts';
import { startFaultyUpstream } from './faulty-upstream.ts';
import { startMeteredUpstream } from './metered-upstream.ts';
import { makeMovedClock, type MovedClock } from './moved-clock.ts';
import { hasOwnMounts, SmallDisk } from './small-disk.ts';
import { WholeInstallation } from './whole-installation.ts';
import { writeWorkspace } from './whole-workspace.ts';

const DISK_MEBIBYTES = 768;

interface Receiver {
  readonly port: number;
  /** Notifications received, by their type. */
  readonly counts: ReadonlyMap<string, number>;
  close(): void;
}

async function startReceiver(): Promise<Receiver> {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    json(request).then(
      (body) => {
        const { type } = body as { type: string };
        counts.set(type, (counts.get(type) ?? 0) + 1);
        response.end();
      },
      // Its sender was killed in the middle, and sends again.
      () => request.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export interface Stage extends AsyncDisposable {
  readonly installation: WholeInstallation;
  readonly dataFolder: string;
  readonly proxies: { readonly first: FaultProxy; readonly faulty: FaultProxy };
  readonly disk: SmallDisk | null;
  readonly clock: MovedClock | null;
  /** Notifications received, by their type. */
  readonly notified: ReadonlyMap<string, number>;
}

/** Sets it up; the installation is not started yet. */
export async function setStage(durability: Durability, log: (text: string) => void): Promise<Stage> {
  const folder = scratchFolder();
  const vendors = [
    await startMeteredUpstream(),
    await startMeteredUpstream(),
    await startFaultyUpstream(),
  ] as const;
  const receiver = await startReceiver();
  const first = new FaultProxy(vendors[0].port);
  const second = new FaultProxy(vendors[1].port);
  const faulty = new FaultProxy(vendors[2].port);
  for (const proxy of [first, second, faulty]) await proxy.start();
  const dataFolder = join(folder.path, 'data');
  const disk = hasOwnMounts() ? new SmallDisk(dataFolder, DISK_MEBIBYTES) : null;
  const clock = makeMovedClock(folder.path);
  if (typeof clock === 'string') log(`skipped: clock jump: ${clock}`);
  const moved = typeof clock === 'string' ? null : clock;
  const workspace = join(folder.path, 'workspace');
  const ports = { first: first.port, second: second.port, faulty: faulty.port, webhook: receiver.port };
  writeWorkspace(workspace, dataFolder, durability, ports);
  const own = [await freePort(), await freePort()] as const;
  const installation = new WholeInstallation(workspace, own, moved?.environment ?? {});
  return {
    installation,
    dataFolder,
    proxies: { first, faulty },
    disk,
    clock: moved,
    notified: receiver.counts,
    async [Symbol.asyncDispose]() {
      await installation.stop();
      disk?.unmount();
      for (const proxy of [first, second, faulty]) await proxy.stop();
      for (const vendor of vendors) await vendor.close();
      receiver.close();
      folder[Symbol.dispose]();
    },
  };
}

// The gateway's own process for benchmarks and soaks: started from a kept snapshot, with the engine's options and the allocator that the
// supervisor gives it, so that what is measured is what runs in production.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GATEWAY_ALLOCATOR, GATEWAY_ENGINE_OPTIONS } from '../../src/app/gateway-engine.ts';
import { INTERNAL_TOKEN_FILE, KEY_SECRET_FILE } from '../../src/contract/internal.ts';
import type { Snapshot } from '../../src/contract/snapshot.ts';

/** The secret that hashes of keys are made under, and the console's token. */
export const BENCH_SECRET = 'bench';

export interface GatewayCommand {
  /** Arguments of `process.execPath`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Writes a snapshot into a data folder; returns how to start a gateway there. */
export function gatewayCommand(options: {
  readonly folder: string;
  readonly snapshot: Snapshot;
  readonly port: number;
  readonly consoleUrl: string;
  /** Options of the engine beside production's. */
  readonly engine?: readonly string[];
}): GatewayCommand {
  const { folder, snapshot, port, consoleUrl, engine = [] } = options;
  mkdirSync(folder, { recursive: true });
  const body = JSON.stringify(snapshot);
  writeFileSync(join(folder, 'snapshot.json'), `${createHash('sha256').update(body).digest('hex')}\n${body}`);
  for (const file of [INTERNAL_TOKEN_FILE, KEY_SECRET_FILE]) writeFileSync(join(folder, file), BENCH_SECRET);
  const paths = { data_folder: folder, workspace_folder: folder };
  return {
    args: [
      ...engine,
      ...GATEWAY_ENGINE_OPTIONS,
      '--disable-warning=ExperimentalWarning',
      fileURLToPath(new URL('../../src/app/gateway.ts', import.meta.url)),
      JSON.stringify({ ...paths, host: '127.0.0.1', port, console_url: consoleUrl }),
    ],
    env: GATEWAY_ALLOCATOR,
  };
}

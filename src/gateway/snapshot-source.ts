// Where the gateway gets what it serves: pulls the snapshot from the console by long poll, verifies it, keeps the last good one on disk,
// and starts from that when no console answers. Serving never waits for it.
import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INTERNAL_SNAPSHOT_PATH, SNAPSHOT_CHECKSUM_HEADER } from '../contract/internal.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { pauseAfter } from '../kernel/backoff.ts';
import type { Clock } from '../kernel/clock.ts';
import { BinnacleError, messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { consoleRefused } from './console-refusal.ts';
import { pause } from './pause.ts';
import { prepareSnapshot, type ResolveSecrets, type ServingSnapshot } from './serving-snapshot.ts';

const FILE = 'snapshot.json';
const MAX_BYTES = 64 * 1024 * 1024;
const BACKOFF = { first: 100, longest: 5000 };
/** With nothing to serve every moment counts: the console is just starting beside this process. */
const BACKOFF_WITHOUT = { first: 100, longest: 200 };
const STARTING_MS = 10_000;

export interface SnapshotSourceOptions {
  readonly consoleUrl: string;
  readonly token: string;
  readonly dataFolder: string;
  readonly resolveSecrets: ResolveSecrets;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seconds a poll waits for news. Default 30. */
  readonly waitSeconds?: number;
  /** Hears of each snapshot that is served from now on. */
  readonly onSnapshot?: (snapshot: ServingSnapshot) => void;
}

/** The kept file's first line is the checksum of all that follows. */
function checksum(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

function isSnapshot(value: unknown): value is Snapshot {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Partial<Record<keyof Snapshot, unknown>>;
  return (
    typeof fields.version === 'string' &&
    ['workspace', 'prompts', 'providers', 'models', 'privacy'].every(
      (name) => typeof fields[name as keyof Snapshot] === 'object',
    ) &&
    [fields.routing, fields.keys, fields.limits, fields.budgets].every(Array.isArray)
  );
}

function unusable(why: string): BinnacleError {
  return new BinnacleError({
    code: 'snapshot_unusable',
    message: `The snapshot can't be used: ${why}. The gateway goes on with the one it has; see that console and gateway are of one version.`,
  });
}

/** Reads a body whose checksum holds; throws for anything else. */
function readSnapshot(body: Buffer, expected: string | undefined): Snapshot {
  if (expected !== undefined && checksum(body) !== expected) throw unusable('its checksum does not hold');
  const value = JSON.parse(body.toString('utf8')) as unknown;
  if (!isSnapshot(value)) throw unusable('it is not one that this version understands');
  return value;
}

export class SnapshotSource {
  readonly #options: SnapshotSourceOptions;
  #current: ServingSnapshot | null = null;
  #body: Buffer | null = null;
  #stop = new AbortController();
  #running: Promise<void> | null = null;
  #lastContact: number | null = null;
  #lastError = '';
  readonly #startedAt: number;

  constructor(options: SnapshotSourceOptions) {
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
  }

  current(): ServingSnapshot | null {
    return this.#current;
  }

  /** For `/healthz`: which snapshot, and how long the console has not been heard of. */
  health(): Readonly<Record<string, unknown>> {
    const silent = this.#lastContact === null ? null : this.#options.clock.now() - this.#lastContact;
    return {
      version: this.#current?.snapshot.version ?? null,
      console_silent_ms: silent,
      ...(this.#lastError === '' ? {} : { last_error: this.#lastError }),
    };
  }

  /** Serves the kept snapshot, if there is a good one, then goes on pulling. */
  async start(): Promise<void> {
    await this.readKept();
    this.startPulling();
  }

  startPulling(): void {
    this.#running ??= this.#pullForever();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Serves the snapshot that was kept on disk, if there is a good one. */
  async readKept(): Promise<void> {
    const path = join(this.#options.dataFolder, FILE);
    try {
      const file = await readFile(path);
      const end = file.indexOf(0x0a);
      const body = file.subarray(end + 1);
      this.#serve(readSnapshot(body, file.subarray(0, end).toString('latin1')), body);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      this.#options.logger.log('warn', 'kept snapshot not used', { path, error: messageOf(error) });
    }
  }

  async #pullForever(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#pull();
        this.#lastContact = this.#options.clock.now();
        this.#lastError = '';
        failures = 0;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#noteError(messageOf(error));
        failures += 1;
        const backoff = this.#current === null ? BACKOFF_WITHOUT : BACKOFF;
        await pause(pauseAfter(failures, backoff), this.#stop.signal);
      }
    }
  }

  #noteError(message: string): void {
    // A console that starts beside this gateway answers within seconds: until then its silence is no news.
    const { clock, logger } = this.#options;
    const starting = this.#lastContact === null && clock.monotonic() - this.#startedAt < STARTING_MS;
    if (starting) return;
    if (message !== this.#lastError) logger.log('warn', 'no snapshot from the console', { error: message });
    this.#lastError = message;
  }

  async #pull(): Promise<void> {
    const wait = this.#options.waitSeconds ?? 30;
    const version = this.#current?.snapshot.version;
    const url = new URL(INTERNAL_SNAPSHOT_PATH, this.#options.consoleUrl);
    if (version !== undefined) url.searchParams.set('wait', String(wait));
    // Loaded here, so that a gateway with a kept snapshot serves before it.
    const { request } = await import('undici');
    const answer = await request(url, {
      headers: {
        authorization: `Bearer ${this.#options.token}`,
        ...(version === undefined ? {} : { 'if-none-match': `"${version}"` }),
      },
      signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout((wait + 15) * 1000)]),
    });
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      if (answer.statusCode === 304) return;
      throw consoleRefused(answer.statusCode, url);
    }
    const body = await readBounded(answer.body);
    const sent = answer.headers[SNAPSHOT_CHECKSUM_HEADER];
    const snapshot = readSnapshot(body, typeof sent === 'string' ? sent : undefined);
    if (snapshot.version === version) {
      await pause(1000, this.#stop.signal);
      return;
    }
    this.#serve(snapshot, body);
    await this.#keep();
  }

  #serve(snapshot: Snapshot, body: Buffer): void {
    this.#current = prepareSnapshot(snapshot, this.#options.resolveSecrets);
    this.#body = body;
    this.#options.logger.log('info', 'snapshot served', {
      version: snapshot.version,
      commit: snapshot.workspace.commit,
    });
    this.#options.onSnapshot?.(this.#current);
  }

  async #keep(): Promise<void> {
    if (this.#body === null) return;
    const path = join(this.#options.dataFolder, FILE);
    try {
      await writeFile(`${path}.new`, Buffer.concat([Buffer.from(`${checksum(this.#body)}\n`), this.#body]), {
        mode: 0o600,
        flush: true,
      });
      await rename(`${path}.new`, path);
    } catch (error) {
      this.#options.logger.log('warn', 'snapshot not kept on disk', { path, error: messageOf(error) });
    }
  }
}

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.byteLength;
    if (bytes > MAX_BYTES) throw unusable(`it is larger than ${MAX_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, bytes);
}

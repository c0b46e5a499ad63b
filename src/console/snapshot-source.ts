// The snapshot the console serves now, and those who wait for a newer one.
import { createHash } from 'node:crypto';
import type { Snapshot } from '../contract/snapshot.ts';

export interface ServedSnapshot {
  readonly snapshot: Snapshot;
  /** The bytes gateways get. */
  readonly body: string;
  /** SHA-256 of these bytes, hex. */
  readonly checksum: string;
}

export class SnapshotSource {
  #served: ServedSnapshot | null = null;
  #errors: readonly string[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #heard: (snapshot: Snapshot) => void;

  /** `heard` is called with each snapshot that is served from now on. */
  constructor(heard: (snapshot: Snapshot) => void = () => undefined) {
    this.#heard = heard;
  }

  get served(): ServedSnapshot | null {
    return this.#served;
  }

  /** What is wrong with the working files now, while the last good snapshot goes on; empty when all is well. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  publish(snapshot: Snapshot): void {
    this.#errors = [];
    if (snapshot.version === this.#served?.snapshot.version) return;
    const body = JSON.stringify(snapshot);
    this.#served = { snapshot, body, checksum: createHash('sha256').update(body).digest('hex') };
    this.#heard(snapshot);
    for (const wake of this.#waiting) wake();
  }

  /** Notes that the working files do not compile: the snapshot stays. */
  refuse(errors: readonly string[]): void {
    this.#errors = errors;
  }

  /** Resolves when a version other than `known` is served, at the latest after `milliseconds`, or when `signal` aborts. */
  async newerThan(known: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    if (this.#served !== null && this.#served.snapshot.version !== known) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(finish);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, milliseconds);
      this.#waiting.add(finish);
      signal.addEventListener('abort', finish);
    });
  }
}

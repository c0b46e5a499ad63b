// Answers kept under idempotency keys, on disk and bounded in bytes: lines appended to numbered files, an index in memory, the oldest file
// deleted whole. An answer is with the operating system before it is sent, so it survives the process; after a power loss a repeated
// request may be called again.
import { mkdirSync } from 'node:fs';
import { open, readdir, readFile, stat, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../kernel/clock.ts';

export interface IdempotencyStoreOptions {
  readonly directory: string;
  readonly clock: Clock;
  /** Bytes on disk at most. Default 256 MiB. */
  readonly maxBytes?: number;
  /** How long an answer is replayed, milliseconds. Default 24 h. */
  readonly ttlMs?: number;
}

interface Place {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
  readonly fingerprint: string;
  readonly at: number;
}

export interface KeptAnswer {
  /** Of the request it answered. */
  readonly fingerprint: string;
  read(): Promise<string>;
}

const FILES = 16;
/** `key fingerprint milliseconds json` */
const LINE = /^\0*([0-9a-f]{64}) ([0-9a-f]{64}) (\d{13}) (?=[{])/;
const NAME = /^(\d{8})\.kept$/;

export class IdempotencyStore {
  readonly #options: IdempotencyStoreOptions;
  readonly #maxBytes: number;
  readonly #ttl: number;
  readonly #index = new Map<string, Place>();
  /** Bytes by file, oldest first. */
  readonly #files = new Map<number, number>();
  #handle: FileHandle | null = null;
  #current = 0;
  #opening: Promise<void> = Promise.resolve();

  private constructor(options: IdempotencyStoreOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? 256 * 1024 * 1024;
    this.#ttl = options.ttlMs ?? 86_400_000;
  }

  /** Opens a folder (made where it is not there) and reads what is kept in it. A line cut off by a crash is passed over. */
  static async open(options: IdempotencyStoreOptions): Promise<IdempotencyStore> {
    mkdirSync(options.directory, { recursive: true, mode: 0o700 });
    const store = new IdempotencyStore(options);
    const names = (await readdir(options.directory)).filter((name) => NAME.test(name)).sort();
    for (const name of names) await store.#readFile(Number(name.slice(0, 8)));
    store.#current = [...store.#files.keys()].at(-1) ?? 0;
    await store.#next();
    return store;
  }

  /** What is kept under a key and not too old. */
  find(key: string): KeptAnswer | undefined {
    const place = this.#index.get(key);
    if (place === undefined || place.at + this.#ttl <= this.#options.clock.now()) return undefined;
    return { fingerprint: place.fingerprint, read: () => this.#read(place) };
  }

  /** Keeps an answer (JSON text of an object). One larger than a sixteenth of the bound is not kept: false. */
  async put(key: string, fingerprint: string, json: string): Promise<boolean> {
    const at = this.#options.clock.now();
    const head = `${key} ${fingerprint} ${at} `;
    const bytes = Buffer.from(`${head}${json}\n`);
    if (bytes.length > this.#maxBytes / FILES) return false;
    await this.#roomFor(bytes.length);
    const handle = this.#handle;
    if (handle === null) return false;
    const file = this.#current;
    const offset = this.#files.get(file) ?? 0;
    this.#files.set(file, offset + bytes.length);
    await handle.write(bytes, 0, bytes.length, offset);
    const length = bytes.length - head.length - 1;
    this.#index.set(key, { file, offset: offset + head.length, length, fingerprint, at });
    return true;
  }

  figures(): { readonly entries: number; readonly bytes: number } {
    let bytes = 0;
    for (const size of this.#files.values()) bytes += size;
    return { entries: this.#index.size, bytes };
  }

  async close(): Promise<void> {
    await this.#opening;
    await this.#handle?.close();
    this.#handle = null;
  }

  #path(file: number): string {
    return join(this.#options.directory, `${String(file).padStart(8, '0')}.kept`);
  }

  async #roomFor(bytes: number): Promise<void> {
    await this.#opening;
    if ((this.#files.get(this.#current) ?? 0) + bytes <= this.#maxBytes / FILES) return;
    this.#opening = this.#next();
    await this.#opening;
  }

  /** Begins a new file, then deletes what is too old or too much. */
  async #next(): Promise<void> {
    const before = this.#handle;
    this.#current += 1;
    this.#handle = await open(this.#path(this.#current), 'w', 0o600);
    this.#files.set(this.#current, 0);
    await before?.close();
    const newest = new Map<number, number>();
    for (const { file, at } of this.#index.values()) newest.set(file, Math.max(newest.get(file) ?? 0, at));
    const tooOld = this.#options.clock.now() - this.#ttl;
    for (const file of this.#files.keys()) {
      if (file === this.#current) continue;
      const isTooMuch = this.figures().bytes > (this.#maxBytes * (FILES - 1)) / FILES;
      if (isTooMuch || (newest.get(file) ?? 0) < tooOld) await this.#delete(file);
    }
  }

  async #delete(file: number): Promise<void> {
    this.#files.delete(file);
    for (const [key, place] of this.#index) if (place.file === file) this.#index.delete(key);
    await unlink(this.#path(file));
  }

  async #read({ file, offset, length }: Place): Promise<string> {
    const handle = await open(this.#path(file), 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  async #readFile(file: number): Promise<void> {
    const path = this.#path(file);
    this.#files.set(file, (await stat(path)).size);
    const bytes = await readFile(path);
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(0x0a, start);
      if (end === -1) break;
      const match = LINE.exec(bytes.toString('latin1', start, Math.min(end, start + 4096)));
      if (match !== null) {
        const [head, key = '', fingerprint = '', at] = match;
        const offset = start + head.length;
        this.#index.set(key, { file, offset, length: end - offset, fingerprint, at: Number(at) });
      }
      start = end + 1;
    }
  }
}

// Answers kept under idempotency keys, on disk and bounded in bytes: lines appended to numbered files, an index in memory, the oldest file
// deleted whole, and each at the latest some two hours after the last answer in it may be given again. An answer is with the operating system before it is sent, so it survives the process; after a power loss a repeated
// request may be called again.
import { mkdirSync } from 'node:fs';
import { open, readdir, readFile, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { ErasedUser } from '../contract/snapshot.ts';
import type { Clock } from '../kernel/clock.ts';
import { ErasedUsers } from './erased-users.ts';

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
  /** Where its line begins. */
  readonly lineAt: number;
  readonly user: string;
}

interface KeptFile {
  bytes: number;
  /** When its newest answer was kept, also one that is just being written. */
  newest: number;
}

export interface KeptAnswer {
  /** Of the request it answered. */
  readonly fingerprint: string;
  read(): Promise<string>;
}

const FILES = 16;
/** A file takes answers for this part of their time at most: only whole files are deleted. */
const SPANS = 24;
/** `key fingerprint milliseconds user json`; no user: `-`. Lines of earlier versions have none. */
const LINE = /^\0*([0-9a-f]{64}) ([0-9a-f]{64}) (\d{13}) (?:(-|user_[0-9a-f]{24}) )?(?=[{])/;
const NAME = /^(\d{8})\.kept$/;

export class IdempotencyStore {
  readonly #options: IdempotencyStoreOptions;
  readonly #maxBytes: number;
  readonly #ttl: number;
  readonly #index = new Map<string, Place>();
  /** Answers in whose place another stands in the index, while their files are there. */
  #replaced: Place[] = [];
  readonly #erased: ErasedUsers;
  /** Oldest first. */
  readonly #files = new Map<number, KeptFile>();
  #handle: FileHandle | null = null;
  #current = 0;
  #currentSince = 0;
  #sweeping: NodeJS.Timeout | undefined;
  #opening: Promise<void> = Promise.resolve();

  private constructor(options: IdempotencyStoreOptions) {
    this.#options = options;
    this.#erased = new ErasedUsers(options.clock);
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
    store.#sweeping = setInterval(
      () => void store.sweep().catch(() => undefined),
      store.#ttl / SPANS,
    ).unref();
    return store;
  }

  /** Deletes what is too old to be given again. Done by itself from time to time. */
  async sweep(): Promise<void> {
    const { handle } = await this.#reserve(0, 0);
    if (handle === null) return;
    this.#opening = this.#deleteOld();
    await this.#opening;
  }

  /** What is kept under a key and not too old. */
  find(key: string): KeptAnswer | undefined {
    const place = this.#index.get(key);
    if (place === undefined || place.at + this.#ttl <= this.#options.clock.now()) return undefined;
    return { fingerprint: place.fingerprint, read: () => this.#read(place) };
  }

  /** Keeps an answer (JSON text of an object) to an end user, named by pseudonym. One larger than a sixteenth of the bound is not kept: false. */
  async put(key: string, fingerprint: string, json: string, user = ''): Promise<boolean> {
    const at = this.#options.clock.now();
    if (this.#erased.covers(user, at)) return false;
    const head = `${key} ${fingerprint} ${at} ${user === '' ? '-' : user} `;
    const bytes = Buffer.from(`${head}${json}\n`);
    if (bytes.length > this.#maxBytes / FILES) return false;
    const { handle, file, offset } = await this.#reserve(bytes.length, at);
    if (handle === null) return false;
    await handle.write(bytes, 0, bytes.length, offset);
    const length = bytes.length - head.length - 1;
    const place = { file, offset: offset + head.length, length, fingerprint, at, lineAt: offset, user };
    this.#enter(key, place);
    // The user may have been erased while this was being written.
    if (!this.#erased.covers(user, at)) return true;
    await this.#drop(key, place);
    return false;
  }

  /**
   * Drops the answers of erased users, here and from disk, and keeps none of theirs until their time is over. Rejects where a file could not be
   * written: then it is to be repeated.
   */
  async forget(users: readonly ErasedUser[]): Promise<void> {
    this.#erased.set(users);
    if (users.length === 0) return;
    for (const [key, place] of this.#index)
      if (this.#erased.covers(place.user, place.at)) await this.#drop(key, place);
    const old = this.#replaced.filter(({ user, at }) => this.#erased.covers(user, at));
    for (const place of old) await this.#blank(place);
    this.#replaced = this.#replaced.filter((place) => !old.includes(place));
  }

  figures(): { readonly entries: number; readonly bytes: number } {
    let bytes = 0;
    for (const file of this.#files.values()) bytes += file.bytes;
    return { entries: this.#index.size, bytes };
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    await this.#opening;
    await this.#handle?.close();
    this.#handle = null;
  }

  #enter(key: string, place: Place): void {
    const before = this.#index.get(key);
    if (before !== undefined) this.#replaced.push(before);
    this.#index.set(key, place);
  }

  async #drop(key: string, place: Place): Promise<void> {
    if (this.#index.get(key) === place) this.#index.delete(key);
    await this.#blank(place);
  }

  /** Writes spaces over a line: such a line is passed over when the file is read. */
  async #blank({ file, lineAt, offset, length }: Place): Promise<void> {
    if (!this.#files.has(file)) return;
    const handle = await open(this.#path(file), 'r+');
    try {
      const size = offset + length - lineAt;
      await handle.write(Buffer.alloc(size, 0x20), 0, size, lineAt);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }

  #path(file: number): string {
    return join(this.#options.directory, `${String(file).padStart(8, '0')}.kept`);
  }

  /** Takes bytes of the current file, or of a new one where it has no room, in one step with looking for room. */
  async #reserve(
    bytes: number,
    at: number,
  ): Promise<{ readonly handle: FileHandle | null; readonly file: number; readonly offset: number }> {
    for (;;) {
      const opening = this.#opening;
      await opening;
      // Another came first and is opening a file.
      if (opening !== this.#opening) continue;
      const file = this.#current;
      const offset = this.#bytesOf(file);
      if (offset + bytes <= this.#maxBytes / FILES && !this.#isCurrentOld()) {
        if (bytes > 0) this.#files.set(file, { bytes: offset + bytes, newest: at });
        return { handle: this.#handle, file, offset };
      }
      this.#opening = this.#next();
    }
  }

  #bytesOf(file: number): number {
    return this.#files.get(file)?.bytes ?? 0;
  }

  #isCurrentOld(): boolean {
    const isUsed = this.#bytesOf(this.#current) > 0;
    return isUsed && this.#options.clock.now() - this.#currentSince >= this.#ttl / SPANS;
  }

  /** Begins a new file, then deletes what is too old or too much. */
  async #next(): Promise<void> {
    const before = this.#handle;
    const file = this.#current + 1;
    this.#handle = await open(this.#path(file), 'w', 0o600);
    this.#current = file;
    this.#currentSince = this.#options.clock.now();
    this.#files.set(file, { bytes: 0, newest: 0 });
    await before?.close();
    await this.#deleteOld();
  }

  async #deleteOld(): Promise<void> {
    const tooOld = this.#options.clock.now() - this.#ttl;
    for (const [file, { newest }] of this.#files) {
      if (file === this.#current) continue;
      const isTooMuch = this.figures().bytes > (this.#maxBytes * (FILES - 1)) / FILES;
      if (isTooMuch || newest <= tooOld) await this.#delete(file);
    }
  }

  async #delete(file: number): Promise<void> {
    this.#files.delete(file);
    for (const [key, place] of this.#index) if (place.file === file) this.#index.delete(key);
    this.#replaced = this.#replaced.filter((place) => place.file !== file);
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
    const bytes = await readFile(path);
    const kept: KeptFile = { bytes: bytes.length, newest: 0 };
    this.#files.set(file, kept);
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(0x0a, start);
      if (end === -1) break;
      const match = LINE.exec(bytes.toString('latin1', start, Math.min(end, start + 4096)));
      if (match !== null) {
        const [head, key = '', fingerprint = '', at, named = '-'] = match;
        const user = named === '-' ? '' : named;
        const offset = start + head.length;
        const length = end - offset;
        this.#enter(key, { file, offset, length, fingerprint, at: Number(at), lineAt: start, user });
        kept.newest = Math.max(kept.newest, Number(at));
      }
      start = end + 1;
    }
  }
}

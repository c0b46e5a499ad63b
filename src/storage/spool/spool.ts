// The gateway's durable journal: append-only segment files, group commit, recovery after a crash, and ranges for the console to ingest.
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BeginRow, EndRow, SpoolRow } from '../../contract/interaction.ts';
import { messageOf } from '../../kernel/errors.ts';
import { Batch } from './batch.ts';
import { gatewayName } from './gateway-name.ts';
import { interruptedRow, unrecordedRow } from './interrupted-row.ts';
import { recoverSegments } from './recovery.ts';
import { rowText } from './row-text.ts';
import { SegmentShelf } from './segment-shelf.ts';
import { digestOf, findSegments, sealSegment, segmentPath } from './segment-file.ts';
import { SegmentSupply } from './segment-supply.ts';
import { type SegmentWriter, segmentCalls } from './segment-writer.ts';
import { type SpoolFigures, type SpoolOptions, type SpoolRange, spoolUnavailable } from './spool-options.ts';
import { probeDisk } from './probe-disk.ts';

/** A segment with less room than this has its successor made ready. */
const NEARLY_FULL_BYTES = 1024 ** 2;
/** Where so many waited for one write, the next is held up a moment: more share its cost, and under such load nobody is served later. */
const MANY_WAITERS = 4;
const GATHER_MS = 1;

export interface Spool {
  /** Name of this spool, kept in its folder: the first part of every batch name. */
  readonly gateway: string;
  /** Interactions found interrupted when the spool was opened. */
  readonly interrupted: number;
  /** Buffers a row; it is written within milliseconds or with the next durable one. Throws `spool_unavailable`. */
  append(row: SpoolRow): void;
  /** Resolves when the row is safe, as the durability says; rejects with `spool_unavailable`, and then nothing of it is kept. */
  appendDurable(row: SpoolRow): Promise<void>;
  /** Ends the live segment and starts a new one. */
  rotate(): Promise<void>;
  /** What may be ingested, oldest first, at most `maxBytes` a range (one row at least) and `most` ranges (default: all). */
  ranges(maxBytes?: number, most?: number): Promise<SpoolRange[]>;
  /** The bytes of a range: whole frames. */
  read(range: SpoolRange): Promise<Buffer>;
  /** Everything of the segment before `to` is in the ledger; a sealed segment acknowledged to its end is deleted. */
  acknowledge(segment: string, to: number): Promise<void>;
  figures(): SpoolFigures;
  /** Whether a row can be taken now. */
  isWritable(): boolean;
  /** Writes what is buffered and closes. Interactions still open become interrupted at the next opening. */
  close(): Promise<void>;
}

/** Opens (and, after a crash, repairs) a spool folder. The caller owns the folder: see the data-folder lock. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  mkdirSync(options.directory, { recursive: true });
  const gateway = await gatewayName(options.directory, options.clock.now());
  const found = await findSegments(options.directory);
  const unsealed = found.unsealed.map((entry) => entry.segment);
  const recovered = await recoverSegments(options.directory, unsealed);
  const shelf = new SegmentShelf(options.directory, gateway, found.sealed);
  for (const segment of unsealed) shelf.noteName(segment);
  const spool = new SegmentSpool(options, gateway, shelf, recovered.open.length);
  await spool.start();
  const now = options.clock.now();
  await Promise.all(recovered.open.map((begin) => spool.appendDurable(interruptedRow(begin, now))));
  for (const segment of unsealed) {
    const digest = await digestOf(options.directory, segment);
    shelf.addSealed(await sealSegment(options.directory, { gateway, segment, sealedAt: now }, digest));
  }
  if (recovered.cutBytes > 0 || recovered.open.length > 0) {
    options.logger.log('warn', 'The spool was repaired after a crash.', {
      interrupted: recovered.open.length,
      cut_bytes: recovered.cutBytes,
    });
  }
  return spool;
}

class SegmentSpool implements Spool {
  readonly gateway: string;
  readonly interrupted: number;
  readonly #options: SpoolOptions;
  readonly #shelf: SegmentShelf;
  readonly #supply: SegmentSupply;
  readonly #durable: boolean;
  /** Interactions begun and not ended → their begin row's text. */
  readonly #open = new Map<string, string>();
  /** Ends that the disk refused, of interactions whose begin stands: recorded as interrupted once it takes rows again. */
  readonly #refusedEnds = new Map<string, EndRow>();
  #filling = new Batch();
  #writing = new Batch();
  #writer: SegmentWriter | null = null;
  /** When the live segment was opened, by the clock that nobody sets. */
  #liveSince = 0;
  #running: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #rotating = false;
  #failure: unknown = null;
  #probe: NodeJS.Timeout | null = null;
  #ageTimer: NodeJS.Timeout | null = null;
  #sealing: Promise<void> = Promise.resolve();
  /** Done with, to be sealed once the next segment holds their open begins. */
  #toSeal: SegmentWriter[] = [];
  #lastWriteMilliseconds = 0;
  /** How many waited for the last write. */
  #lastWaiters = 0;
  #closed = false;

  constructor(options: SpoolOptions, gateway: string, shelf: SegmentShelf, interrupted: number) {
    this.#options = options;
    this.gateway = gateway;
    this.interrupted = interrupted;
    this.#shelf = shelf;
    this.#durable = options.durability === 'durable';
    this.#supply = new SegmentSupply({
      directory: options.directory,
      clock: options.clock,
      calls: options.calls ?? segmentCalls,
      durable: this.#durable,
    });
  }

  async start(): Promise<void> {
    await this.#openSegment();
    const age = this.#options.segmentAge ?? 60_000;
    this.#ageTimer = setInterval(() => this.#rotateByAge(age), Math.min(age, 1000)).unref();
  }

  append(row: SpoolRow): void {
    this.#refuseWhenUnavailable();
    this.#add(row);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#run();
    }, this.#options.bufferMilliseconds ?? 2);
  }

  appendDurable(row: SpoolRow): Promise<void> {
    return new Promise((resolve, reject) => {
      if (row.row === 'end' && !this.isWritable()) this.#noteRefused(row);
      this.#refuseWhenUnavailable();
      this.#add(row);
      this.#filling.waiters.push({ resolve, reject });
      if (this.#running === null && this.#filling.waiters.length === 1) setImmediate(() => this.#run());
    });
  }

  async rotate(): Promise<void> {
    this.#rotating = true;
    this.#run();
    await this.#running;
    await this.#sealing;
  }

  ranges(maxBytes = 8 * 1024 * 1024, most = Infinity): Promise<SpoolRange[]> {
    return this.#shelf.ranges(maxBytes, most);
  }

  read(range: SpoolRange): Promise<Buffer> {
    return this.#shelf.read(range);
  }

  acknowledge(segment: string, to: number): Promise<void> {
    return this.#shelf.acknowledge(segment, to);
  }

  figures(): SpoolFigures {
    return {
      writable: this.isWritable(),
      durability: this.#options.durability,
      ...this.#shelf.figures(),
      pendingBytes: this.#filling.bytes + this.#writing.bytes,
      openInteractions: this.#open.size,
      lastWriteMilliseconds: this.#lastWriteMilliseconds,
    };
  }

  isWritable(): boolean {
    return this.#unavailableBecause() === null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of [this.#timer, this.#probe, this.#ageTimer]) if (timer !== null) clearTimeout(timer);
    this.#run();
    await this.#running;
    await this.#sealing;
    for (const writer of this.#toSeal.splice(0)) await writer.close().catch(() => undefined);
    await this.#writer?.close();
    this.#writer = null;
    await this.#supply.close();
  }

  #add(row: SpoolRow): void {
    const text = rowText(row);
    if (row.row === 'begin') this.#open.set(row.id, text);
    else if (row.row === 'end') this.#filling.ended.push(row);
    this.#filling.add(text);
  }

  #unavailableBecause(): string | null {
    if (this.#closed) return 'it is shutting down';
    if (this.#failure !== null)
      return `writing to ${this.#options.directory} failed (${messageOf(this.#failure)})`;
    if (this.#shelf.bytes >= (this.#options.maxBytes ?? 4 * 1024 ** 3)) {
      return `its spool holds ${this.#shelf.bytes} bytes that the console has not fetched`;
    }
    if (this.#filling.bytes >= (this.#options.maxPendingBytes ?? 64 * 1024 ** 2))
      return 'its disk does not keep up';
    return null;
  }

  #refuseWhenUnavailable(): void {
    const why = this.#unavailableBecause();
    if (why !== null) throw spoolUnavailable(why, this.#failure ?? undefined);
  }

  #run(): void {
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
      if (!this.#filling.isEmpty && this.#failure === null) this.#run();
    });
  }

  async #work(): Promise<void> {
    const gather = this.#options.gatherMilliseconds ?? GATHER_MS;
    while (!this.#filling.isEmpty || this.#rotating) {
      if (gather > 0 && this.#lastWaiters >= MANY_WAITERS && !this.#closed) await sleep(gather);
      const batch = this.#filling;
      this.#filling = this.#writing;
      this.#writing = batch;
      try {
        await this.#write(batch);
      } catch (error) {
        this.#fail(batch, error);
      }
      batch.clear();
    }
  }

  async #write(batch: Batch): Promise<void> {
    const room = (this.#options.segmentBytes ?? 16 * 1024 ** 2) - (this.#writer?.written ?? 0);
    if (this.#writer === null || room <= 0 || this.#rotating) {
      this.#rotating = false;
      this.#retire();
      const writer = await this.#openSegment();
      if (this.#open.size > 0) batch.prepend(this.#open.values());
      if (!batch.isEmpty) await writer.append(batch.content(), this.#durable);
      for (const done of this.#toSeal.splice(0)) this.#seal(done);
    } else {
      const started = this.#options.clock.monotonic();
      await this.#writer.append(batch.content(), this.#durable && batch.waiters.length > 0);
      this.#lastWriteMilliseconds = this.#options.clock.monotonic() - started;
      if (room < NEARLY_FULL_BYTES) this.#supply.prepare(this.#shelf.newestAt());
    }
    this.#lastWaiters = batch.waiters.length;
    for (const { id } of batch.ended) this.#open.delete(id);
    for (const waiter of batch.waiters) waiter.resolve();
    if (this.#refusedEnds.size > 0) this.#recordRefused();
  }

  #retire(): void {
    if (this.#writer === null) return;
    this.#shelf.retire(this.#writer);
    this.#toSeal.push(this.#writer);
    this.#writer = null;
  }

  async #openSegment(): Promise<SegmentWriter> {
    const writer = await this.#supply.next(this.#shelf.newestAt());
    this.#writer = writer;
    this.#liveSince = this.#options.clock.monotonic();
    this.#shelf.setLive(writer);
    return writer;
  }

  #seal(writer: SegmentWriter): void {
    const { directory, clock, logger } = this.#options;
    const { segment } = writer;
    this.#sealing = this.#sealing.then(async () => {
      try {
        const digest = await writer.close();
        const named = { gateway: this.gateway, segment, sealedAt: clock.now() };
        this.#shelf.addSealed(await sealSegment(directory, named, digest));
      } catch (error) {
        logger.log('error', 'A spool segment could not be sealed; it is sealed at the next start.', {
          segment: segmentPath(directory, segment),
          error: messageOf(error),
        });
      }
    });
  }

  /** Rejects all who wait, keeps begins open, and tries the disk by itself until it takes rows again. */
  #fail(batch: Batch, error: unknown): void {
    this.#failure = error ?? new Error('unknown failure');
    this.#options.logger.log('error', 'The spool can not be written.', { error: messageOf(error) });
    const refusal = spoolUnavailable(
      `writing to ${this.#options.directory} failed (${messageOf(error)})`,
      error,
    );
    for (const end of [...batch.ended, ...this.#filling.ended]) this.#noteRefused(end);
    for (const waiter of [...batch.waiters, ...this.#filling.waiters]) waiter.reject(refusal);
    this.#filling.clear();
    // After a failed sync the kernel may have dropped pages: never write behind them.
    this.#retire();
    this.#tryAgainLater();
  }

  #noteRefused(end: EndRow): void {
    if (this.#open.has(end.id)) this.#refusedEnds.set(end.id, end);
  }

  /** Those whose rows are refused once more are noted once more. */
  #recordRefused(): void {
    const ends = [...this.#refusedEnds.values()];
    this.#refusedEnds.clear();
    for (const end of ends) {
      const begin = JSON.parse(this.#open.get(end.id) ?? 'null') as BeginRow | null;
      if (begin !== null) this.appendDurable(unrecordedRow(begin, end)).catch(() => undefined);
    }
  }

  #tryAgainLater(): void {
    if (this.#closed) return;
    this.#probe = setTimeout(() => {
      probeDisk(this.#options.directory, this.#options.calls ?? segmentCalls)
        .then(() => {
          this.#failure = null;
          this.#options.logger.log('info', 'The spool can be written again.');
          this.#recordRefused();
        })
        .catch((error: unknown) => {
          this.#failure = error;
          this.#tryAgainLater();
        });
    }, this.#options.probeMilliseconds ?? 250).unref();
  }

  #rotateByAge(age: number): void {
    const writer = this.#writer;
    if (writer === null || writer.written <= 8 || this.#failure !== null) return;
    if (this.#options.clock.monotonic() - this.#liveSince < age) return;
    this.#rotating = true;
    this.#run();
  }
}

// What opening a spool needs, and what a spool says about itself.
import { BinnacleError } from '../../kernel/errors.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { SegmentCalls } from './segment-writer.ts';

/** `durable`: a row is on the disk when its promise resolves; `process`: it is with the operating system (survives kill -9, not power loss). */
export type Durability = 'durable' | 'process';

export interface SpoolOptions {
  readonly directory: string;
  readonly durability: Durability;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A segment is rotated at this size. Default 16 MiB. */
  readonly segmentBytes?: number;
  /** … or at this age, milliseconds. Default 60 s. */
  readonly segmentAge?: number;
  /** Most bytes kept for a console that does not fetch them. Default 4 GiB. */
  readonly maxBytes?: number;
  /** Most bytes waiting for a hanging disk. Default 64 MiB. */
  readonly maxPendingBytes?: number;
  /** How long a row nobody waits for may stay in memory, milliseconds. Default 2. */
  readonly bufferMilliseconds?: number;
  /** How often a failed disk is tried again, milliseconds. Default 250. */
  readonly probeMilliseconds?: number;
  /** How long a write is held up where many waited for the one before, milliseconds. Default 1. */
  readonly gatherMilliseconds?: number;
  readonly calls?: SegmentCalls;
}

/** Bytes of a segment that may be ingested; `from` and `to` are row boundaries. */
export interface SpoolRange {
  readonly gateway: string;
  readonly segment: string;
  readonly from: number;
  readonly to: number;
  /** Set on the last range of a sealed segment: the SHA-256 of the whole file. */
  readonly sha256: string | null;
}

export interface SpoolFigures {
  readonly writable: boolean;
  readonly durability: Durability;
  readonly segments: number;
  /** On disk, acknowledged or not. */
  readonly bytes: number;
  /** Written and not yet acknowledged: the lag. */
  readonly unacknowledgedBytes: number;
  /** UTC milliseconds at which the oldest segment not yet acknowledged was opened; null when there is no lag. */
  readonly oldestUnacknowledgedAt: number | null;
  /** In memory, not yet written. */
  readonly pendingBytes: number;
  /** Interactions begun and not ended. */
  readonly openInteractions: number;
  /** Milliseconds that the last write (and sync) took. */
  readonly lastWriteMilliseconds: number;
}

/** The refusal of a spool that can't take rows: 503, try again. */
export function spoolUnavailable(why: string, cause?: unknown): BinnacleError {
  return new BinnacleError({
    code: 'spool_unavailable',
    message: `The gateway can't record this request: ${why}. Free space or repair the disk of the data folder; it is tried again by itself.`,
    httpStatus: 503,
    isRetryable: true,
    retryAfterSeconds: 1,
    ...(cause === undefined ? {} : { cause }),
  });
}

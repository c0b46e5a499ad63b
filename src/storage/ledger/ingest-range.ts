// From a gateway's spool into the ledger, exactly once: the range's bounds are persisted before the insert and name it. A range that was
// begun and not finished is held against the ledger row by row: the store may know a name whose rows it lost with its process.
import type { Clock } from '../../kernel/clock.ts';
import { RequestError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import { SEGMENT_MAGIC, wholeFrames } from '../spool/frame.ts';
import type { IngestReport, LedgerClient } from './ledger.ts';
import type { RangeStore, SegmentProgress, ToldActs } from './range-store.ts';

/** Bytes of a segment as a gateway pushes them. */
export interface PushedRange {
  readonly gateway: string;
  readonly segment: string;
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
  /** Set when `to` is the end of a sealed segment. */
  readonly sha256: string | null;
}

export interface RangeAnswer {
  /** Everything before it is in the ledger: push on from here. A sealed segment acknowledged to its end may be deleted. */
  readonly acknowledged: number;
  /** The next push must reach at least this far: a range with these bounds was on its way when the console died. */
  readonly needs: number | null;
  /** Interactions that this push finished. */
  readonly interactions: number;
  /** Pieces of feedback of this push that were left out, since another key than their interaction's sent them. */
  readonly foreign: number;
}

type Tally = Pick<RangeAnswer, 'interactions' | 'foreign'>;

const NOTHING: Tally = { interactions: 0, foreign: 0 };

export interface IngestorOptions {
  readonly ledger: LedgerClient;
  readonly ranges: RangeStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Ingestor {
  /** Takes a range; pushing the same or an overlapping one again changes nothing. Rejects retryably when the ledger is away. */
  ingestRange(range: PushedRange): Promise<RangeAnswer>;
}

const NAME = /^[a-z]{2,4}_[0-9a-f]{32}$/;

export function createIngestor(options: IngestorOptions): Ingestor {
  const busy = new Map<string, Promise<unknown>>();
  return {
    ingestRange(range) {
      const key = `${range.gateway}/${range.segment}`;
      const turn = (busy.get(key) ?? Promise.resolve()).then(() => ingest(options, range));
      const settled = turn
        .catch(() => undefined)
        .finally(() => {
          if (busy.get(key) === settled) busy.delete(key);
        });
      busy.set(key, settled);
      return turn;
    },
  };
}

async function ingest(options: IngestorOptions, range: PushedRange): Promise<RangeAnswer> {
  const { gateway, segment } = range;
  checkRange(range);
  const progress = await options.ranges.progress(gateway, segment);
  const done = Math.max(progress.done, SEGMENT_MAGIC.length);
  if (range.from > done) return { acknowledged: done, needs: progress.pendingTo, ...NOTHING };
  const fresh = Buffer.from(range.bytes.buffer, range.bytes.byteOffset, range.bytes.byteLength).subarray(
    Math.min(done - range.from, range.bytes.length),
  );
  if (wholeFrames(fresh) !== fresh.length) throw badRange('its bytes are damaged or do not end at a row');
  const answer = await ingestFresh(options, range, { ...progress, done }, fresh);
  const end = answer.acknowledged;
  if (range.sha256 !== null && end >= range.to && !progress.sealed) {
    await options.ranges.seal(gateway, segment, end, range.sha256, options.clock.now());
  }
  return answer;
}

async function ingestFresh(
  options: IngestorOptions,
  range: PushedRange,
  progress: SegmentProgress,
  fresh: Buffer,
): Promise<RangeAnswer> {
  let done = progress.done;
  let tally = NOTHING;
  const { pendingTo } = progress;
  if (pendingTo !== null && pendingTo > range.to) {
    if (range.sha256 === null) return { acknowledged: done, needs: pendingTo, ...NOTHING };
    tally = await repairShortened(options, range, done, fresh);
    return { acknowledged: range.to, needs: null, ...tally };
  }
  if (pendingTo !== null) {
    tally = await insert(options, range, done, fresh.subarray(0, pendingTo - done), true);
    done = pendingTo;
  }
  if (range.to > done) {
    await options.ranges.begin(range.gateway, range.segment, done, range.to);
    tally = sum(tally, await insert(options, range, done, fresh.subarray(done - progress.done), false));
    done = range.to;
  }
  return { acknowledged: done, needs: null, ...tally };
}

function sum(one: Tally, other: Tally): Tally {
  return { interactions: one.interactions + other.interactions, foreign: one.foreign + other.foreign };
}

function tallyOf({ rows, foreign }: IngestReport): Tally {
  return { interactions: rows['interactions'] ?? 0, foreign };
}

async function insert(
  options: IngestorOptions,
  range: PushedRange,
  from: number,
  frames: Buffer,
  onlyMissing: boolean,
): Promise<Tally> {
  const to = from + frames.length;
  const name = `${range.gateway}/${range.segment}/${from}-${to}`;
  const report = await options.ledger.ingest({ name, frames, onlyMissing });
  for (const { position, reason } of report.rejected) {
    options.logger.log('error', 'A spool row does not fit the ledger and was left out.', {
      batch: name,
      position,
      reason,
    });
  }
  await options.ranges.finish(range.gateway, range.segment, to, told(options, report));
  return tallyOf(report);
}

/**
 * The gateway's machine lost power in `process` mode, so its sealed segment is shorter than the range once begun, and nobody can
 * send that range again. What of it is in the ledger is found by the rows' own ids; the rest is inserted.
 */
async function repairShortened(
  options: IngestorOptions,
  range: PushedRange,
  from: number,
  frames: Buffer,
): Promise<Tally> {
  const name = `${range.gateway}/${range.segment}/${from}-${range.to}/shortened`;
  options.logger.log('warn', 'A spool segment is shorter than what was pushed of it before.', {
    batch: name,
  });
  const report = await options.ledger.ingest({ name, frames, onlyMissing: true });
  await options.ranges.finish(range.gateway, range.segment, range.to, told(options, report));
  return tallyOf(report);
}

function told({ clock }: IngestorOptions, { acts }: IngestReport): ToldActs {
  return { at: clock.now(), acts };
}

function checkRange(range: PushedRange): void {
  if (!NAME.test(range.gateway) || !NAME.test(range.segment))
    throw badRange('its gateway or segment has no proper name');
  const { from, to } = range;
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < SEGMENT_MAGIC.length || to < from) {
    throw badRange('its bounds are no byte range');
  }
  if (range.bytes.length !== to - from)
    throw badRange(`it says ${to - from} bytes and has ${range.bytes.length}`);
}

function badRange(why: string): RequestError {
  return new RequestError({
    code: 'bad_range',
    message: `The pushed spool range can't be taken: ${why}. Read it from the spool and push it again.`,
  });
}

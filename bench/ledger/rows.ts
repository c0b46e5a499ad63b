// Interactions for the ledger's benchmark: made up, spread evenly over the last thirty days, with 2 KB of text that does not repeat, so
// that what they take on disk means something; a tenth get feedback from their own key, one in fifty failed.
import { DAY_MS } from '../../src/kernel/clock.ts';
import { newId } from '../../src/kernel/ids.ts';
import { encodeFrame } from '../../src/storage/spool/frame.ts';
import { sampleBegin, sampleEnd, sampleFeedback } from '../../src/storage/testing/sample-rows.ts';

export const SPAN_MS = 30 * DAY_MS;
export const USERS = 5000;
export const KEYS = 10;
export const VERSIONS = 4;
const BATCH_BYTES = 4 * 1024 * 1024;
const HALF_PAYLOAD = 1000;

/** Text of made-up words, long enough that no two slices of a block are the same; the same in every run. */
function wordPool(characters: number): string {
  let state = 20_260_901;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const words = Array.from({ length: 6000 }, () =>
    String.fromCharCode(...Array.from({ length: 2 + random(9) }, () => 97 + random(26))),
  );
  const text: string[] = [];
  for (let length = 0; length < characters;) {
    // Small numbers come more often, as frequent words do.
    const word = words[Math.floor((random(6000) * random(6000)) / 6000)] ?? '';
    text.push(word);
    length += word.length + 1;
  }
  return text.join(' ');
}

const pool = wordPool(8 * 1024 * 1024);

function payload(role: string, index: number): string {
  const from = (index * 7919) % (pool.length - HALF_PAYLOAD);
  return JSON.stringify([{ role, content: pool.slice(from, from + HALF_PAYLOAD) }]);
}

/** One interaction's frames, and its id. */
function framesOf(index: number, at: number): { id: string; frames: Buffer[] } {
  const key = `key_${index % KEYS}`;
  const begin = sampleBegin(newId('int', at), at, {
    model: `model-${index % 5}`,
    prompt: `prompt-${index % 7}`,
    version: `3.${index % VERSIONS}`,
    end_user: `user-${(index * 31) % USERS}`,
    key,
  });
  const failed = index % 50 === 0;
  const row = sampleEnd(begin, BigInt(index % 1000) * 1_000_000_000n, 0, {
    latency_ms: 200 + ((index * 7919) % 4000),
    request_payload: payload('user', index * 2),
    response_payload: failed ? '' : payload('assistant', index * 2 + 1),
    ...(failed ? { status: 'error', error_kind: 'api_error', http_status: 502 } : {}),
  });
  const frames = [encodeFrame(row)];
  if (index % 10 === 1)
    frames.push(encodeFrame({ ...sampleFeedback(newId('fbk', at), row.id, at + 1000), key }));
  return { id: begin.id, frames };
}

export interface MadeBatch {
  readonly frames: Buffer;
  readonly rows: number;
}

/** Makes rows in order of time from thirty days ago to `end`, then rows of the present. */
export class RowMaker {
  readonly total: number;
  readonly end: number;
  made = 0;
  feedback = 0;
  /** Of some rows, evenly over all. */
  readonly ids: string[] = [];

  constructor(total: number, end: number) {
    this.total = total;
    this.end = end;
  }

  /** About 4 MiB of frames, as a gateway pushes them, of `most` rows at most. */
  batch(most: number): MadeBatch {
    const all: Buffer[] = [];
    let bytes = 0;
    let rows = 0;
    for (; bytes < BATCH_BYTES && rows < most; rows += 1) {
      const isPast = this.made < this.total;
      const at = isPast ? this.end - SPAN_MS + Math.floor((this.made / this.total) * SPAN_MS) : Date.now();
      const { id, frames } = framesOf(this.made, at);
      if (isPast && this.made % Math.ceil(this.total / 500) === 0) this.ids.push(id);
      all.push(...frames);
      for (const frame of frames) bytes += frame.length;
      this.feedback += frames.length - 1;
      this.made += 1;
    }
    return { frames: Buffer.concat(all), rows };
  }
}

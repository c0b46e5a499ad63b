// Readers that follow the ledger miss nothing: a slow answer arrives behind quick ones that began after it, and a clock may be set back.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SpoolRow } from '../../contract/interaction.ts';
import { newId } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { openLedger } from '../../storage/ledger/ledger-child.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { encodeFrame } from '../../storage/spool/frame.ts';
import { sampleBegin, sampleEnd } from '../../storage/testing/sample-rows.ts';
import { scratchFolder, type ScratchFolder } from '../../storage/testing/scratch-folder.ts';
import { notAhead, type Cursor } from './cursor.ts';
import { rowsAfter } from './drift-rows.ts';
import { liveAnswers } from './live-answers.ts';
import { callsAfter } from './telemetry.ts';

const START = Date.UTC(2026, 0, 1);
const SLOW_MS = 90_000;

let scratch: ScratchFolder;
let ledger: LedgerClient;

function ended(at: number, lasting: number): SpoolRow[] {
  const begin = sampleBegin(newId('int', at), at);
  const response_payload = JSON.stringify({ text: 'An answer.' });
  return [begin, sampleEnd(begin, 1n, 400, { ended_at: at + lasting, response_payload })];
}

async function ingest(name: string, rows: readonly SpoolRow[]): Promise<void> {
  await ledger.ingest({ name, frames: Buffer.concat(rows.map((row) => encodeFrame(row))) });
}

beforeAll(async () => {
  scratch = await scratchFolder();
  ledger = await openLedger({ directory: join(scratch.path, 'ledger'), logger: silentLogger });
}, 60_000);

afterAll(async () => {
  await ledger.close();
  await scratch[Symbol.asyncDispose]();
});

interface Read {
  readonly ids: string[];
  readonly last: Cursor;
}

/** Each reads what ended after a cursor, two at a time. */
const READERS: Record<string, (cursor: Cursor, to: number) => Promise<Read>> = {
  'drift of behaviour': async (cursor, to) => {
    const rows = await rowsAfter(ledger, 'live', cursor, to, 2);
    const last = rows.at(-1);
    return {
      ids: rows.map(({ id }) => id),
      last: last === undefined ? cursor : { at: last.ended_at, id: last.id },
    };
  },
  telemetry: async (cursor, to) => {
    const rows = await callsAfter(ledger, cursor, to, 2);
    const last = rows.at(-1);
    return {
      ids: rows.map(({ interaction }) => interaction),
      last: last === undefined ? cursor : { at: last.ended_at, id: last.interaction },
    };
  },
  'judging of live traffic': async (cursor, to) => {
    const { answers, last } = await liveAnswers(ledger, cursor, to, 2);
    return { ids: answers.map(({ interaction }) => interaction), last: last ?? cursor };
  },
};

async function readAll(read: (typeof READERS)[string], from: Cursor, to: number): Promise<Read> {
  const ids: string[] = [];
  for (let last = from; ;) {
    const next = await read(last, to);
    if (next.ids.length === 0) return { ids, last };
    ids.push(...next.ids);
    last = next.last;
  }
}

it('a slow answer is read after quick ones that began later', async () => {
  const slow = ended(START, SLOW_MS);
  const quick = Array.from({ length: 5 }, (_, index) => ended(START + 10_000 + index * 1_000, 420));
  const idsOf = (rows: readonly SpoolRow[]): string[] =>
    rows.flatMap((row) => (row.row === 'end' ? [row.id] : []));
  await ingest('a/1', quick.flat());
  const first = new Map<string, Read>();
  for (const [name, read] of Object.entries(READERS)) {
    const seen = await readAll(read, { at: START, id: '' }, START + 30_000);
    expect(seen.ids, name).toEqual(idsOf(quick.flat()));
    first.set(name, seen);
  }
  await ingest('a/2', slow);
  for (const [name, read] of Object.entries(READERS)) {
    const { last } = first.get(name) as Read;
    expect((await readAll(read, last, START + SLOW_MS)).ids, name).toEqual([]);
    expect((await readAll(read, last, START + SLOW_MS + 1)).ids, name).toEqual(idsOf(slow));
  }
});

it('a cursor that lies ahead of the clock begins again at what may be read', () => {
  expect(notAhead({ at: START + 3_600_000, id: 'int_9' }, START)).toEqual({ at: START, id: '' });
  expect(notAhead({ at: START, id: 'int_9' }, START)).toEqual({ at: START, id: 'int_9' });
});

// Drift of errors and complaints through a real ledger and state: what is found, what the incident says of it, and that what moved with it is
// looked for in the same thing.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Incident } from '../../contract/api-monitoring.ts';
import type { SpoolRow } from '../../contract/interaction.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { seededUniform } from '../../statistics/seeded.ts';
import { openLedger } from '../../storage/ledger/ledger-child.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { encodeFrame } from '../../storage/spool/frame.ts';
import { openSqliteState } from '../../storage/state/sql-state.ts';
import type { StateStore } from '../../storage/state/state.ts';
import { sampleBegin, sampleEnd, sampleFeedback } from '../../storage/testing/sample-rows.ts';
import { scratchFolder, type ScratchFolder } from '../../storage/testing/scratch-folder.ts';
import { CauseDesk } from './cause-desk.ts';
import { openDriftIncident } from './drift-incidents.ts';
import { DriftWatch } from './drift-watch.ts';
import { Incidents } from './incidents.ts';

const START = Date.UTC(2026, 0, 1);
const EACH = 600;

let scratch: ScratchFolder;
let ledger: LedgerClient;
let state: StateStore;
const clock = new ManualClock(START);
let desk: CauseDesk;
let watch: DriftWatch;
let incidents: Incidents;

beforeAll(async () => {
  scratch = await scratchFolder();
  ledger = await openLedger({ directory: join(scratch.path, 'ledger'), logger: silentLogger });
  state = await openSqliteState({ path: join(scratch.path, 'state.db'), clock });
  const { documents, audit } = state;
  incidents = new Incidents({ documents, audit, clock });
  const causes = {
    ledger,
    served: () => null,
    embed: (texts: readonly string[]) => Promise.resolve(texts.map(() => new Float32Array([1, 0]))),
    detectLanguage: () => Promise.resolve('en'),
  };
  desk = new CauseDesk({ ...causes, incidents, clock, logger: silentLogger });
  const isRefusal = (): boolean => false;
  watch = new DriftWatch({
    ledger,
    documents,
    clock,
    isRefusal,
    detectLanguage: () => 'en',
    found: (findings) => openDriftIncident({ documents, ledger, incidents, desk, isRefusal }, findings),
  });
  await watch.read();
  await ledger.ingest({ name: 'a/1', frames: Buffer.concat(traffic().map((row) => encodeFrame(row))) });
  clock.advance(2 * EACH * 1_000 + 60_000);
  await watch.read();
  await watch.read();
  await desk.settled();
}, 60_000);

afterAll(async () => {
  await ledger.close();
  await state.close();
  await scratch[Symbol.asyncDispose]();
});

/** One of five fails, of another kind in the second half; and there, what is said of another model's answers complains. */
function traffic(): SpoolRow[] {
  const uniform = seededUniform(7);
  return Array.from({ length: 2 * EACH }, (_, index): SpoolRow[] => {
    const at = START + 10_000 + index * 1_000;
    const isAfter = index >= EACH;
    const response_payload = JSON.stringify({ text: 'An answer.' });
    const failing = sampleBegin(newId('int', at), at, { model: 'failing' });
    const failed = { status: 'error', error_kind: isAfter ? 'rate_limited' : 'timeout' } as const;
    const liked = sampleBegin(newId('int', at), at, { model: 'liked' });
    const opinion = sampleFeedback(newId('fbk', at), liked.id, at + 500);
    const thumb = isAfter && index % 2 === 0 ? ('down' as const) : null;
    const comment = isAfter ? 'This is terrible, useless and wrong.' : 'This is great, thank you.';
    return [
      sampleEnd(failing, 1n, 0, uniform() < 0.2 ? failed : { response_payload }),
      sampleEnd(liked, 1n, 0, { response_payload }),
      ...(uniform() < 0.5
        ? [
            {
              ...opinion,
              thumb,
              rating: null,
              labels: [],
              comment,
            },
          ]
        : []),
    ];
  }).flat();
}

async function incidentOf(stream: string): Promise<Incident> {
  const documents = await state.documents.list('incident', { limit: 10 });
  const found = await Promise.all(documents.map(({ id }) => incidents.get(id)));
  const one = found.find((incident) => incident?.source.name === stream);
  if (one === undefined || one === null) throw new Error(`no incident of ${stream}`);
  return one;
}

it('finds one kind of error in the place of another, and looks among errors for what moved', async () => {
  const { timeline, source, explanation } = await incidentOf('customer-support@failing');
  expect(source.metric).toBe('errors');
  expect(timeline[0]?.text).toMatch(/(timeout|rate_limited) among errors went from [01] to [01] at /);
  expect(Math.abs(Date.parse(explanation?.changed_at ?? '') - (START + EACH * 1_000))).toBeLessThan(60_000);
  expect(new Set([explanation?.before, explanation?.after])).toEqual(new Set([0, 1]));
});

it('finds comments that begin to complain by what they say', async () => {
  const { timeline, source, explanation } = await incidentOf('customer-support@liked');
  expect(source.metric).toBe('complaints');
  expect(timeline[0]?.text).toMatch(/complaints.* went from 0 to 1 at /);
  // What moved is looked for among complaints that the ledger can tell: thumbs, stars and labels.
  expect(explanation?.before).toBeLessThan(0.1);
  expect(explanation?.after).toBeGreaterThan(0.3);
});

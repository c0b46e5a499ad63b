// The contract of state stores: one suite, run over each.
import { expect, test } from 'vitest';
import type { ManualClock } from '../../kernel/clock.ts';
import type { KeyRecord, StateStore } from './state.ts';

export interface OpenedState {
  readonly state: StateStore;
  readonly clock: ManualClock;
}

const HOUR = 3_600_000;

const key: KeyRecord = {
  id: 'key_1',
  name: 'support desk',
  owner: 'ops',
  hash: 'aa',
  createdAt: 1,
  expiresAt: null,
  revokedAt: null,
  prompts: ['customer-support'],
  models: [],
  routes: [],
  roles: ['member'],
};

/** Runs the suite over a store that `open` opens afresh for each test. */
export function stateContract(open: () => Promise<OpenedState>): void {
  for (const [name, check] of Object.entries(cases)) {
    test(name, async () => {
      const opened = await open();
      try {
        await check(opened);
      } finally {
        await opened.state.close();
      }
    });
  }
}

const cases: Record<string, (opened: OpenedState) => Promise<void>> = {
  'a key is kept, rotated and revoked once': async ({ state }) => {
    await state.keys.create(key);
    await expect(state.keys.create({ ...key, id: 'key_2' })).rejects.toThrow();
    expect(await state.keys.replaceHash('key_1', 'bb')).toBe(true);
    expect(await state.keys.get('key_1')).toEqual({ ...key, hash: 'bb' });
    expect(await state.keys.revoke('key_1', 9)).toBe(true);
    expect(await state.keys.revoke('key_1', 10)).toBe(false);
    expect(await state.keys.replaceHash('key_1', 'cc')).toBe(false);
    expect(await state.keys.list()).toEqual([{ ...key, hash: 'bb', revokedAt: 9 }]);
    expect(await state.keys.get('key_9')).toBeNull();
  },

  'concurrent audit acts make one unbroken chain': async ({ state }) => {
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        state.audit.append({ actor: 'a', act: 'key.create', subject: `${index}`, details: { index } }),
      ),
    );
    expect(await state.audit.verify()).toMatchObject({ sound: true, entries: 30 });
    const subjects: string[] = [];
    for await (const entry of state.audit.entries(29)) subjects.push(entry.subject);
    expect(subjects).toHaveLength(2);
  },

  'a range is begun, finished and sealed; the seal is in the chain once': async ({ state }) => {
    expect(await state.ranges.progress('gw', 'seg')).toEqual({ done: 0, pendingTo: null, sealed: false });
    await state.ranges.begin('gw', 'seg', 8, 100);
    expect(await state.ranges.progress('gw', 'seg')).toEqual({ done: 8, pendingTo: 100, sealed: false });
    const acts = Array.from({ length: 250 }, (_, index) => ({
      actor: 'gateway',
      act: 'guardrail.block',
      subject: `int_${index}`,
      details: {},
    }));
    await state.ranges.finish('gw', 'seg', 100, { at: 4, acts });
    expect(await state.ranges.progress('gw', 'seg')).toEqual({ done: 100, pendingTo: null, sealed: false });
    await state.ranges.seal('gw', 'seg', 100, 'ff', 5);
    await state.ranges.seal('gw', 'seg', 100, 'ff', 6);
    expect(await state.ranges.progress('gw', 'seg')).toEqual({ done: 100, pendingTo: null, sealed: true });
    expect(await state.audit.verify()).toMatchObject({ sound: true, entries: 251 });
    expect(await state.audit.last()).toMatchObject({ seq: 251, act: 'spool.seal' });
  },

  'documents count revisions, and of two writers over one revision one wins': async ({ state, clock }) => {
    expect(await state.documents.put('incident', 'i1', { rule: 'r' }, 'open')).toBe(1);
    clock.advance(10);
    expect(await state.documents.put('incident', 'i2', { rule: 's' }, 'open')).toBe(1);
    expect(await state.documents.replace('incident', 'i1', 0, {})).toBe(false);
    const writers = [1, 2].map((writer) =>
      state.documents.replace('incident', 'i1', 1, { writer }, 'resolved'),
    );
    expect((await Promise.all(writers)).filter(Boolean)).toHaveLength(1);
    expect(await state.documents.put('incident', 'i1', { again: true }, 'resolved')).toBe(3);
    expect((await state.documents.list('incident')).map((document) => document.id)).toEqual(['i1', 'i2']);
    expect((await state.documents.list('incident', { status: 'open' })).map((found) => found.id)).toEqual([
      'i2',
    ]);
    await state.documents.remove('incident', 'i2');
    expect(await state.documents.get('incident', 'i2')).toBeNull();
  },

  'a job is claimed by one, again after its lease, and only its claimant ends it': async ({
    state,
    clock,
  }) => {
    const job = { id: 'nightly', kind: 'evaluate', payload: { suite: 'a' }, runAt: clock.now() + 5 };
    expect(await state.jobs.add(job)).toBe(true);
    expect(await state.jobs.add(job)).toBe(false);
    expect(await state.jobs.claim(['evaluate'], 100)).toBeNull();
    clock.advance(5);
    const claims = await Promise.all([1, 2, 3].map(() => state.jobs.claim(['evaluate'], 100)));
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
    clock.advance(100);
    expect(await state.jobs.claim(['evaluate'], 100)).toMatchObject({ id: 'nightly', tries: 2 });
    expect(await state.jobs.finish('nightly', 1, 'late')).toBe(false);
    expect(await state.jobs.fail('nightly', 2, 'no answer', clock.now() + 1)).toBe(true);
    clock.advance(1);
    expect(await state.jobs.claim(['evaluate'], 100)).toMatchObject({ tries: 3, error: 'no answer' });
    expect(await state.jobs.extend('nightly', 3, 1000)).toBe(true);
    expect(await state.jobs.finish('nightly', 3, { passed: true })).toBe(true);
    expect(await state.jobs.get('nightly')).toMatchObject({ status: 'done', result: { passed: true } });
    expect(await state.jobs.list({ kind: 'evaluate' })).toHaveLength(1);
  },

  'a job that was written by a clock an hour on is due once that is set right': async ({ state, clock }) => {
    clock.jump(HOUR);
    for (const id of ['now', 'again'])
      await state.jobs.add({ id, kind: 'tell', payload: null, runAt: clock.now() });
    const first = await state.jobs.claim(['tell'], 100);
    await state.jobs.fail(first?.id ?? '', 1, 'no answer', clock.now() + 5);
    clock.jump(-HOUR);
    const claimed = new Map<string | undefined, number | undefined>();
    for (let count = 0; count < 2; count += 1) {
      const job = await state.jobs.claim(['tell'], 100);
      claimed.set(job?.id, job?.tries);
    }
    expect(new Set(claimed.keys())).toEqual(new Set(['now', 'again']));
    await state.jobs.fail('again', claimed.get('again') ?? 0, 'no answer', clock.now() + 5);
    expect(await state.jobs.claim(['tell'], 100)).toBeNull();
  },
};

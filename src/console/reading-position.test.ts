// Where a reader goes on: kept from look to look, also where the clock was set back.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { openSqliteState } from '../storage/state/sql-state.ts';
import { scratchFolder } from '../storage/testing/scratch-folder.ts';
import { readingPosition } from './reading-position.ts';

const NOW = Date.UTC(2026, 0, 1);
const place = { collection: 'positions', id: 'rows' };

it('begins where it is told, stays until it is moved, and goes on from the present where the clock was set back', async () => {
  await using scratch = await scratchFolder();
  const state = await openSqliteState({ path: join(scratch.path, 'state.db'), clock: new ManualClock(NOW) });
  try {
    const at = (to: number): ReturnType<typeof readingPosition> =>
      readingPosition(state.documents, place, to, NOW - 1_000);
    expect(await at(NOW)).toEqual({ at: NOW - 1_000, id: '' });
    expect(await at(NOW + 5_000)).toEqual({ at: NOW - 1_000, id: '' });
    await state.documents.put(place.collection, place.id, { at: NOW + 3_600_000, id: 'int_1' });
    expect(await at(NOW + 10_000)).toEqual({ at: NOW + 10_000, id: '' });
    // Looks that find nothing must not carry the place with them: what ended meanwhile would be left out.
    expect(await at(NOW + 20_000)).toEqual({ at: NOW + 10_000, id: '' });
  } finally {
    await state.close();
  }
});

// The schedule on a clock turned by hand.
import { expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { silentLogger } from '../kernel/logger.ts';
import { Schedule } from './schedule.ts';

it('runs on time, never twice at once, and does not make up for missed periods', async () => {
  const clock = new ManualClock(0);
  const schedule = new Schedule({ clock, logger: silentLogger });
  let runs = 0;
  let release: () => void = () => undefined;
  schedule.add({
    name: 'job',
    everyMilliseconds: 1000,
    run: () => {
      runs += 1;
      return new Promise((resolve) => (release = resolve));
    },
  });
  await schedule.tick();
  expect(runs).toBe(0);
  clock.advance(5500);
  const running = schedule.tick();
  await schedule.tick();
  expect(runs).toBe(1);
  clock.advance(61_000);
  expect(schedule.states()[0]?.state).toBe('wedged');
  release();
  await running;
  expect(schedule.states()[0]).toMatchObject({ state: 'idle', lastEndedAt: 66_500 });
});

it('keeps the error of a failed run and goes on', async () => {
  const clock = new ManualClock(0);
  const schedule = new Schedule({ clock, logger: silentLogger });
  schedule.add({ name: 'job', everyMilliseconds: 10, run: () => Promise.reject(new Error('no disk')) });
  clock.advance(10);
  await schedule.tick();
  expect(schedule.states()[0]).toMatchObject({ state: 'failed', error: 'no disk' });
});

// What is known of a deployment: its latency smoothed and fading, and how long it asked to be left alone.
import { expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { orderDeployments } from './balance.ts';
import { DeploymentBoard } from './deployment-board.ts';

it('smooths latencies, and lets them fade so that who was slow once is tried again', () => {
  const clock = new ManualClock(0);
  const board = new DeploymentBoard(clock);
  const quick = board.of('quick');
  const slow = board.of('slow');
  expect(quick.latency()).toBeNull();
  quick.noteLatency(100);
  quick.noteLatency(200);
  expect(quick.latency()).toBe(120);
  slow.noteLatency(960);
  const first = (): number | undefined =>
    orderDeployments(
      [quick, slow].map((state) => ({ weight: 1, latencyMs: state.latency(), inFlight: 0 })),
      'least-latency',
      () => 0.5,
    )[0];
  expect(first()).toBe(0);
  for (let minute = 0; minute < 4; minute += 1) {
    clock.advance(60_000);
    quick.noteLatency(120);
  }
  expect(slow.latency()).toBe(60);
  expect(first()).toBe(1);
});

it('leaves a deployment alone as long as it asked, but no longer than a minute', () => {
  const clock = new ManualClock(0);
  const state = new DeploymentBoard(clock).of('d');
  state.leaveAloneFor(5);
  expect([state.admit(), state.askedPause()]).toEqual(['open', 5000]);
  state.leaveAloneFor(86_400);
  expect(state.askedPause()).toBe(60_000);
  clock.advance(60_000);
  expect(state.admit()).toBe('closed');
});

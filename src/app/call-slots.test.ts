// Places for calls: never more than there are, in order, also where one is freed twice.
import { expect, it } from 'vitest';
import { CallSlots } from './call-slots.ts';

const settled = async (promise: Promise<void>): Promise<boolean> =>
  Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);

it('gives no more places than there are, and the next in order', async () => {
  const slots = new CallSlots(2);
  await slots.take();
  await slots.take();
  const [third, fourth] = [slots.take(), slots.take()];
  expect([await settled(third), await settled(fourth)]).toEqual([false, false]);
  slots.free();
  expect([await settled(third), await settled(fourth)]).toEqual([true, false]);
  slots.free();
  expect(await settled(fourth)).toBe(true);
});

it('makes no place of one that is freed twice', async () => {
  const slots = new CallSlots(1);
  await slots.take();
  slots.free();
  slots.free();
  await slots.take();
  expect(await settled(slots.take())).toBe(false);
});

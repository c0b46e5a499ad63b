// Feedback is refused by whose interaction it is about: right for the latest, silent about all others.
import { expect, test } from 'vitest';
import { newId } from '../kernel/ids.ts';
import { InteractionOwners } from './interaction-owners.ts';

test('the latest interactions are known by the key they are of, strangers and those long past are not', () => {
  const owners = new InteractionOwners();
  const ids = Array.from({ length: 200_000 }, (_, index) => newId('int', index));
  for (const [index, id] of ids.entries()) owners.note(id, index % 2 === 0 ? 'key_a' : 'key_b');
  const latest = ids.slice(-16_000);
  const known = new Set(latest.filter((id) => owners.isOfAnother(id, 'key_c')));
  expect(known.size).toBeGreaterThan(0.95 * latest.length);
  for (const [index, id] of latest.entries()) {
    expect(owners.isOfAnother(id, index % 2 === 0 ? 'key_a' : 'key_b')).toBe(false);
    if (known.has(id)) expect(owners.isOfAnother(id, index % 2 === 0 ? 'key_b' : 'key_a')).toBe(true);
  }
  expect(owners.isOfAnother(ids[0] ?? '', 'key_b')).toBe(false);
  for (const stranger of [newId('int', 1), '', 'no id', 'int_ß']) {
    expect(owners.isOfAnother(stranger, 'key_a')).toBe(false);
    expect(owners.isOfAnother(stranger, '')).toBe(false);
  }
});

test('one of more keys than can be told apart forgets the others, and mistakes none for another', () => {
  const owners = new InteractionOwners();
  const first = newId('int', 1);
  owners.note(first, 'key_0');
  for (let key = 1; key <= 65_535; key += 1) owners.note(newId('int', 2), `key_${key}`);
  const last = newId('int', 3);
  owners.note(last, 'key_last');
  expect(owners.isOfAnother(last, 'key_last')).toBe(false);
  expect(owners.isOfAnother(last, 'key_0')).toBe(true);
  expect(owners.isOfAnother(first, 'key_last')).toBe(false);
});

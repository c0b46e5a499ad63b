// Where sensitive requests go.
import { expect, test } from 'vitest';
import { routeSensitive } from './sensitive.ts';

const rules = [
  { name: 'private', when: { sensitive: true }, model: 'vault' },
  { name: 'else', when: {}, model: 'large' },
];
const facts = { because: 'EMAIL_ADDRESS', moderated: ['safe', 'safer'] };

test('a sensitive request goes to the moderated model, and the reason says why', () => {
  expect(routeSensitive({ model: 'large', reason: 'rule "else"', rule: 1 }, rules, facts)).toEqual({
    model: 'safe',
    reason: 'sensitive (EMAIL_ADDRESS) instead of rule "else"',
  });
  expect(routeSensitive(undefined, rules, facts)).toMatchObject({ model: 'safe' });
});

test('a rule for sensitive requests and a moderated choice stand; without a moderated model nothing changes', () => {
  const own = { model: 'vault', reason: 'rule "private"', rule: 0 };
  expect(routeSensitive(own, rules, facts)).toBe(own);
  expect(routeSensitive({ model: 'safer', reason: 'rule "x"', rule: 1 }, rules, facts)).toMatchObject({
    model: 'safer',
  });
  const other = { model: 'large', reason: 'rule "else"', rule: 1 };
  expect(routeSensitive(other, rules, { ...facts, moderated: [] })).toBe(other);
});

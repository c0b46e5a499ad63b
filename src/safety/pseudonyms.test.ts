// Placeholders are stable, and values come back whatever the chunks.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AppliedFinding } from './findings.ts';
import { Pseudonyms } from './pseudonyms.ts';

const finding = (text: string, value: string, type: string): AppliedFinding => ({
  guardrail: 'pii',
  type,
  start: text.indexOf(value),
  end: text.indexOf(value) + value.length,
  score: 1,
  action: 'redact',
});

it('gives one value one placeholder, and restores it', () => {
  const names = new Pseudonyms();
  const text = 'Ann and Bob';
  const replaced = names.replace(text, [finding(text, 'Ann', 'PERSON'), finding(text, 'Bob', 'PERSON')]);
  expect(replaced).toBe('<PERSON_1> and <PERSON_2>');
  expect(names.replace('Bob?', [finding('Bob?', 'Bob', 'PERSON')])).toBe('<PERSON_2>?');
  expect(names.restore('Dear <PERSON_2>, <PERSON_9> and <PERSON_1>')).toBe('Dear Bob, <PERSON_9> and Ann');
});

it('does not give out a placeholder that the text holds by itself', () => {
  const names = new Pseudonyms();
  const text = 'say <PERSON_1> to Ann';
  expect(names.replace(text, [finding(text, 'Ann', 'PERSON')])).toBe('say <PERSON_1> to <PERSON_2>');
  expect(names.restore('<PERSON_1> <PERSON_2>')).toBe('<PERSON_1> Ann');
});

it('restores streams cut anywhere', () => {
  const names = new Pseudonyms();
  names.placeholder('PERSON', 'Ann <3');
  names.placeholder('EMAIL_ADDRESS', 'ann@example.org');
  const text = 'a < b <PERSON_1> <b>, <EMAIL_ADDRESS_1><PERSON_1> <PERSON';
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), text.length];
      const restorer = names.restorer();
      const said = places.slice(1).map((end, index) => restorer.push(text.slice(places[index], end)));
      expect(said.join('') + restorer.finish()).toBe(names.restore(text));
    }),
  );
});

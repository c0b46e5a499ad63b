// The first rule that holds decides, by what people would count as characters and words, and says why.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RoutingRule } from '../contract/snapshot.ts';
import { loadLanguageDetector } from './detect-language.ts';
import { countCharacters, countWords, decideByRules, rulesNeedLanguage, type RoutingFacts } from './rules.ts';

const CLASSIC: readonly RoutingRule[] = [
  { name: 'short and simple', when: { charactersBelow: 50, wordsBelow: 10 }, model: 'small' },
  { name: 'everything else', when: {}, model: 'large' },
];

function facts(text: string, changes: Partial<RoutingFacts> = {}): RoutingFacts {
  return { text, tags: [], keys: [], sensitive: false, workload: 'interactive', ...changes };
}

const noLanguage = (): string => '';

function modelFor(rules: readonly RoutingRule[], given: RoutingFacts): string | undefined {
  return decideByRules(rules, given, noLanguage)?.model;
}

describe('the classic rule', () => {
  it('sends short texts to the small model and says what it saw', () => {
    expect(decideByRules(CLASSIC, facts('What are your hours?'), noLanguage)).toEqual({
      model: 'small',
      reason: 'rule "short and simple" (20 characters, 4 words)',
      rule: 0,
    });
  });

  it.each([
    ['x'.repeat(49), 'small'],
    ['x'.repeat(50), 'large'],
    ['a b c d e f g h i', 'small'],
    ['a b c d e f g h i j', 'large'],
    ['😀'.repeat(49), 'small'],
  ])('%j goes to %s', (text, model) => {
    expect(modelFor(CLASSIC, facts(text))).toBe(model);
  });
});

describe('each condition', () => {
  const rule = (when: RoutingRule['when']): RoutingRule[] => [{ name: 'one', when, model: 'm' }];
  it.each<[RoutingRule['when'], Partial<RoutingFacts>, Partial<RoutingFacts>]>([
    [{ tags: ['a', 'b'] }, { tags: ['b', 'c', 'a'] }, { tags: ['a'] }],
    [{ keys: ['k1', 'mobile'] }, { keys: ['key_1', 'mobile'] }, { keys: ['key_2'] }],
    [{ sensitive: true }, { sensitive: true }, {}],
    [{ sensitive: false }, {}, { sensitive: true }],
    [{ workload: 'batch' }, { workload: 'batch' }, {}],
    [{ charactersAtLeast: 3 }, { text: 'abc' }, { text: 'ab' }],
    [{ wordsAtLeast: 2 }, { text: 'two words' }, { text: 'one' }],
  ])('%j', (when, holds, fails) => {
    expect(modelFor(rule(when), facts('', holds))).toBe('m');
    expect(modelFor(rule(when), facts('', fails))).toBeUndefined();
  });

  it('of language asks the detector, once, and only then', async () => {
    const rules = rule({ languages: ['de', 'fr'] });
    expect([rulesNeedLanguage(rules), rulesNeedLanguage(CLASSIC)]).toEqual([true, false]);
    const detect = await loadLanguageDetector();
    const german = facts('Wo finde ich bitte die Rechnung für meine letzte Bestellung?');
    expect(decideByRules(rules, german, detect)?.reason).toBe('rule "one" (language de)');
    expect(
      decideByRules(rules, facts('Where can I find the invoice for my last order?'), detect),
    ).toBeUndefined();
    let asked = 0;
    decideByRules([...rules, ...rules, ...CLASSIC], german, () => {
      asked += 1;
      return 'en';
    });
    expect(asked).toBe(1);
  });
});

it('counts words as people do, in linear time', () => {
  expect(countWords("don't stop — well-known 3 things")).toBe(5);
  expect(countWords('今日は')).toBe(3);
  expect(countWords('')).toBe(0);
  const started = performance.now();
  countWords("a'".repeat(500_000));
  expect(performance.now() - started).toBeLessThan(1000);
});

it('counts code points', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => countCharacters(text) === Array.from(text).length),
  );
});

it('takes the first rule that holds', () => {
  const model = fc.constantFrom('a', 'b', 'c');
  const rules = fc.array(fc.record({ name: fc.constant('r'), when: fc.constant({}), model }), {
    minLength: 1,
  });
  fc.assert(fc.property(rules, fc.string(), (list, text) => modelFor(list, facts(text)) === list[0]?.model));
});

// Rule routing: the first rule of routing.yaml whose conditions all hold gives the model. Pure: facts in, decision out.
import type { RoutingRule } from '../contract/snapshot.ts';

/** What rules can ask about. */
export interface RoutingFacts {
  /** The caller's question, not the rendered prompt. */
  readonly text: string;
  readonly tags: readonly string[];
  /** Id and name of the key; empty where the gateway runs without keys. */
  readonly keys: readonly string[];
  readonly sensitive: boolean;
  readonly workload: 'interactive' | 'batch';
}

export interface RoutingDecision {
  readonly model: string;
  /** One printable line: the rule's name and what it saw. */
  readonly reason: string;
  /** Index in the list of rules. */
  readonly rule: number;
}

/** ISO 639-1 code of a text's language, or an empty string where it can't be told. */
export type DetectLanguage = (text: string) => string;

/** Words as people count them: runs of letters and digits, with apostrophes and hyphens inside; each Han or kana sign is one. */
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*/gu;

export function countWords(text: string): number {
  let words = 0;
  WORD.lastIndex = 0;
  while (WORD.test(text)) words += 1;
  return words;
}

/** Characters as people count them: code points. */
export function countCharacters(text: string): number {
  let characters = 0;
  for (let index = 0; index < text.length; index += 1) {
    if ((text.charCodeAt(index) & 0xfc00) !== 0xdc00) characters += 1;
  }
  return characters;
}

/** Each measure is taken at most once, and only when a rule asks for it. */
class Measures {
  readonly #text: string;
  readonly #detect: DetectLanguage;
  #characters: number | undefined;
  #words: number | undefined;
  #language: string | undefined;
  constructor(text: string, detect: DetectLanguage) {
    this.#text = text;
    this.#detect = detect;
  }
  characters(): number {
    return (this.#characters ??= countCharacters(this.#text));
  }
  words(): number {
    return (this.#words ??= countWords(this.#text));
  }
  language(): string {
    return (this.#language ??= this.#detect(this.#text));
  }
  seen(): string[] {
    const seen: string[] = [];
    if (this.#characters !== undefined) seen.push(`${this.#characters} characters`);
    if (this.#words !== undefined) seen.push(`${this.#words} words`);
    if (this.#language !== undefined)
      seen.push(`language ${this.#language === '' ? 'unknown' : this.#language}`);
    return seen;
  }
}

function holds(when: RoutingRule['when'], facts: RoutingFacts, measures: Measures): boolean {
  if (when.sensitive !== undefined && when.sensitive !== facts.sensitive) return false;
  if (when.workload !== undefined && when.workload !== facts.workload) return false;
  if (when.tags !== undefined && !when.tags.every((tag) => facts.tags.includes(tag))) return false;
  if (when.keys !== undefined && !when.keys.some((key) => facts.keys.includes(key))) return false;
  if (when.charactersBelow !== undefined && measures.characters() >= when.charactersBelow) return false;
  if (when.charactersAtLeast !== undefined && measures.characters() < when.charactersAtLeast) return false;
  if (when.wordsBelow !== undefined && measures.words() >= when.wordsBelow) return false;
  if (when.wordsAtLeast !== undefined && measures.words() < when.wordsAtLeast) return false;
  return when.languages === undefined || when.languages.includes(measures.language());
}

/** The first rule that holds, or undefined when none does. */
export function decideByRules(
  rules: readonly RoutingRule[],
  facts: RoutingFacts,
  detectLanguage: DetectLanguage,
): RoutingDecision | undefined {
  const measures = new Measures(facts.text, detectLanguage);
  for (const [index, rule] of rules.entries()) {
    if (!holds(rule.when, facts, measures)) continue;
    const seen = measures.seen();
    const reason = `rule "${rule.name}"${seen.length === 0 ? '' : ` (${seen.join(', ')})`}`;
    return { model: rule.model, reason, rule: index };
  }
  return undefined;
}

/** Whether any rule asks for the language, so that the detector need be loaded. */
export function rulesNeedLanguage(rules: readonly RoutingRule[]): boolean {
  return rules.some((rule) => rule.when.languages !== undefined);
}

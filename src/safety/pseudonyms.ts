// Placeholders for personal data that leave for a provider, and back: each value gets one placeholder for a conversation, and the answer,
// streamed or not, gets the values again.
import { redactText, type AppliedFinding } from './findings.ts';

const PLACEHOLDER = /<[A-Z][A-Z_]{1,38}_\d{1,6}>/g;
/** No placeholder is longer; so much may be held back of a stream. */
const LONGEST = 48;

/** The values of one request (or conversation) and their placeholders. Holds personal data: never recorded. */
export class Pseudonyms {
  readonly #byValue = new Map<string, string>();
  readonly #byPlaceholder = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** The placeholder of a value: `<PERSON_1>`, the same for the same value and type. */
  placeholder(type: string, value: string): string {
    const key = `${type}\u0000${value}`;
    const known = this.#byValue.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(type) ?? 0) + 1;
    this.#counts.set(type, count);
    const placeholder = `<${type
      .toUpperCase()
      .replace(/[^A-Z]+/g, '_')
      .slice(0, 38)}_${count}>`;
    this.#byValue.set(key, placeholder);
    this.#byPlaceholder.set(placeholder, value);
    return placeholder;
  }

  /** The text with each finding that is to be redacted replaced by its placeholder. */
  replace(text: string, findings: readonly AppliedFinding[]): string {
    this.#reserve(text);
    return redactText(text, findings, (finding, value) => this.placeholder(finding.type, value));
  }

  /** A text that holds `<PERSON_3>` by itself keeps it: numbers up to it are not given out. */
  #reserve(text: string): void {
    for (const [found] of text.matchAll(PLACEHOLDER)) {
      const [, type, number] = /^<(.+)_(\d+)>$/.exec(found) as RegExpExecArray as unknown as [
        string,
        string,
        string,
      ];
      if (!this.#byPlaceholder.has(found))
        this.#counts.set(type, Math.max(this.#counts.get(type) ?? 0, Number(number)));
    }
  }

  /** The text with values in the places of their placeholders; unknown ones stay. */
  restore(text: string): string {
    return text.replace(PLACEHOLDER, (found) => this.#byPlaceholder.get(found) ?? found);
  }

  /** Restores a stream: push deltas, emit what comes back, and at the end what `finish` gives. */
  restorer(): { push(delta: string): string; finish(): string } {
    let held = '';
    return {
      push: (delta) => {
        const text = held + delta;
        const open = text.lastIndexOf('<');
        const isOpen = open >= 0 && text.length - open < LONGEST && /^<[A-Z_]*\d*$/.test(text.slice(open));
        held = isOpen ? text.slice(open) : '';
        return this.restore(isOpen ? text.slice(0, open) : text);
      },
      finish: () => {
        const rest = this.restore(held);
        held = '';
        return rest;
      },
    };
  }
}

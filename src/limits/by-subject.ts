// What is derived of a rule for one subject, kept from request to request: the same few keys, users and prompts come again and again, and
// names that are put together anew each time cost more than what is counted under them.

/** Subjects come from requests: of so many of one rule the kept ones are all forgotten. */
const MOST_SUBJECTS = 10_000;

export class BySubject<Rule extends object, Value> {
  readonly #kept = new WeakMap<Rule, Map<string, Value>>();
  readonly #make: (rule: Rule, subject: string) => Value;

  constructor(make: (rule: Rule, subject: string) => Value) {
    this.#make = make;
  }

  of(rule: Rule, subject: string): Value {
    let values = this.#kept.get(rule);
    if (values === undefined) this.#kept.set(rule, (values = new Map()));
    const kept = values.get(subject);
    if (kept !== undefined) return kept;
    if (values.size >= MOST_SUBJECTS) values.clear();
    const made = this.#make(rule, subject);
    values.set(subject, made);
    return made;
  }
}

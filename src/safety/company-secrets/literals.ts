// Many literal phrases searched for at once (Aho and Corasick 1975): one step a character, however many phrases there are.

interface Node {
  readonly next: Map<number, Node>;
  fallback: Node | undefined;
  /** Phrases that end here, by their number. */
  readonly ends: number[];
}

const node = (): Node => ({ next: new Map(), fallback: undefined, ends: [] });

export interface LiteralMatch {
  readonly phrase: number;
  readonly start: number;
  readonly end: number;
}

/** Finds every occurrence of each phrase. */
export class LiteralMatcher {
  readonly #root = node();
  readonly #lengths: number[];

  constructor(phrases: readonly string[]) {
    this.#lengths = phrases.map((phrase) => phrase.length);
    phrases.forEach((phrase, number) => {
      let at = this.#root;
      for (let index = 0; index < phrase.length; index += 1) {
        const code = phrase.charCodeAt(index);
        const next = at.next.get(code) ?? node();
        at.next.set(code, next);
        at = next;
      }
      if (at !== this.#root) at.ends.push(number);
    });
    this.#link();
  }

  #link(): void {
    const queue: Node[] = [...this.#root.next.values()];
    for (const child of queue) child.fallback = this.#root;
    for (let head = 0; head < queue.length; head += 1) {
      const at = queue[head] as Node;
      for (const [code, child] of at.next) {
        let back = at.fallback;
        while (back !== undefined && !back.next.has(code)) back = back.fallback;
        child.fallback = back?.next.get(code) ?? this.#root;
        child.ends.push(...child.fallback.ends);
        queue.push(child);
      }
    }
  }

  find(text: string): LiteralMatch[] {
    const matches: LiteralMatch[] = [];
    let at = this.#root;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      while (at !== this.#root && !at.next.has(code)) at = at.fallback as Node;
      at = at.next.get(code) ?? this.#root;
      for (const phrase of at.ends)
        matches.push({ phrase, start: index + 1 - (this.#lengths[phrase] as number), end: index + 1 });
    }
    return matches;
  }
}

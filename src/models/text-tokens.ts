// Tokens of a request's texts. All but the last mostly came with an earlier request already (an application's instructions, the earlier turns
// of a conversation): such a text is counted once, and its count is kept under the text's digest, never the text.
import { hash } from 'node:crypto';
import { SAMPLED_UNITS, sampledTokens } from './sampled-tokens.ts';
import type { Vocabulary } from './tokens.ts';

/** Units (UTF-16) from which on a digest is quicker than the tokenizer. */
const WORTH_KEEPING = 128;
/** Units up to which the texts of one request are digested; more are sampled anew each time. */
const MOST_DIGESTED = 200_000;
/** Counts of one generation: some 200 bytes each. */
const MOST_KEPT = 8192;

/** Counts in two generations: when the young one is full the old one is forgotten, except for what was asked for since. */
class KeptCounts {
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  get(digest: string): number | undefined {
    const young = this.#young.get(digest);
    if (young !== undefined) return young;
    const old = this.#old.get(digest);
    if (old !== undefined) this.set(digest, old);
    return old;
  }

  set(digest: string, tokens: number): void {
    if (this.#young.size >= MOST_KEPT) [this.#old, this.#young] = [this.#young, new Map()];
    this.#young.set(digest, tokens);
  }
}

export class TextTokens {
  readonly #kept: Readonly<Record<Vocabulary, KeptCounts>> = {
    cl100k_base: new KeptCounts(),
    o200k_base: new KeptCounts(),
  };

  /** Tokens of all texts together, high rather than low; in time bounded like that of `sampledTokens`, at most twice as long. */
  count(texts: readonly string[], vocabulary: Vocabulary): number {
    let units = 0;
    for (const text of texts) units += text.length;
    if (units > MOST_DIGESTED) return sampledTokens(texts, vocabulary);
    const rest: string[] = [];
    let tokens = 0;
    let counted = 0;
    for (let index = 0; index < texts.length; index += 1) {
      const text = texts[index] as string;
      // One text of any length, or several short ones, are counted by themselves, to be known next time.
      const effort = Math.min(text.length, SAMPLED_UNITS);
      const known =
        text.length < WORTH_KEEPING || index === texts.length - 1
          ? undefined
          : this.#countOf(text, vocabulary, counted + effort <= SAMPLED_UNITS);
      if (known === undefined) rest.push(text);
      else {
        tokens += known.tokens;
        if (known.isNew) counted += effort;
      }
    }
    return tokens + sampledTokens(rest, vocabulary);
  }

  /** Of one text: as it is kept, or counted where it may be. */
  #countOf(
    text: string,
    vocabulary: Vocabulary,
    mayCount: boolean,
  ): { readonly tokens: number; readonly isNew: boolean } | undefined {
    const kept = this.#kept[vocabulary];
    const digest = hash('sha256', text, 'binary');
    const known = kept.get(digest);
    if (known !== undefined) return { tokens: known, isNew: false };
    if (!mayCount) return undefined;
    const tokens = sampledTokens([text], vocabulary);
    kept.set(digest, tokens);
    return { tokens, isNew: true };
  }
}

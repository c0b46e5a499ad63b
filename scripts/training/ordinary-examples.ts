// Ordinary text without names, shaped as models write it: sentences, lists, headings, amounts, pieces of code. A tagger that has only seen
// short messages takes the numbers, headings and first words of an answer for names.
import { needRows } from './data.ts';
import type { Example } from './name-examples.ts';
import type { Random } from './random.ts';

const OPENERS =
  'Additionally,|However,|Remember,|Overall,|Finally,|Similarly,|Furthermore,|Moreover,|Nevertheless,|Meanwhile,|Therefore,|Consequently,|Interestingly,|Unfortunately,|Fortunately,|Typically,|Generally,|Initially,|Absolutely!|Certainly!|Sure!|Congratulations!|Please note:|Note:|Tip:|Example:|Although|Because|While|Whether|Depending on this,|In short,|In conclusion,|For example,|On the other hand,|As a result,|First,|Second,|Next,|Then'.split(
    '|',
  );
const VERBS =
  'Use|Keep|Place|Rinse|Remove|Add|Mix|Stir|Choose|Avoid|Check|Consider|Create|Define|Analyze|Repeat|Practice|Write|Set|Give|Try|Make|Let|Take|Start|Apply|Combine|Cover|Drain|Heat|Serve|Review|Plan|Read|Open|Press|Select|Identify|Measure|Monitor|Install|Return|Explain|Encourage|Ensure|Develop|Determine|Gently|Carefully|Slowly|Always|Never|Each|Every|Some|Any|Fresh|Soft|Simple|Great'.split(
    '|',
  );
const UNITS =
  'cups|cup|tablespoons|tablespoon|teaspoons|teaspoon|grams|g|kg|ml|minutes|hours|days|weeks|steps|points|pieces|slices|inches|feet|percent|players|questions|times|pounds|ounces|items|degrees'.split(
    '|',
  );
const ACRONYMS =
  'AI|API|HTML|CSS|SQL|PDF|URL|CPU|GPU|DNA|HR|IT|UI|UX|FAQ|CEO|TV|PC|GPS|USB|SEO|KPI|ROI|GDP|JSON|XML|RAM'.split(
    '|',
  );

/** Sentences of the context set in which nothing but the first word has a capital and no word is a known place. */
export function cleanSentences(places: ReadonlySet<string>): string[] {
  const found = new Set<string>();
  for (const row of needRows('grounded.jsonl'))
    for (const sentence of `${row.context}\n${row.answer}`.split(/(?<=[.!?])\s+|\n/)) {
      const text = sentence.trim();
      if (text.length < 25 || text.length > 240 || !/^\p{Lu}\p{Ll}/u.test(text)) continue;
      if (/\d|.\p{Lu}/u.test(text.replaceAll(/\bI\b/g, 'i'))) continue;
      const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
      if (!words.some((word) => places.has(word))) found.add(text);
    }
  return [...found];
}

const title = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const small = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);

/** Composes texts of such sentences and of everyday words. */
export class OrdinaryText {
  readonly #sentences: readonly string[];
  readonly #words: readonly string[];
  readonly #random: Random;

  constructor(sentences: readonly string[], words: Iterable<string>, random: Random) {
    this.#sentences = sentences;
    this.#words = [...words].filter((word) => /^[a-z]{3,12}$/.test(word));
    this.#random = random;
  }

  example(): Example {
    const kinds = [
      () => this.#prose(),
      () => this.#list(),
      () => this.#headed(),
      () => this.#recipe(),
      () => this.#code(),
      () => this.#table(),
    ];
    return { text: this.#random.pick(kinds)(), spans: [] };
  }

  #times<Item>(least: number, most: number, make: (index: number) => Item): Item[] {
    return Array.from({ length: least + this.#random.below(most - least + 1) }, (_, index) => make(index));
  }

  #word(): string {
    return this.#random.pick(this.#words);
  }

  #sentence(): string {
    const sentence = this.#random.pick(this.#sentences);
    if (this.#random.chance(0.25)) return `${this.#random.pick(OPENERS)} ${small(sentence)}`;
    if (this.#random.chance(0.15))
      return `${this.#random.pick(VERBS)} the ${this.#word()} and the ${this.#word()}, as ${small(sentence)}`;
    if (this.#random.chance(0.1))
      return `${title(this.#word())} ${this.#random.pick(['is', 'are', 'can', 'helps', 'and'])} ${small(sentence)}`;
    if (this.#random.chance(0.15)) {
      const acronym = this.#random.pick(ACRONYMS);
      const [one, other] = [this.#word(), this.#word()];
      return this.#random.pick([
        `The ${acronym} ${one}: ${small(sentence)}`,
        `${acronym} can ${one} the ${other}, and ${acronym}-based ${one} is ${small(sentence)}`,
        `How ${acronym} and ${other} ${one}: ${sentence}`,
        `${title(one)} in ${acronym}, with ${acronym} ${other} of ${one}.`,
      ]);
    }
    return sentence;
  }

  #heading(): string {
    const words = this.#times(1, 4, () => title(this.#word()));
    return this.#random.chance(0.3) ? `${words.join(' ')} and ${title(this.#word())}` : words.join(' ');
  }

  #prose(): string {
    const gap = this.#random.pick([' ', ' ', '\n\n', '\n']);
    return this.#times(1, 4, () => this.#sentence()).join(gap);
  }

  #list(): string {
    const from = 1 + this.#random.below(15);
    const mark = this.#random.pick(['.', ')', '. ']);
    return this.#times(2, 5, (index) => `${from + index}${mark} ${this.#item()}`).join('\n');
  }

  #item(): string {
    if (this.#random.chance(0.4))
      return `${this.#random.pick(VERBS)} ${this.#times(2, 5, () => this.#word()).join(' ')}.`;
    if (this.#random.chance(0.5)) return `**${this.#heading()}:** ${this.#sentence()}`;
    return this.#random.chance(0.5) ? this.#sentence() : this.#heading();
  }

  #headed(): string {
    const head = this.#random.pick(['# ', '## ', '**', '']);
    const line = head === '**' ? `**${this.#heading()}**` : `${head}${this.#heading()}`;
    return `${line}${this.#random.pick(['', ':'])}\n${this.#times(1, 3, () => `- ${this.#item()}`).join('\n')}`;
  }

  #amount(): string {
    const number = this.#random.pick([
      String(1 + this.#random.below(12)),
      String(5 * (1 + this.#random.below(70))),
      '1/2',
      '3/4',
      '0.5',
      '2-3',
    ]);
    return `${number} ${this.#random.pick(UNITS)}`;
  }

  #recipe(): string {
    const lines = this.#times(2, 5, () => `- ${this.#amount()} ${this.#word()} ${this.#word()}`).join('\n');
    return `${this.#heading()}\n${lines}\n${this.#random.pick(VERBS)} for ${this.#amount()} at ${this.#amount()}.`;
  }

  #code(): string {
    const [one, other] = [this.#word(), this.#word()];
    return this.#random.pick([
      `def ${one}(${other}):\n    return ${other} + ${this.#random.below(100)}`,
      `const ${one}${title(other)} = [${this.#times(2, 6, () => this.#random.below(300)).join(', ')}];`,
      `if (${one} === ${this.#random.below(20)}) { ${one}.${other}(); }`,
      `${one}_${other} = {'${one}': True, '${other}': False}\nprint(${one}_${other})`,
      `${this.#random.below(20)} + ${this.#random.below(90)} = ${this.#random.below(200)}`,
      `import ${one}\nfor ${other} in range(${this.#random.below(30)}):\n    ${one}.${other}(${this.#random.below(9)})`,
    ]);
  }

  #table(): string {
    return this.#times(
      1,
      4,
      () => `| ${this.#heading()} | ${this.#random.below(100)} | ${this.#word()} |`,
    ).join('\n');
  }
}

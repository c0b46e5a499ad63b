// Tokens as google-research's rouge_score makes them (tokenize.py): lower case, runs of a-z and 0-9, words over three letters stemmed
// where a stemmer is asked for.
import { porterStem } from './porter-stemmer.ts';

export function rougeTokens(text: string, stem: boolean): string[] {
  const tokens = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return stem ? tokens.map((token) => (token.length > 3 ? porterStem(token) : token)) : tokens;
}

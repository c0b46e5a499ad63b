// Tokens as sacreBLEU makes them: `13a` (mteval-v13a.pl, the default), `intl` (mteval-v14 international) and `none`.

export type BleuTokenizer = '13a' | 'intl' | 'none';

/** What Python's str.split() splits at, but for four control characters. */
const SPACE = /[\s\u0085]+/u;

export function bleuTokens(segment: string, tokenizer: BleuTokenizer): string[] {
  return (tokenizer === '13a' ? spaced13a(segment) : tokenizer === 'intl' ? spacedIntl(segment) : segment)
    .split(SPACE)
    .filter((token) => token !== '');
}

function spaced13a(segment: string): string {
  const unescaped = segment
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return ` ${unescaped} `
    .replaceAll(/([{-~[-` -&(-+:-@/])/gu, ' $1 ')
    .replaceAll(/([^0-9])([.,])/gu, '$1 $2 ')
    .replaceAll(/([.,])([^0-9])/gu, ' $1 $2')
    .replaceAll(/([0-9])(-)/gu, '$1 $2 ');
}

function spacedIntl(segment: string): string {
  return segment
    .replaceAll(/(\P{N})(\p{P})/gu, '$1 $2 ')
    .replaceAll(/(\p{P})(\P{N})/gu, ' $1 $2')
    .replaceAll(/(\p{S})/gu, ' $1 ');
}

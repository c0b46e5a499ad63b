// A cheap guess of the tokens of a request, for what it may cost before the call: no vocabulary, in time that does not grow with the text, high
// rather than low.
import type { CanonicalRequest, Part } from '../contract/canonical.ts';

/** What OpenAI bills for a large picture in high detail, near enough for a reservation. */
const IMAGE_TOKENS = 1_105;
/** Role, name and separators around a message. */
const MESSAGE_TOKENS = 4;

/** Eighteenths of a token by a character of ASCII: letters and spaces 1 / 3.6, digits 1 / 2, line ends and punctuation 1. */
const EIGHTEENTHS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z ]/.test(character)) return 5;
  return /\d/.test(character) ? 9 : 18;
});

/** Characters of a text that are looked at, one from each of as many equal stretches. */
const LOOKED_AT = 256;
/** Where in its stretch: by the golden ratio, so that no rhythm of a text goes along with it. */
const PLACES = Float64Array.from({ length: LOOKED_AT }, (_, index) => index + ((index * 0.618_034) % 1));

/**
 * Tokens a text takes at most, nearly always: letters and spaces / 3.6, digits / 2, line ends and punctuation by the piece, one each for
 * characters beyond ASCII. Against cl100k_base on 7,000 real prompts: at or above the count for 95 %, 1.35 times it in the mean.
 */
export function estimateTextTokens(text: string): number {
  let eighteenths = 0;
  if (text.length <= LOOKED_AT) {
    for (let index = 0; index < text.length; index += 1)
      eighteenths += EIGHTEENTHS[text.charCodeAt(index)] ?? 18;
    return Math.ceil(eighteenths / 18);
  }
  const stretch = text.length / LOOKED_AT;
  for (let index = 0; index < LOOKED_AT; index += 1)
    eighteenths += EIGHTEENTHS[text.charCodeAt(Math.trunc((PLACES[index] as number) * stretch))] ?? 18;
  return Math.ceil((eighteenths * stretch) / 18);
}

type Prompt = Pick<CanonicalRequest, 'messages'> &
  Partial<Pick<CanonicalRequest, 'tools' | 'responseFormat'>>;

/** Prompt tokens of a request: messages, tools and response format. */
export function estimateRequestTokens(request: Prompt): number {
  let total = estimateTokensBesideText(request);
  for (const { parts } of request.messages)
    for (const part of parts) if (part.type === 'text') total += estimateTextTokens(part.text);
  return total;
}

/** The same without the texts of its messages, for a caller that counts those. */
export function estimateTokensBesideText(request: Prompt): number {
  let total = 3;
  for (const { parts } of request.messages) {
    total += MESSAGE_TOKENS;
    for (const part of parts) if (part.type !== 'text') total += estimatePartTokens(part);
  }
  if (request.tools !== undefined && request.tools.length > 0)
    total += estimateTextTokens(JSON.stringify(request.tools));
  if (request.responseFormat?.type === 'json-schema')
    total += estimateTextTokens(JSON.stringify(request.responseFormat.schema) ?? '');
  return total;
}

function estimatePartTokens(part: Part): number {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return estimateTextTokens(part.text);
    case 'tool-call':
      return estimateTextTokens(part.name) + estimateTextTokens(part.arguments) + MESSAGE_TOKENS;
    case 'tool-result':
      return part.parts.reduce((total, inner) => total + estimatePartTokens(inner), MESSAGE_TOKENS);
    case 'image':
      return IMAGE_TOKENS;
    case 'audio':
      return Math.ceil(part.data.length / 200);
    case 'document':
      return part.source.kind === 'base64' ? Math.ceil(part.source.data.length / 12) : IMAGE_TOKENS;
    case 'opaque':
    default:
      return estimateTextTokens(JSON.stringify(part.native.value) ?? '');
  }
}

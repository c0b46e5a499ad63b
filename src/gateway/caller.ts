// Of whom a request is, as limits and budgets count it, and how many tokens it brings.
import type { CanonicalRequest } from '../contract/canonical.ts';
import type { Caller } from '../limits/subjects.ts';
import type { Weighing } from '../limits/weighing.ts';
import type { Asker } from '../safety/guardrail.ts';
import { estimateRequestTokens, estimateTokensBesideText } from '../models/estimate-tokens.ts';
import { TextTokens } from '../models/text-tokens.ts';
import { hasOwnVocabulary, vocabularyOf, type Vocabulary } from '../models/tokens.ts';
import type { Exchange } from './exchange.ts';
import type { ServingModel } from './serving-snapshot.ts';

export function callerOf({ asker, key, request, prompt, snapshot }: Exchange): Caller {
  const { name: workspace } = snapshot.snapshot.workspace;
  if (asker !== null) return { ...asker, workspace };
  return {
    workspace,
    keyId: key?.id ?? '',
    keyName: key?.name ?? '',
    user: request.endUser ?? '',
    prompt: prompt?.name ?? '',
  };
}

/** As guardrails tell it to the models they ask. */
export function askerOf(exchange: Exchange): Asker {
  return { ...callerOf(exchange), version: exchange.prompt?.version ?? '' };
}

/** Beyond those of the estimate, high rather than low: vendors put marks of their own around each message. */
const MARKS_AROUND_MESSAGE = 4;
/** Other vendors' tokenizers take more, by how much depends on the text: as far above the count as the estimate is in the mean. */
const OTHER_VOCABULARIES = 1.35;

function textsOf({ messages }: CanonicalRequest): string[] {
  const texts: string[] = [];
  for (const { parts } of messages) for (const part of parts) if (part.type === 'text') texts.push(part.text);
  return texts;
}

const textTokens = new TextTokens();

/** Of all texts by the tokenizer of a model; once a vocabulary, and anew where a guardrail wrote something else in their place. */
function countedTokens(exchange: Exchange, vocabulary: Vocabulary): number {
  const { messages } = exchange.request;
  if (exchange.counted?.vocabulary !== vocabulary || exchange.counted.messages !== messages)
    exchange.counted = {
      messages,
      vocabulary,
      tokens: textTokens.count(textsOf(exchange.request), vocabulary),
    };
  return exchange.counted.tokens;
}

/** Bytes of all texts: every token stands for a byte at least. Some four times what they take. */
function textBytes({ messages }: CanonicalRequest): number {
  let bytes = 0;
  for (const { parts } of messages)
    for (const part of parts) if (part.type === 'text') bytes += Buffer.byteLength(part.text);
  return bytes;
}

/**
 * Prompt tokens on a model, high rather than low: its texts as they are weighed (counted: by the tokenizer, more of them where the model's own is
 * not known), and the rest by the estimate.
 */
export function promptTokens(
  exchange: Exchange,
  model: ServingModel | undefined,
  weighing: Weighing,
): number {
  const { request } = exchange;
  if (weighing === 'estimated' && exchange.counted === null) return estimateRequestTokens(request);
  const beside = MARKS_AROUND_MESSAGE * request.messages.length + estimateTokensBesideText(request);
  if (weighing === 'bounded') return textBytes(request) + beside;
  const upstream = model?.deployments[0]?.target.upstreamModel ?? '';
  const counted = countedTokens(exchange, vocabularyOf(upstream));
  return (hasOwnVocabulary(upstream) ? counted : Math.ceil(counted * OTHER_VOCABULARIES)) + beside;
}

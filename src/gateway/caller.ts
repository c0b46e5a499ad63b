// Of whom a request is, as limits and budgets count it, and how many tokens it brings.
import type { CanonicalRequest } from '../contract/canonical.ts';
import { subjectOf, type Caller } from '../limits/subjects.ts';
import type { Asker } from '../safety/guardrail.ts';
import { estimateRequestTokens } from '../models/estimate-tokens.ts';
import { sampledTokens } from '../models/sampled-tokens.ts';
import { vocabularyOf } from '../models/tokens.ts';
import type { Exchange } from './exchange.ts';

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

function textsOf({ messages }: CanonicalRequest): string[] {
  return messages.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])));
}

/** Whether a count decides something for this request, so that the tokenizer is asked beside the estimate. */
function isCountNeeded(exchange: Exchange): boolean {
  const { limits, budgets } = exchange.snapshot.snapshot;
  if (limits.length === 0 && budgets.length === 0) return false;
  const caller = callerOf(exchange);
  return (
    limits.some((rule) => rule.tokensPerMinute !== null && subjectOf(rule, caller) !== null) ||
    budgets.some((rule) => rule.hard && subjectOf(rule, caller) !== null)
  );
}

/**
 * Prompt tokens, once an exchange: an estimate that is high rather than low, and where a limit or a hard budget goes by it the tokenizer's
 * count if that is higher.
 */
export function promptTokens(exchange: Exchange): number {
  if (exchange.promptTokens !== null) return exchange.promptTokens;
  let tokens = estimateRequestTokens(exchange.request);
  if (isCountNeeded(exchange)) {
    const model = exchange.snapshot.models.get(exchange.route?.model ?? exchange.request.model ?? '');
    const upstream = model?.deployments[0]?.target.upstreamModel ?? '';
    tokens = Math.max(
      tokens,
      sampledTokens(textsOf(exchange.request), vocabularyOf(upstream)) + 8 * exchange.request.messages.length,
    );
  }
  exchange.promptTokens = tokens;
  return tokens;
}

// A raw usage object whose format nobody named: told by its keys.
import type { UsageDetail } from '../../contract/usage.ts';
import { readAnthropicUsage } from './anthropic.ts';
import { readChatUsage } from './chat.ts';
import { isObject } from './counts.ts';
import { readGoogleUsage } from './google.ts';
import { readResponsesUsage } from './responses.ts';

const ANTHROPIC_KEYS = [
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'cache_creation',
  'server_tool_use',
  'iterations',
] as const;

/** Reads a usage object of any of the four formats; null when it is none of them or a count is not a whole, non-negative number. */
export function readAnyUsage(raw: unknown): UsageDetail | null {
  if (!isObject(raw)) return null;
  const has = (key: string): boolean => Object.hasOwn(raw, key);
  if (has('prompt_tokens') || has('completion_tokens')) return readChatUsage(raw);
  if (has('input_tokens') || has('output_tokens'))
    return ANTHROPIC_KEYS.some(has) || hasThinking(raw['output_tokens_details'])
      ? readAnthropicUsage(raw)
      : readResponsesUsage(raw);
  return readGoogleUsage(raw);
}

function hasThinking(details: unknown): boolean {
  return isObject(details) && Object.hasOwn(details, 'thinking_tokens');
}

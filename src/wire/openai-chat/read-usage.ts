// Reads the usage object of chat completions, and of all who copy it, into disjoint classes.
import type { UsageDetail } from '../../contract/usage.ts';
import { countOf, isRecord } from '../read-json.ts';

/**
 * Null for what is not a usage object. Prompt tokens include cache reads and writes. Completion tokens include reasoning at OpenAI,
 * DeepSeek and most others, but not at xAI; the vendor's own total tells the two apart: when it equals prompt + completion +
 * reasoning, reasoning stands beside completion.
 */
export function readChatUsage(raw: unknown): UsageDetail | null {
  if (!isRecord(raw)) return null;
  const prompt = countOf(raw['prompt_tokens']);
  const completion = countOf(raw['completion_tokens']);
  if (!('prompt_tokens' in raw) && !('completion_tokens' in raw)) return null;
  const promptDetails = isRecord(raw['prompt_tokens_details']) ? raw['prompt_tokens_details'] : {};
  const details = isRecord(raw['completion_tokens_details']) ? raw['completion_tokens_details'] : {};
  const cacheRead = Math.min(
    prompt,
    countOf(promptDetails['cached_tokens'] ?? raw['prompt_cache_hit_tokens'] ?? raw['cached_tokens']),
  );
  const cacheWrite = Math.min(
    prompt - cacheRead,
    countOf(promptDetails['cache_write_tokens'] ?? promptDetails['cache_creation_tokens']),
  );
  const reasoning = countOf(details['reasoning_tokens'] ?? raw['reasoning_tokens']);
  const total = countOf(raw['total_tokens']);
  const isBeside = reasoning > completion || (reasoning > 0 && total === prompt + completion + reasoning);
  return {
    usage: {
      input: prompt - cacheRead - cacheWrite,
      cache_read: cacheRead,
      cache_write: cacheWrite,
      output: isBeside ? completion : completion - reasoning,
      reasoning,
    },
    raw,
  };
}

/** Writes disjoint classes back as a chat-completions usage object. */
export function writeChatUsage(detail: UsageDetail): unknown {
  const { input, cache_read, cache_write, output, reasoning } = detail.usage;
  const prompt = input + cache_read + cache_write;
  const completion = output + reasoning;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cache_read, cache_write_tokens: cache_write },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

// Writes usage as chat completions count it: totals that contain their parts.
import type { UsageDetail } from '../../contract/usage.ts';

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

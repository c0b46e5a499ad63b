// Usage of the chat-completions format and its dialects (DeepSeek, xAI, Groq, Mistral, Moonshot, OpenRouter, Perplexity, vLLM, …).
import type { UsageDetail } from '../../contract/usage.ts';
import { countAt, disjoint, firstCount, partsOf, readOrNull } from './counts.ts';

const CACHE_READ = [
  ['prompt_tokens_details', 'cached_tokens'],
  ['prompt_cache_hit_tokens'], // DeepSeek
  ['cached_tokens'], // Moonshot
  ['cached_prompt_text_tokens'], // xAI, older
  ['num_cached_tokens'], // Mistral
  ['cache_read_input_tokens'], // proxies in front of Anthropic
] as const;

const CACHE_WRITE = [
  ['prompt_tokens_details', 'cache_write_tokens'],
  ['prompt_tokens_details', 'cache_creation_tokens'],
  ['cache_creation_input_tokens'],
] as const;

const REASONING = [['completion_tokens_details', 'reasoning_tokens'], ['reasoning_tokens']] as const;

/** Reads the `usage` object of a chat completion, a completion or an embedding; null when it holds no readable counts. */
export function readChatUsage(raw: unknown): UsageDetail | null {
  return readOrNull(raw, (usage) => {
    const prompt = countAt(usage, 'prompt_tokens');
    const completion = countAt(usage, 'completion_tokens');
    if (prompt === undefined && completion === undefined) return null;
    return {
      usage: disjoint({
        prompt: prompt ?? 0,
        completion: completion ?? 0,
        cacheRead: firstCount(usage, CACHE_READ) ?? 0,
        cacheWrite: firstCount(usage, CACHE_WRITE) ?? 0,
        reasoning: firstCount(usage, REASONING) ?? 0,
        total: countAt(usage, 'total_tokens'),
      }),
      ...partsOf({
        inputAudio: countAt(usage, 'prompt_tokens_details', 'audio_tokens'),
        outputAudio: countAt(usage, 'completion_tokens_details', 'audio_tokens'),
      }),
      raw,
    };
  });
}

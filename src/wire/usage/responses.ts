// Usage of OpenAI's Responses format (and of its image endpoints, which count in the same words).
import type { UsageDetail } from '../../contract/usage.ts';
import { countAt, disjoint, firstCount, partsOf, readOrNull } from './counts.ts';

/** Reads the `usage` object of a response; null when it holds no readable counts. */
export function readResponsesUsage(raw: unknown): UsageDetail | null {
  return readOrNull(raw, (usage) => {
    const input = countAt(usage, 'input_tokens');
    const output = countAt(usage, 'output_tokens');
    if (input === undefined && output === undefined) return null;
    return {
      usage: disjoint({
        prompt: input ?? 0,
        completion: output ?? 0,
        cacheRead: countAt(usage, 'input_tokens_details', 'cached_tokens') ?? 0,
        cacheWrite:
          firstCount(usage, [
            ['input_tokens_details', 'cache_write_tokens'],
            ['input_tokens_details', 'cache_creation_tokens'],
          ]) ?? 0,
        reasoning: countAt(usage, 'output_tokens_details', 'reasoning_tokens') ?? 0,
        total: countAt(usage, 'total_tokens'),
      }),
      ...partsOf({
        inputAudio: countAt(usage, 'input_tokens_details', 'audio_tokens'),
        inputImage: countAt(usage, 'input_tokens_details', 'image_tokens'),
        outputAudio: countAt(usage, 'output_tokens_details', 'audio_tokens'),
        outputImage: countAt(usage, 'output_tokens_details', 'image_tokens'),
      }),
      raw,
    };
  });
}

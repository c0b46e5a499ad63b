// Usage of Google's generateContent format (`usageMetadata`) and of its Interactions format (`total_input_tokens`, …). Thoughts are
// beside the candidates, prompt tokens of tool use beside the prompt, cached tokens inside it.
import type { UsageDetail } from '../../contract/usage.ts';
import { countAt, isObject, partsOf, readOrNull } from './counts.ts';
import type { RawObject } from './counts.ts';

/** Reads a `usageMetadata` object; null when it holds no readable counts (a stream's early chunks carry only `trafficType`). */
export function readGoogleUsage(raw: unknown): UsageDetail | null {
  return readOrNull(raw, (usage) =>
    'total_input_tokens' in usage || 'total_output_tokens' in usage
      ? readInteractions(usage)
      : readMetadata(usage),
  );
}

function readMetadata(usage: RawObject): UsageDetail | null {
  const prompt = countAt(usage, 'promptTokenCount');
  const candidates = countAt(usage, 'candidatesTokenCount');
  const thoughts = countAt(usage, 'thoughtsTokenCount');
  const toolUse = countAt(usage, 'toolUsePromptTokenCount') ?? 0;
  if (prompt === undefined && candidates === undefined && thoughts === undefined) return null;
  const input = (prompt ?? 0) + toolUse;
  const cached = Math.min(countAt(usage, 'cachedContentTokenCount') ?? 0, input);
  const modality = (list: string, name: string): number => modalityOf(usage[list], name);
  return {
    usage: {
      input: input - cached,
      cache_read: cached,
      cache_write: 0,
      output: candidates ?? 0,
      reasoning: thoughts ?? 0,
    },
    ...partsOf({
      inputAudio: modality('promptTokensDetails', 'AUDIO') + modality('toolUsePromptTokensDetails', 'AUDIO'),
      inputImage: modality('promptTokensDetails', 'IMAGE') + modality('toolUsePromptTokensDetails', 'IMAGE'),
      cacheReadAudio: modality('cacheTokensDetails', 'AUDIO'),
      cacheReadImage: modality('cacheTokensDetails', 'IMAGE'),
      outputAudio: modality('candidatesTokensDetails', 'AUDIO'),
      outputImage: modality('candidatesTokensDetails', 'IMAGE'),
    }),
    raw: usage,
  };
}

function readInteractions(usage: RawObject): UsageDetail {
  const input = (countAt(usage, 'total_input_tokens') ?? 0) + (countAt(usage, 'total_tool_use_tokens') ?? 0);
  const cached = Math.min(countAt(usage, 'total_cached_tokens') ?? 0, input);
  return {
    usage: {
      input: input - cached,
      cache_read: cached,
      cache_write: 0,
      output: countAt(usage, 'total_output_tokens') ?? 0,
      reasoning: countAt(usage, 'total_thought_tokens') ?? 0,
    },
    raw: usage,
  };
}

function modalityOf(list: unknown, name: string): number {
  if (!Array.isArray(list)) return 0;
  return list
    .filter((entry): entry is RawObject => isObject(entry) && entry['modality'] === name)
    .reduce((total, entry) => total + (countAt(entry, 'tokenCount') ?? 0), 0);
}

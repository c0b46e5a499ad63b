// Usage of Anthropic's Messages format. Its classes of input are disjoint already; thinking is inside the output.
import type { UsageDetail } from '../../contract/usage.ts';
import { countAt, isObject, readOrNull } from './counts.ts';
import type { RawObject } from './counts.ts';

/** Iterations that the model asked for ran itself. An `advisor_message` is another model's, at that model's price. */
const OWN_ITERATIONS: ReadonlySet<unknown> = new Set(['message', 'compaction']);

/**
 * Reads the `usage` object of a message; null when it holds no readable counts. Where a request was compacted, the top-level counts
 * leave the compaction out although it is billed: the iterations are summed (Anthropic, "Compaction", on `usage.iterations`).
 */
export function readAnthropicUsage(raw: unknown): UsageDetail | null {
  return readOrNull(raw, (usage) => {
    if (countAt(usage, 'input_tokens') === undefined && countAt(usage, 'output_tokens') === undefined)
      return null;
    const billed = iterationsOf(usage);
    const sum = (...path: string[]): number =>
      billed.reduce((total, each) => total + (countAt(each, ...path) ?? 0), 0);
    const output = sum('output_tokens');
    const reasoning = Math.min(countAt(usage, 'output_tokens_details', 'thinking_tokens') ?? 0, output);
    const fiveMinutes = sum('cache_creation', 'ephemeral_5m_input_tokens');
    const oneHour = sum('cache_creation', 'ephemeral_1h_input_tokens');
    const webSearches = countAt(usage, 'server_tool_use', 'web_search_requests') ?? 0;
    return {
      usage: {
        input: sum('input_tokens'),
        cache_read: sum('cache_read_input_tokens'),
        cache_write: Math.max(sum('cache_creation_input_tokens'), fiveMinutes + oneHour),
        output: output - reasoning,
        reasoning,
      },
      ...(oneHour > 0 ? { cacheWriteOneHour: oneHour } : {}),
      ...(webSearches > 0 ? { webSearches } : {}),
      raw,
    };
  });
}

function iterationsOf(usage: RawObject): readonly RawObject[] {
  const listed = Array.isArray(usage['iterations']) ? usage['iterations'].filter(isObject) : [];
  if (listed.some((each) => each['type'] === 'fallback_message')) return [usage];
  const own = listed.filter((each) => OWN_ITERATIONS.has(each['type']));
  return own.length === 0 ? [usage] : own;
}

// Reading counts out of a vendor's usage object, and the one arithmetic by which totals that contain one another become disjoint
// classes. A count that is not a whole, non-negative number makes the whole usage unreadable: a guess would be billed.
import type { UsageDetail, UsageParts } from '../../contract/usage.ts';

/** A vendor's object, unread. */
export type RawObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is RawObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Thrown inside a reader, turned into null by `readOrNull`. */
class UnreadableCount extends Error {}

/** The count at a key: undefined where absent or null. */
export function countAt(object: unknown, ...path: readonly string[]): number | undefined {
  let value = object;
  for (const key of path) {
    if (value === undefined || value === null) return undefined;
    if (!isObject(value)) throw new UnreadableCount();
    value = Object.hasOwn(value, key) ? value[key] : undefined;
  }
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new UnreadableCount();
  return value;
}

/** The first of several spellings that is there. */
export function firstCount(object: unknown, paths: readonly (readonly string[])[]): number | undefined {
  let found: number | undefined;
  for (const path of paths) found ??= countAt(object, ...path);
  return found;
}

/** Runs a reader; null when it met a count that can't be one. */
export function readOrNull(raw: unknown, read: (raw: RawObject) => UsageDetail | null): UsageDetail | null {
  if (!isObject(raw)) return null;
  try {
    return read(raw);
  } catch (error) {
    if (error instanceof UnreadableCount) return null;
    throw error;
  }
}

/** Counts as OpenAI's formats give them: the prompt with what was cached in it, the completion with its reasoning (mostly) in it. */
export interface InclusiveCounts {
  readonly prompt: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly completion: number;
  readonly reasoning: number;
  readonly total: number | undefined;
}

/**
 * Disjoint classes from inclusive counts. Dialects differ in what is inside what; `total` tells them apart: where prompt + completion +
 * reasoning make up the total (xAI), reasoning is not in the completion; likewise for cache tokens beside the prompt.
 */
export function disjoint(counts: InclusiveCounts): UsageDetail['usage'] {
  const { prompt, completion, reasoning, total, cacheRead, cacheWrite } = counts;
  const cached = cacheRead + cacheWrite;
  const cacheBeside = cached > prompt && total !== undefined && total >= prompt + cached + completion;
  const promptTotal = prompt + (cacheBeside ? cached : 0);
  const read = Math.min(cacheRead, promptTotal);
  const write = Math.min(cacheWrite, promptTotal - read);
  const reasoningBeside =
    reasoning > completion || (reasoning > 0 && total === promptTotal + completion + reasoning);
  return {
    input: promptTotal - read - write,
    cache_read: read,
    cache_write: write,
    output: reasoningBeside ? completion : completion - reasoning,
    reasoning,
  };
}

/** `parts` without its zeroes; nothing when all are. */
export function partsOf(parts: { readonly [K in keyof UsageParts]?: number | undefined }): {
  parts?: UsageParts;
} {
  const kept = Object.fromEntries(
    Object.entries(parts).filter(([, count]) => count !== undefined && count > 0),
  ) as UsageParts;
  return Object.keys(kept).length === 0 ? {} : { parts: kept };
}

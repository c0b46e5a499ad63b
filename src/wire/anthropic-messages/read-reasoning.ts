// Anthropic's `thinking` and `output_config.effort` as the canonical reasoning request.
import type { ReasoningRequest } from '../../contract/canonical.ts';
import { isRecord, optionalInteger } from '../read-json.ts';

const KNOWN: ReadonlySet<string> = new Set(['type', 'budget_tokens', 'display']);

/** `display` of a canonical summary wish, as a field to spread. */
export function displayOf(summary: string | undefined): { display?: string } {
  if (summary === undefined) return {};
  return { display: summary === 'none' ? 'omitted' : 'summarized' };
}

function summaryOf(display: unknown): { summary?: string } | undefined {
  if (display === undefined || display === null) return {};
  if (display === 'omitted') return { summary: 'none' };
  return display === 'summarized' ? { summary: 'auto' } : undefined;
}

/**
 * Reads both fields. `undefined` where nothing is asked; `'unreadable'` where `thinking` says something that has no canonical word, so
 * that it must travel as it is. Throws a RequestError for a `budget_tokens` that is no whole number.
 */
export function readReasoning(
  thinking: unknown,
  effort: unknown,
): ReasoningRequest | 'unreadable' | undefined {
  const effortField = typeof effort === 'string' ? { effort } : {};
  if (thinking === undefined || thinking === null) return typeof effort === 'string' ? { effort } : undefined;
  if (!isRecord(thinking)) return 'unreadable';
  const summary = summaryOf(thinking['display']);
  if (summary === undefined || !Object.keys(thinking).every((key) => KNOWN.has(key))) return 'unreadable';
  switch (thinking['type']) {
    case 'disabled':
      return { effort: 'none' };
    case 'adaptive':
      return { ...effortField, ...summary };
    case 'enabled': {
      const budgetTokens = optionalInteger(
        thinking['budget_tokens'],
        'thinking.budget_tokens',
        1,
        1_000_000_000,
      );
      return budgetTokens === undefined ? 'unreadable' : { ...effortField, budgetTokens, ...summary };
    }
    default:
      return 'unreadable';
  }
}

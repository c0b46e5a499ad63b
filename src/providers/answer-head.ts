// Which headers of a vendor's answer are recorded or passed on: an allow-list, everything else stays here.
import type { AnswerHead } from './provider.ts';

const PASSED: ReadonlySet<string> = new Set([
  'request-id',
  'x-request-id',
  'apim-request-id',
  'openai-processing-ms',
  'openai-version',
  'retry-after',
  'retry-after-ms',
]);
const PASSED_PREFIXES = ['x-ratelimit-', 'anthropic-ratelimit-'] as const;
const MAX_VALUE_CHARACTERS = 500;

function isPassed(name: string): boolean {
  return PASSED.has(name) || PASSED_PREFIXES.some((prefix) => name.startsWith(prefix));
}

export function answerHeadOf(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): AnswerHead {
  const kept: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === 'string' && value.length <= MAX_VALUE_CHARACTERS && isPassed(name))
      kept[name] = value;
  }
  return { status, headers: kept };
}

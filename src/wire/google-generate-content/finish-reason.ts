// Why a candidate ended, from Google's `finishReason` to the canonical word.
import type { FinishReason } from '../../contract/canonical.ts';

const READ: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  CONTINUATION: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  LANGUAGE: 'error',
  MALFORMED_FUNCTION_CALL: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  TOO_MANY_TOOL_CALLS: 'error',
};

/** The canonical reason. Google says `STOP` also where the caller must run tools: those are told by `hasCalls`. */
export function readFinishReason(reason: string, hasCalls: boolean): FinishReason {
  const read = Object.hasOwn(READ, reason) ? (READ[reason] as FinishReason) : 'unknown';
  return read === 'stop' && hasCalls ? 'tool-calls' : read;
}

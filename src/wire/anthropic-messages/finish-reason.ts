// Why an answer ended, between Anthropic's `stop_reason` and the canonical word.
import type { FinishReason } from '../../contract/canonical.ts';

const READ: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  refusal: 'refusal',
  pause_turn: 'pause',
};

const WRITTEN: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
  error: 'end_turn',
  unknown: 'end_turn',
};

/** The canonical reason; `unknown` for a word that is not documented. */
export function readStopReason(reason: unknown): FinishReason {
  return typeof reason === 'string' && Object.hasOwn(READ, reason)
    ? (READ[reason] as FinishReason)
    : 'unknown';
}

/** The `stop_reason` for an answer that came from elsewhere. */
export function writeStopReason(reason: FinishReason): string {
  return WRITTEN[reason];
}

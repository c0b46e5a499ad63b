// Finish reasons of chat completions and their canonical names, both ways.
import type { FinishReason } from '../../contract/canonical.ts';

const READ: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  eos: 'stop',
  length: 'length',
  model_length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  error: 'error',
  insufficient_system_resource: 'error',
};

const WRITTEN: Record<FinishReason, string> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  refusal: 'stop',
  pause: 'stop',
  error: 'stop',
  unknown: 'stop',
};

export function readFinishReason(word: string): FinishReason {
  return Object.hasOwn(READ, word) ? (READ[word] as FinishReason) : 'unknown';
}

export function writeFinishReason(reason: FinishReason): string {
  return WRITTEN[reason];
}

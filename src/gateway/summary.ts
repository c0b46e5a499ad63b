// Gathers what is known of an answer while it goes by: text, refusal, tool calls, finish reason, usage. The same for both forms.
import type { CanonicalEvent, CanonicalResponse, Part, StreamChunk } from '../contract/canonical.ts';
import type { AnswerSummary } from './exchange.ts';

/** Text kept of one answer, UTF-16 units: enough for any recording, bounded against endless ones. */
const MAX_TEXT = 4 * 1024 * 1024;

function addPart(summary: AnswerSummary, part: Part): void {
  if (part.type === 'text') summary.text += part.text;
  else if (part.type === 'refusal') summary.refusal += part.text;
  else if (part.type === 'tool-call') summary.toolCalls.push({ name: part.name, arguments: part.arguments });
}

export function summariseResponse(summary: AnswerSummary, response: CanonicalResponse): void {
  summary.model = response.model;
  summary.fingerprint = response.fingerprint ?? null;
  summary.usage = response.usage;
  for (const choice of response.choices) {
    summary.finishReason = choice.finishReason;
    for (const part of choice.parts) addPart(summary, part);
  }
}

function addToolText(summary: AnswerSummary, text: string): void {
  const call = summary.toolCalls.at(-1);
  if (call !== undefined && call.arguments.length < MAX_TEXT) call.arguments += text;
}

function addEvent(summary: AnswerSummary, event: CanonicalEvent): void {
  switch (event.type) {
    case 'start':
      summary.model = event.model;
      summary.fingerprint = event.fingerprint ?? null;
      return;
    case 'text-delta':
      if (summary.text.length < MAX_TEXT) summary.text += event.text;
      return;
    case 'refusal-delta':
      summary.refusal += event.text;
      return;
    case 'tool-call-start':
      summary.toolCalls.push({ name: event.name, arguments: '' });
      return;
    case 'tool-call-delta':
      return addToolText(summary, event.arguments);
    case 'usage':
      summary.usage = event.usage;
      return;
    case 'finish':
      summary.finishReason = event.reason;
      return;
    case 'reasoning-delta':
    case 'opaque':
      return;
  }
}

export function summariseChunks(summary: AnswerSummary, chunks: readonly StreamChunk[]): void {
  for (const chunk of chunks) for (const event of chunk.events) addEvent(summary, event);
}

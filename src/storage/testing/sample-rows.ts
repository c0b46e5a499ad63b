// Rows for tests and benchmarks of the storage room: made up, complete, and exactly priced.
import type { BeginRow, EndRow, FeedbackRow } from '../../contract/interaction.ts';
import { formatUsd } from '../../kernel/money.ts';

export function sampleBegin(id: string, at: number, changes: Partial<BeginRow> = {}): BeginRow {
  return {
    row: 'begin',
    id,
    at,
    workspace: 'sample',
    key: 'key_sample',
    shape: 'chat_completions',
    streamed: false,
    prompt: 'customer-support',
    version: '3.2',
    variant: '',
    model: 'small',
    route: 'rule:short',
    end_user: 'user-1',
    session: '',
    tags: ['sample'],
    workload: 'interactive',
    sensitive: false,
    reserved_usd: '0.01',
    ...changes,
  };
}

/** An end row that costs `costAtto` × 10^-18 dollars and whose payloads together are about `payloadCharacters` long. */
export function sampleEnd(
  begin: BeginRow,
  costAtto: bigint,
  payloadCharacters = 400,
  changes: Partial<EndRow> = {},
): EndRow {
  const cost = formatUsd(costAtto);
  const text = `${begin.id} how do I return a parcel? `;
  const half = Math.ceil(payloadCharacters / 2);
  return {
    ...begin,
    row: 'end',
    ended_at: begin.at + 420,
    status: 'ok',
    http_status: 200,
    error_kind: '',
    error_message: '',
    provider: 'replay',
    answered_model: 'small-2026',
    fingerprint: 'fp_1',
    finish_reason: 'stop',
    cache: 'miss',
    usage: { input: 120, cache_read: 20, cache_write: 0, output: 80, reasoning: 0 },
    cost_usd: cost,
    saved_usd: null,
    latency_ms: 420,
    ttft_ms: 80,
    response_characters: half,
    refused: false,
    attempts: [
      {
        id: begin.id.replace(/^[a-z]+_/, 'att_'),
        provider: 'replay',
        model: begin.model,
        upstream_model: 'small-2026',
        answered_model: 'small-2026',
        fingerprint: 'fp_1',
        started_at: begin.at + 2,
        latency_ms: 410,
        ttft_ms: 78,
        http_status: 200,
        error_kind: null,
        usage: { input: 120, cache_read: 20, cache_write: 0, output: 80, reasoning: 0 },
        usage_source: 'reported',
        cost_usd: cost,
      },
    ],
    findings: [],
    scores: { toxicity: 0.01 },
    not_scanned: [],
    request_payload: JSON.stringify([
      { role: 'user', content: text.repeat(Math.ceil(half / text.length)).slice(0, half) },
    ]),
    response_payload: JSON.stringify([
      { role: 'assistant', content: text.repeat(Math.ceil(half / text.length)).slice(0, half) },
    ]),
    ...changes,
  };
}

export function sampleFeedback(id: string, interaction: string, at: number): FeedbackRow {
  return {
    row: 'feedback',
    id,
    at,
    interaction,
    key: 'key_sample',
    thumb: 'down',
    rating: 2,
    comment: 'It was wrong.',
    task_completed: false,
    labels: ['bias'],
  };
}

// What becomes of an interaction whose end never came, or came and could not be written: an end row with status `interrupted` that keeps the
// reserved cost, because the upstream may well have billed it, or the cost where that is known.
import type { BeginRow, EndRow } from '../../contract/interaction.ts';

/** The end row of an interaction that was cut off; `endedAt` is when that was noticed, UTC milliseconds. */
export function interruptedRow(begin: BeginRow, endedAt: number): EndRow {
  return {
    ...begin,
    row: 'end',
    ended_at: Math.max(begin.at, endedAt),
    status: 'interrupted',
    http_status: 0,
    error_kind: 'interrupted',
    error_message: 'The gateway ended before the answer did; the reserved cost is kept.',
    provider: '',
    answered_model: '',
    fingerprint: '',
    finish_reason: '',
    cache: 'off',
    usage: null,
    cost_usd: begin.reserved_usd,
    saved_usd: null,
    latency_ms: Math.max(0, endedAt - begin.at),
    ttft_ms: null,
    response_characters: 0,
    refused: false,
    attempts: [
      {
        id: begin.id.replace(/^[a-z]+_/, 'att_'),
        provider: '',
        model: begin.model,
        upstream_model: '',
        answered_model: null,
        fingerprint: null,
        started_at: begin.at,
        latency_ms: Math.max(0, endedAt - begin.at),
        ttft_ms: null,
        http_status: null,
        error_kind: 'interrupted',
        usage: null,
        usage_source: 'reserved',
        cost_usd: begin.reserved_usd,
      },
    ],
    findings: [],
    scores: {},
    not_scanned: [],
    request_payload: '',
    response_payload: '',
  };
}

/**
 * What is recorded later of an interaction whose end row the disk refused: its client was refused the answer, and what its attempts cost is
 * spent all the same.
 */
export function unrecordedRow(
  begin: BeginRow,
  { ended_at, cost_usd, attempts, usage, provider }: EndRow,
): EndRow {
  return {
    ...interruptedRow(begin, ended_at),
    error_message: 'The answer could not be recorded, so its client was refused it; what it cost is kept.',
    cost_usd,
    attempts,
    usage,
    provider,
  };
}

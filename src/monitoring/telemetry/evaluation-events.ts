// Scores as `gen_ai.evaluation.result` events, each under the span of the interaction it is about. Pure.
import { SeverityNumber } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { hrTime, interactionContext, SCOPE } from './gen-ai.ts';
import type { ScoreEventRow } from './telemetry-rows.ts';

/** One event a score; one that could not be given says so. */
export function evaluationEvents(rows: readonly ScoreEventRow[], resource: Resource): ReadableLogRecord[] {
  return rows.map((row) => ({
    hrTime: hrTime(row.came_at),
    hrTimeObserved: hrTime(row.came_at),
    spanContext: interactionContext(row.interaction),
    severityNumber: SeverityNumber.INFO,
    eventName: 'gen_ai.evaluation.result',
    resource,
    instrumentationScope: SCOPE,
    attributes: {
      'gen_ai.evaluation.name': row.scorer,
      'gen_ai.response.id': row.interaction,
      ...(row.score === null ? { 'error.type': 'no_score' } : { 'gen_ai.evaluation.score.value': row.score }),
    },
    droppedAttributesCount: 0,
  }));
}

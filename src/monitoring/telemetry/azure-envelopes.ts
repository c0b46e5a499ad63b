// Spans, metrics and events as the envelopes that Azure Monitor's ingestion takes ("track", version 2.1): calls of providers are dependencies,
// interactions are requests, scores are custom events. Pure. Names and fields as Application Insights' telemetry data model has them.
import { SpanKind, SpanStatusCode, type Attributes, type HrTime } from '@opentelemetry/api';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { DataPointType, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

export interface AzureEnvelope {
  readonly ver: 1;
  readonly name: string;
  readonly time: string;
  readonly iKey: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly data: { readonly baseType: string; readonly baseData: Readonly<Record<string, unknown>> };
}

/** What every envelope of one workspace bears. */
export interface AzureOrigin {
  readonly iKey: string;
  readonly role: string;
  readonly version: string;
}

interface Facts {
  readonly kind: 'Request' | 'RemoteDependency' | 'Event' | 'Metric';
  readonly baseType: string;
  readonly at: HrTime;
  readonly tags?: Readonly<Record<string, string>>;
  readonly baseData: Readonly<Record<string, unknown>>;
}

const MOST_CHARACTERS = 8_192;

function envelope(
  { iKey, role, version }: AzureOrigin,
  { kind, baseType, at, tags, baseData }: Facts,
): AzureEnvelope {
  return {
    ver: 1,
    name: `Microsoft.ApplicationInsights.${kind}`,
    time: new Date(milliseconds(at)).toISOString(),
    iKey,
    tags: { 'ai.cloud.role': role, 'ai.internal.sdkVersion': `binnacle:${version}`, ...tags },
    data: { baseType, baseData: { ver: 2, ...baseData } },
  };
}

function milliseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1000 + nanoseconds / 1e6;
}

/** `d.hh:mm:ss.fff`. */
function timeSpan(duration: HrTime): string {
  const total = Math.max(0, Math.round(milliseconds(duration)));
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(total / 86_400_000);
  const clock = `${two((total / 3_600_000) % 24)}:${two((total / 60_000) % 60)}:${two((total / 1000) % 60)}`;
  return `${days}.${clock}.${String(total % 1000).padStart(3, '0')}`;
}

/** Properties are text. */
function propertiesOf(attributes: Attributes): Record<string, string> {
  const texts = Object.entries(attributes).map(([key, value]) => [
    key,
    (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MOST_CHARACTERS),
  ]);
  return Object.fromEntries(texts) as Record<string, string>;
}

function textOf(attributes: Attributes, key: string, fallback: string): string {
  const value = attributes[key];
  return typeof value === 'string' ? value : fallback;
}

export function spanEnvelopes(spans: readonly ReadableSpan[], origin: AzureOrigin): AzureEnvelope[] {
  return spans.map((span) => {
    const { attributes, parentSpanContext: parent } = span;
    const { traceId, spanId } = span.spanContext();
    const success = span.status.code !== SpanStatusCode.ERROR;
    const code = textOf(attributes, 'error.type', '0');
    const shared = { id: spanId, name: span.name, duration: timeSpan(span.duration), success };
    const properties = propertiesOf(attributes);
    const tags = {
      'ai.operation.id': traceId,
      ...(parent === undefined ? {} : { 'ai.operation.parentId': parent.spanId }),
    };
    const at = span.startTime;
    if (span.kind === SpanKind.SERVER)
      return envelope(origin, {
        kind: 'Request',
        baseType: 'RequestData',
        at,
        tags: { ...tags, 'ai.operation.name': span.name },
        baseData: { ...shared, responseCode: code, properties },
      });
    const target = textOf(attributes, 'gen_ai.provider.name', 'unknown');
    return envelope(origin, {
      kind: 'RemoteDependency',
      baseType: 'RemoteDependencyData',
      at,
      tags,
      baseData: { ...shared, resultCode: code, type: 'GenAI', target, properties },
    });
  });
}

/** Histograms as what they add up to: count, sum, least and most. */
export function metricEnvelopes({ scopeMetrics }: ResourceMetrics, origin: AzureOrigin): AzureEnvelope[] {
  return scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .flatMap((metric) => {
      if (metric.dataPointType !== DataPointType.HISTOGRAM) return [];
      return metric.dataPoints.map(({ attributes, endTime, value: { count, sum, min, max } }) =>
        envelope(origin, {
          kind: 'Metric',
          baseType: 'MetricData',
          at: endTime,
          baseData: {
            metrics: [
              { name: metric.descriptor.name, kind: 'Aggregation', value: sum ?? 0, count, min, max },
            ],
            properties: propertiesOf(attributes),
          },
        }),
      );
    });
}

export function eventEnvelopes(events: readonly ReadableLogRecord[], origin: AzureOrigin): AzureEnvelope[] {
  return events.map(({ eventName, hrTime, spanContext, attributes }) => {
    const score = attributes['gen_ai.evaluation.score.value'];
    return envelope(origin, {
      kind: 'Event',
      baseType: 'EventData',
      at: hrTime,
      ...(spanContext === undefined
        ? {}
        : { tags: { 'ai.operation.id': spanContext.traceId, 'ai.operation.parentId': spanContext.spanId } }),
      baseData: {
        name: eventName ?? 'event',
        properties: propertiesOf(attributes),
        ...(typeof score === 'number' ? { measurements: { 'gen_ai.evaluation.score.value': score } } : {}),
      },
    });
  });
}

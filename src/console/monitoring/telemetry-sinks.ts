// Where telemetry goes: an OTLP receiver (protobuf over HTTP), or Azure Monitor's ingestion by connection string. A sink takes a batch whole or
// throws; then the batch comes again.
import {
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { BinnacleError, UsageError } from '../../kernel/errors.ts';
import { assertAllowedAddress, publicLookup } from '../../kernel/network-address.ts';
import {
  eventEnvelopes,
  metricEnvelopes,
  spanEnvelopes,
  type AzureEnvelope,
  type AzureOrigin,
} from '../../monitoring/telemetry/azure-envelopes.ts';
import type { BinnacleFile } from '../../workspace/schemas/binnacle.ts';

export interface TelemetrySink {
  /** Names the place up to which it has been sent. */
  readonly name: string;
  readonly calls: (spans: readonly ReadableSpan[], metrics: ResourceMetrics) => Promise<void>;
  readonly scores: (events: readonly ReadableLogRecord[]) => Promise<void>;
}

type Telemetry = BinnacleFile['telemetry'];

const TIMEOUT_MS = 10_000;
const MOST_ANSWER_BYTES = 1024 * 1024;

export interface SinkParts {
  readonly resolve: (text: string) => string;
  readonly workspace: string;
  readonly version: string;
}

/** Every sink that is configured. */
export function sinksOf({ otlp, azure_monitor: azure }: Telemetry, parts: SinkParts): TelemetrySink[] {
  return [
    ...(otlp === undefined ? [] : [otlpSink(otlp, parts)]),
    ...(azure === undefined ? [] : [azureSink(azure, parts)]),
  ];
}

interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  readonly allowPrivate: boolean;
}

async function post({ url, headers, body, allowPrivate }: Post): Promise<{ status: number; text: string }> {
  if (!allowPrivate) assertAllowedAddress(new URL(url).hostname);
  const dispatcher = new Agent({
    connect: { timeout: TIMEOUT_MS, ...(allowPrivate ? {} : { lookup: publicLookup }) },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    maxResponseSize: MOST_ANSWER_BYTES,
  });
  try {
    const answer = await request(url, { method: 'POST', body, headers: { ...headers }, dispatcher });
    return { status: answer.statusCode, text: await answer.body.text() };
  } finally {
    await dispatcher.destroy();
  }
}

function refused(who: string, status: number, what: string): BinnacleError {
  return new BinnacleError({
    code: 'telemetry_refused',
    message: `${who} answered ${status} to ${what}.`,
    isRetryable: true,
  });
}

function otlpSink(otlp: NonNullable<Telemetry['otlp']>, { resolve }: SinkParts): TelemetrySink {
  const send = async (signal: string, body: Uint8Array | undefined): Promise<void> => {
    if (body === undefined) return;
    const own = Object.entries(otlp.headers).map(([name, value]) => [name.toLowerCase(), resolve(value)]);
    const { status } = await post({
      url: `${otlp.endpoint.replace(/\/+$/, '')}/v1/${signal}`,
      headers: {
        ...(Object.fromEntries(own) as Record<string, string>),
        'content-type': 'application/x-protobuf',
      },
      body,
      allowPrivate: otlp.allow_private,
    });
    if (status >= 300) throw refused('The OTLP receiver', status, signal);
  };
  return {
    name: '',
    calls: async (spans, metrics) => {
      await send('traces', ProtobufTraceSerializer.serializeRequest([...spans]));
      // Last, because a sum sent twice counts twice while a span sent twice is the same span.
      await send('metrics', ProtobufMetricsSerializer.serializeRequest(metrics));
    },
    scores: (events) => send('logs', ProtobufLogsSerializer.serializeRequest([...events])),
  };
}

const DEFAULT_INGESTION = 'https://dc.services.visualstudio.com';

/** `InstrumentationKey=…;IngestionEndpoint=https://…;…`, names in any case. Throws a UsageError that does not show it. */
export function readConnectionString(text: string): { readonly iKey: string; readonly endpoint: string } {
  const parts = new Map(
    text.split(';').map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()];
    }),
  );
  const iKey = parts.get('instrumentationkey');
  const endpoint = (parts.get('ingestionendpoint') ?? DEFAULT_INGESTION).replace(/\/+$/, '');
  if (iKey === undefined || iKey === '' || !URL.canParse(endpoint))
    throw new UsageError(
      'The connection string of Azure Monitor has no InstrumentationKey or no usable IngestionEndpoint: copy it whole from the resource.',
      'telemetry.azure_monitor.connection_string',
    );
  return { iKey, endpoint };
}

const trackSchema = z.object({
  errors: z.array(z.object({ index: z.number().int(), statusCode: z.number() })).default([]),
});
/** What ingestion asks to be sent again. */
const AGAIN = new Set([408, 429, 439, 500, 502, 503, 504]);
const TRIES = 3;

function azureSink(
  { connection_string: secret, allow_private: allowPrivate }: NonNullable<Telemetry['azure_monitor']>,
  { resolve, workspace, version }: SinkParts,
): TelemetrySink {
  // Read when it is used: a secret that is not set must not keep the other sinks waiting.
  const send = async (envelopesOf: (origin: AzureOrigin) => AzureEnvelope[]): Promise<void> => {
    const { iKey, endpoint } = readConnectionString(resolve(secret));
    let left = envelopesOf({ iKey, role: `binnacle/${workspace}`, version });
    for (let tries = 0; left.length > 0; tries += 1) {
      const headers = { 'content-type': 'application/json', accept: 'application/json' };
      const body = JSON.stringify(left);
      const { status, text } = await post({ url: `${endpoint}/v2.1/track`, headers, body, allowPrivate });
      if (status === 206 && tries < TRIES) {
        // Some were taken. The others are refused for good, or asked for again.
        const { errors } = trackSchema.parse(JSON.parse(text));
        const again = new Set(
          errors.filter(({ statusCode }) => AGAIN.has(statusCode)).map(({ index }) => index),
        );
        left = left.filter((_, index) => again.has(index));
        continue;
      }
      if (status !== 200) throw refused('Azure Monitor', status, 'what was sent');
      return;
    }
  };
  return {
    name: 'azure-monitor ',
    calls: (spans, metrics) =>
      send((origin) => [...spanEnvelopes(spans, origin), ...metricEnvelopes(metrics, origin)]),
    scores: (events) => send((origin) => eventEnvelopes(events, origin)),
  };
}

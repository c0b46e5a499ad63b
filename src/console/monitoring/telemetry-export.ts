// Telemetry out of the ledger over OTLP (protobuf over HTTP): traces, metrics and evaluation events. Off the gateway's way: what has been sent
// is kept as a position, what could not be is sent later, and a receiver that is down costs nothing but lag.
import {
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { Agent, request } from 'undici';
import type { Clock } from '../../kernel/clock.ts';
import { BinnacleError } from '../../kernel/errors.ts';
import { assertAllowedAddress, publicLookup } from '../../kernel/network-address.ts';
import { callMetrics } from '../../monitoring/telemetry/call-metrics.ts';
import { evaluationEvents } from '../../monitoring/telemetry/evaluation-events.ts';
import { telemetryResource } from '../../monitoring/telemetry/gen-ai.ts';
import { spansOf } from '../../monitoring/telemetry/spans.ts';
import type { ProviderKind } from '../../monitoring/telemetry/telemetry-rows.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import type { DocumentStore } from '../../storage/state/state.ts';
import type { BinnacleFile } from '../../workspace/schemas/binnacle.ts';
import type { Cursor } from '../queries/drift-rows.ts';
import { callsAfter, scoresAfter } from '../queries/telemetry.ts';

type Otlp = NonNullable<BinnacleFile['telemetry']['otlp']>;

export interface TelemetryServices {
  readonly ledger: LedgerClient;
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly version: string;
  /** Undefined: nothing is exported. */
  readonly settings: () => { readonly otlp: Otlp | undefined; readonly workspace: string };
  readonly resolve: (text: string) => string;
  readonly kindOf: ProviderKind;
}

const POSITIONS = 'telemetry-position';
const AT_ONCE = 1_000;
/** Spools may bring what is older: exporting stays this far behind. */
const BEHIND = 10_000;
const TIMEOUT_MS = 10_000;

export class TelemetryExport {
  readonly #services: TelemetryServices;

  constructor(services: TelemetryServices) {
    this.#services = services;
  }

  /** Sends what is new. Rejects when the receiver or the ledger does not take part; then it is sent again. */
  async send(): Promise<void> {
    const { clock, settings, version } = this.#services;
    const { otlp, workspace } = settings();
    if (otlp === undefined) return;
    const to = clock.now() - BEHIND;
    const resource = telemetryResource(version, workspace);
    await this.#sendCalls(otlp, resource, to);
    await this.#sendScores(otlp, resource, to);
  }

  async #sendCalls(otlp: Otlp, resource: ReturnType<typeof telemetryResource>, to: number): Promise<void> {
    const { ledger, kindOf } = this.#services;
    const cursor = await this.#position('calls', to);
    const rows = await callsAfter(ledger, cursor, to, AT_ONCE);
    const last = rows.at(-1);
    if (last === undefined) return;
    await this.#post(
      otlp,
      'traces',
      ProtobufTraceSerializer.serializeRequest(spansOf(rows, kindOf, resource)),
    );
    const period = { from: cursor.at, to: last.at };
    // Last, because a sum sent twice counts twice while a span sent twice is the same span.
    await this.#post(
      otlp,
      'metrics',
      ProtobufMetricsSerializer.serializeRequest(callMetrics(rows, kindOf, resource, period)),
    );
    await this.#keep('calls', { at: last.at, id: last.interaction });
  }

  async #sendScores(otlp: Otlp, resource: ReturnType<typeof telemetryResource>, to: number): Promise<void> {
    const cursor = await this.#position('scores', to);
    const rows = await scoresAfter(this.#services.ledger, cursor, to, AT_ONCE);
    const last = rows.at(-1);
    if (last === undefined) return;
    await this.#post(otlp, 'logs', ProtobufLogsSerializer.serializeRequest(evaluationEvents(rows, resource)));
    await this.#keep('scores', { at: last.came_at, id: last.id });
  }

  /** Where it was; the first time ever: now, so that history is not sent unasked. */
  async #position(name: string, to: number): Promise<Cursor> {
    const document = await this.#services.documents.get(POSITIONS, name);
    if (document !== null) return document.body as Cursor;
    return this.#keep(name, { at: to, id: '' });
  }

  async #keep(name: string, cursor: Cursor): Promise<Cursor> {
    await this.#services.documents.put(POSITIONS, name, cursor);
    return cursor;
  }

  async #post(otlp: Otlp, signal: string, body: Uint8Array | undefined): Promise<void> {
    if (body === undefined) return;
    const url = `${otlp.endpoint.replace(/\/+$/, '')}/v1/${signal}`;
    if (!otlp.allow_private) assertAllowedAddress(new URL(url).hostname);
    const headers = Object.fromEntries(
      Object.entries(otlp.headers).map(([name, value]) => [
        name.toLowerCase(),
        this.#services.resolve(value),
      ]),
    );
    const dispatcher = new Agent({
      connect: { timeout: TIMEOUT_MS, ...(otlp.allow_private ? {} : { lookup: publicLookup }) },
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    try {
      const answer = await request(url, {
        method: 'POST',
        body,
        headers: { ...headers, 'content-type': 'application/x-protobuf' },
        dispatcher,
      });
      await answer.body.dump({ limit: 65_536 });
      if (answer.statusCode < 300) return;
      throw new BinnacleError({
        code: 'telemetry_refused',
        message: `The OTLP receiver answered ${answer.statusCode} to ${signal}.`,
        isRetryable: true,
      });
    } finally {
      await dispatcher.destroy();
    }
  }
}

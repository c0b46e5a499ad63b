// Telemetry out of the ledger: traces, metrics and evaluation events, to each sink that is configured. Off the gateway's way: what has been
// sent is kept as a position for each sink, what could not be is sent later, and a receiver that is down costs nothing but lag.
import type { Clock } from '../../kernel/clock.ts';
import { callMetrics } from '../../monitoring/telemetry/call-metrics.ts';
import { evaluationEvents } from '../../monitoring/telemetry/evaluation-events.ts';
import { telemetryResource } from '../../monitoring/telemetry/gen-ai.ts';
import { spansOf } from '../../monitoring/telemetry/spans.ts';
import type { ProviderKind } from '../../monitoring/telemetry/telemetry-rows.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import type { DocumentStore } from '../../storage/state/state.ts';
import type { BinnacleFile } from '../../workspace/schemas/binnacle.ts';
import type { Cursor } from '../queries/cursor.ts';
import { readingPosition } from '../reading-position.ts';
import { callsAfter, scoresAfter } from '../queries/telemetry.ts';
import { sinksOf, type TelemetrySink } from './telemetry-sinks.ts';

export interface TelemetryServices {
  readonly ledger: LedgerClient;
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly version: string;
  readonly settings: () => Pick<BinnacleFile, 'telemetry' | 'name'>;
  readonly resolve: (text: string) => string;
  readonly kindOf: ProviderKind;
}

const POSITIONS = 'telemetry-position';
const AT_ONCE = 1_000;
/** Spools may bring what is older: exporting stays this far behind. */
const BEHIND = 10_000;

export class TelemetryExport {
  readonly #services: TelemetryServices;

  constructor(services: TelemetryServices) {
    this.#services = services;
  }

  /** Sends what is new. Rejects when a receiver or the ledger does not take part; then it is sent again, and the other receivers got theirs. */
  async send(): Promise<void> {
    const { clock, settings, version, resolve } = this.#services;
    const { telemetry, name: workspace } = settings();
    const to = clock.now() - BEHIND;
    const resource = telemetryResource(version, workspace);
    const sent = await Promise.allSettled(
      sinksOf(telemetry, { resolve, workspace, version }).map(async (sink) => {
        await this.#sendCalls(sink, resource, to);
        await this.#sendScores(sink, resource, to);
      }),
    );
    for (const outcome of sent) if (outcome.status === 'rejected') throw outcome.reason;
  }

  async #sendCalls(
    sink: TelemetrySink,
    resource: ReturnType<typeof telemetryResource>,
    to: number,
  ): Promise<void> {
    const { ledger, kindOf } = this.#services;
    const cursor = await this.#position(`${sink.name}calls`, to);
    const rows = await callsAfter(ledger, cursor, to, AT_ONCE);
    const last = rows.at(-1);
    if (last === undefined) return;
    const period = { from: cursor.at, to: last.ended_at };
    await sink.calls(spansOf(rows, kindOf, resource), callMetrics(rows, kindOf, resource, period));
    await this.#keep(`${sink.name}calls`, { at: last.ended_at, id: last.interaction });
  }

  async #sendScores(
    sink: TelemetrySink,
    resource: ReturnType<typeof telemetryResource>,
    to: number,
  ): Promise<void> {
    const cursor = await this.#position(`${sink.name}scores`, to);
    const rows = await scoresAfter(this.#services.ledger, cursor, to, AT_ONCE);
    const last = rows.at(-1);
    if (last === undefined) return;
    await sink.scores(evaluationEvents(rows, resource));
    await this.#keep(`${sink.name}scores`, { at: last.came_at, id: last.id });
  }

  /** Where it was; the first time ever: now, so that history is not sent unasked. */
  #position(id: string, to: number): Promise<Cursor> {
    return readingPosition(this.#services.documents, { collection: POSITIONS, id }, to);
  }

  async #keep(id: string, cursor: Cursor): Promise<void> {
    await this.#services.documents.put(POSITIONS, id, cursor);
  }
}

// What follows from drift: it is kept, an incident opens, and what moved is looked for. A change on probes is the model's own; one that only
// live traffic shows may be the traffic's, and the incident says which it is.
import { driftSchema, type Drift } from '../../contract/api-monitoring.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import type { DocumentStore } from '../../storage/state/state.ts';
import { hasFormat, FORMAT_FEATURES } from '../../text/format.ts';
import { casualness, sentiment } from '../../text/tone.ts';
import type { ObservedRow } from '../queries/observations.ts';
import type { CauseDesk } from './cause-desk.ts';
import type { DriftFinding } from './drift-watch.ts';
import type { CauseQuestion } from './find-causes.ts';
import type { Incidents } from './incidents.ts';
import { answerIn } from './payload-text.ts';

export const DRIFTS = 'drift';
/** A change of the same model within this time belongs together. */
const TOGETHER = 24 * 3_600_000;

export interface DriftIncidentServices {
  readonly documents: DocumentStore;
  readonly ledger: LedgerClient;
  readonly incidents: Incidents;
  readonly desk: CauseDesk;
  readonly isRefusal: (answer: string) => boolean;
}

/** Keeps the findings of one stream and opens their incident; once, however often it is told. */
export async function openDriftIncident(
  services: DriftIncidentServices,
  findings: readonly DriftFinding[],
): Promise<void> {
  const [first] = findings;
  if (first === undefined) return;
  const { stream, prompt, model, isProbe, changedAt } = first;
  const id = `inc_${changedAt.toString(16).padStart(12, '0')}_drift-${slug(stream)}`;
  for (const finding of findings)
    await services.documents.put(DRIFTS, `${stream} ${finding.signal} ${finding.changedAt}`, {
      stream,
      signal: finding.signal,
      feature: finding.feature,
      changed_at: new Date(finding.changedAt).toISOString(),
      detected_at: new Date(finding.detectedAt).toISOString(),
      before: finding.before,
      after: finding.after,
      incident: id,
    });
  const reason = findings.map(sentenceOf).join(' ');
  const opened = await services.incidents.open({
    id,
    title: `${isProbe ? 'Probes' : 'Answers'} of ${model}${prompt === '' ? '' : ` to ${prompt}`} changed: ${findings.map(({ signal }) => signal).join(', ')}`,
    severity: 'warning',
    source: { kind: 'drift', name: stream, subject: '', metric: first.signal },
    prompt,
    model,
    reason: `${reason} ${await whose(services, first)}`.trim(),
  });
  if (!opened) return;
  services.desk.explain(id, questionOf(services, first));
  await tellLiveIncidents(services, first, id);
}

/** Live traffic and probes side by side: which of them changed. */
async function whose(services: DriftIncidentServices, finding: DriftFinding): Promise<string> {
  if (finding.isProbe) return 'Probes are the same questions every time: the model changed, not the traffic.';
  const probed = await changesNear(services, finding, true);
  return probed.length === 0
    ? ''
    : 'Probes of the same model changed as well: the model changed, not only the traffic.';
}

/** A change that probes find after live traffic did is told where people already look. */
async function tellLiveIncidents(
  services: DriftIncidentServices,
  finding: DriftFinding,
  incident: string,
): Promise<void> {
  if (!finding.isProbe) return;
  const text = `Probes of ${finding.model} changed as well (${incident}): the model changed, not only the traffic.`;
  for (const live of new Set((await changesNear(services, finding, false)).map((one) => one.incident)))
    await services.incidents.note(live, { id: `probes:${incident}`, actor: 'drift', type: 'probes', text });
}

/** Changes of the same model at about the same time, of probes or of live traffic. */
async function changesNear(
  { documents }: DriftIncidentServices,
  { model, changedAt }: DriftFinding,
  ofProbes: boolean,
): Promise<Drift[]> {
  const all = (await documents.list(DRIFTS, { limit: 500 })).map(({ body }) => driftSchema.parse(body));
  return all.filter(({ stream, changed_at: at }) => {
    const near = Math.abs(Date.parse(at) - changedAt) < TOGETHER;
    return near && stream.startsWith('probe:') === ofProbes && stream.endsWith(`@${model}`);
  });
}

function sentenceOf({ signal, feature, before, after, changedAt }: DriftFinding): string {
  const name = signal === feature ? signal : nameOf(signal, feature);
  const [was, is] = [before, after].map((value) => Number(value.toPrecision(3)));
  return `${name} went from ${was} to ${is} at ${new Date(changedAt).toISOString()}.`;
}

function nameOf(signal: string, feature: string): string {
  return signal === 'errors' ? `${feature} among errors` : `${signal} (${feature})`;
}

function questionOf(services: DriftIncidentServices, finding: DriftFinding): CauseQuestion {
  const { prompt, model, isProbe, changedAt, detectedAt } = finding;
  return {
    ...valueOf(services, finding),
    prompt,
    // The model is left open where live traffic changed, so that routing can be the cause.
    model: isProbe ? model : '',
    around: changedAt,
    tolerance: Math.max(1, detectedAt - changedAt),
    now: detectedAt,
    isProbe,
  };
}

/** What changed, as a value of each interaction: read from its row, from its feedback, or from its answer's text. */
function valueOf(
  services: DriftIncidentServices,
  finding: DriftFinding,
): Pick<CauseQuestion, 'metric' | 'valueSql' | 'kind' | 'readValue'> {
  const { signal, feature } = finding;
  const metric = signal === feature ? signal : `${signal}:${feature}`;
  if (signal === 'errors') return { metric, valueSql: errorSql(feature), kind: 'errors' };
  if (signal === 'complaints') return { metric: signal, valueSql: 'l.late_value', kind: 'other' };
  const read = readerOf(services, finding);
  const readValue = (row: ObservedRow): number | undefined => {
    const answer = answerIn(row.response);
    return answer === undefined ? undefined : read(answer);
  };
  return { metric, valueSql: 'NULL', kind: 'other', readValue };
}

/** Whether an interaction failed; of those that did, whether in the one way whose share changed. */
function errorSql(feature: string): string {
  const failed = "i.status IN ('error', 'interrupted')";
  return feature === 'errors'
    ? `toFloat64(${failed})`
    : `if(${failed}, toFloat64(i.error_kind = '${feature}'), NULL)`;
}

function readerOf(
  { isRefusal }: DriftIncidentServices,
  { signal, feature }: DriftFinding,
): (answer: string) => number {
  const format = FORMAT_FEATURES.find((one) => one === feature);
  if (format !== undefined) return (answer) => (hasFormat(answer, format) ? 1 : 0);
  if (signal === 'refusal') return (answer) => (isRefusal(answer) ? 1 : 0);
  if (feature === 'sentiment') return sentiment;
  return feature === 'casualness' ? casualness : (answer) => answer.length;
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60);
}

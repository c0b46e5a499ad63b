// What follows from drift: it is kept, an incident opens, and what moved is looked for. A change on probes is the model's own; one that only
// live traffic shows may be the traffic's, and the incident says which it is.
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
  if (opened) services.desk.explain(id, questionOf(services, first));
}

/** Live traffic and probes side by side: which of them changed. */
async function whose(
  { documents }: DriftIncidentServices,
  { model, isProbe, changedAt }: DriftFinding,
): Promise<string> {
  if (isProbe) return 'Probes are the same questions every time: the model changed, not the traffic.';
  const others = await documents.list(DRIFTS, { limit: 500 });
  const probed = others.some(({ body }) => {
    const other = body as { stream: string; changed_at: string };
    const near = Math.abs(Date.parse(other.changed_at) - changedAt) < TOGETHER;
    return near && other.stream.startsWith('probe:') && other.stream.endsWith(`@${model}`);
  });
  return probed ? 'Probes of the same model changed as well: the model changed, not only the traffic.' : '';
}

function sentenceOf({ signal, feature, before, after, changedAt }: DriftFinding): string {
  const name = signal === feature ? signal : `${signal} (${feature})`;
  const [was, is] = [before, after].map((value) => Number(value.toPrecision(3)));
  return `${name} went from ${was} to ${is} at ${new Date(changedAt).toISOString()}.`;
}

function questionOf(services: DriftIncidentServices, finding: DriftFinding): CauseQuestion {
  const read = readerOf(services, finding);
  const { prompt, model, isProbe, changedAt, detectedAt, signal, feature } = finding;
  return {
    metric: signal === feature ? signal : `${signal}:${feature}`,
    valueSql: signal === 'errors' ? "toFloat64(i.status IN ('error', 'interrupted'))" : 'NULL',
    kind: signal === 'errors' ? 'errors' : 'other',
    ...(signal === 'errors'
      ? {}
      : {
          readValue: (row: ObservedRow) => {
            const answer = answerIn(row.response);
            return answer === undefined ? undefined : read(answer);
          },
        }),
    prompt,
    // The model is left open where live traffic changed, so that routing can be the cause.
    model: isProbe ? model : '',
    around: changedAt,
    tolerance: Math.max(1, detectedAt - changedAt),
    now: detectedAt,
    isProbe,
  };
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

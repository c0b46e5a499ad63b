// What follows from an alert: people are told, an incident opens and closes, a runbook starts, as the rule's words say. Everything is under an
// id that follows from the happening, so that telling it twice does it once.
import { parseAlertAction, type AlertAction } from '../../contract/alert-action.ts';
import type { AlertEventBody } from '../../contract/api-monitoring.ts';
import type { AlertRule } from '../../contract/alert-rule.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { DocumentStore } from '../../storage/state/state.ts';
import type { RunbookFile } from '../../workspace/schemas/runbook.ts';
import type { Notification } from '../notifications/notification.ts';
import type { Outbox } from '../notifications/outbox.ts';
import type { AlertHappening } from './alert-engine.ts';
import { describeEvent } from './alert-event.ts';
import type { Incidents, NewIncident } from './incidents.ts';
import type { RunbookRunner } from './runbooks/runbook-runner.ts';

export interface AlertActionServices {
  readonly documents: DocumentStore;
  readonly logger: Logger;
  readonly outbox: Outbox;
  readonly incidents: Incidents;
  readonly runner: RunbookRunner;
  readonly runbooks: () => ReadonlyMap<string, { readonly value: RunbookFile }>;
  /** Called once an incident is open, to look for what moved. Must not wait for it. */
  readonly explain: (incident: string, happening: AlertHappening) => void;
}

export const ALERT_EVENTS = 'alert-event';

const VERBS: Readonly<Record<AlertHappening['event']['type'], string>> = {
  fired: 'fires',
  resolved: 'is resolved',
  'notified-again': 'still fires',
  escalated: 'still fires and is escalated',
};

/** Acts on what happened. Resolves when all of it is durable. */
export async function actOnAlert(services: AlertActionServices, happening: AlertHappening): Promise<void> {
  const { id, rule, subject, event } = happening;
  const record: AlertEventBody = { id, ...describeEvent(rule, subject, event) };
  await services.documents.put(ALERT_EVENTS, id, record, rule.alert_rule);
  services.logger.log('info', 'alert', { ...record });
  if (event.silenced) return;
  const { actions } = parseAlertAction(rule.action);
  const incident = await updateIncident(services, happening, actions);
  if (isReminder(event.type) && (await isTakenUp(services, incident))) return;
  for (const action of actions) {
    if (action.type === 'notify' && event.type !== 'escalated')
      await services.outbox.put(action.channel, notificationOf(happening, incident));
    if (action.type === 'trigger-runbook' && event.type === 'fired' && incident !== null)
      await startRunbook(services, happening, incident, action.runbook);
  }
  if (event.type === 'escalated' && rule.escalate !== undefined)
    await services.outbox.put(rule.escalate.channel, notificationOf(happening, incident));
}

function isReminder(type: AlertHappening['event']['type']): boolean {
  return type === 'notified-again' || type === 'escalated';
}

/** Somebody has acknowledged it: nobody need be reminded, and it goes no higher. */
async function isTakenUp({ incidents }: AlertActionServices, incident: string | null): Promise<boolean> {
  return incident !== null && (await incidents.get(incident))?.status === 'acknowledged';
}

/** Id of the incident this alert has open or opens; null where its words ask for none. A runbook needs one to write into. */
async function updateIncident(
  { incidents, explain }: AlertActionServices,
  happening: AlertHappening,
  actions: readonly AlertAction[],
): Promise<string | null> {
  if (!actions.some((action) => action.type !== 'notify')) return null;
  const { event, id } = happening;
  const incident = incidentOf(happening);
  if (event.type === 'fired') {
    if (await incidents.open(incident)) explain(incident.id, happening);
    return incident.id;
  }
  const there = await incidents.get(incident.id);
  if (there === null) return null;
  const entry = { id, actor: 'alert', type: event.type, text: sentenceOf(happening) };
  if (event.type === 'resolved' && there.status !== 'resolved')
    await incidents.move(incident.id, 'resolved', entry);
  else await incidents.note(incident.id, entry);
  return incident.id;
}

async function startRunbook(
  { runbooks, runner, incidents }: AlertActionServices,
  { id }: AlertHappening,
  incident: string,
  name: string,
): Promise<void> {
  const runbook = runbooks().get(name);
  if (runbook !== undefined) return runner.order(`runbook:${id}:${name}`, incident, name, runbook.value);
  const text = `There is no runbook "${name}" in runbooks/.`;
  await incidents.note(incident, { id: `${id}:${name}`, actor: 'console', type: 'runbook', text });
}

/** The incident of one firing: what it is called follows from when the condition began to hold. */
function incidentOf(happening: AlertHappening): NewIncident {
  const { rule, subject, since } = happening;
  const { where, per, metric } = rule.condition;
  const about = { ...where, ...(per === undefined ? {} : { [per]: subject }) };
  return {
    id: incidentId(rule, subject, since),
    title: subject === '' ? rule.alert_rule : `${rule.alert_rule} (${subject})`,
    severity: rule.severity,
    source: { kind: 'alert', name: rule.alert_rule, subject, metric },
    prompt: about.prompt ?? '',
    model: about.model ?? '',
    reason: sentenceOf(happening),
  };
}

function incidentId(rule: AlertRule, subject: string, since: number): string {
  const name = `${rule.alert_rule} ${subject}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60);
  return `inc_${since.toString(16).padStart(12, '0')}_${name}`;
}

function sentenceOf({ rule, subject, event }: AlertHappening): string {
  const { metric, operator, threshold } = rule.condition;
  const whose = subject === '' ? '' : ` for ${subject}`;
  const value = event.value === null ? 'no data' : String(Number(event.value.toPrecision(6)));
  return `"${rule.alert_rule}"${whose} ${VERBS[event.type]}: ${metric} is ${value} (rule: ${operator.replaceAll('_', ' ')} ${threshold}).`;
}

function notificationOf(happening: AlertHappening, incident: string | null): Notification {
  const { id, rule, subject, event } = happening;
  return {
    id,
    type: `alert.${event.type}`,
    severity: event.type === 'resolved' ? 'info' : rule.severity,
    title: `${rule.alert_rule}${subject === '' ? '' : ` (${subject})`} ${VERBS[event.type]}`,
    text: sentenceOf(happening),
    at: event.at,
    facts: {
      rule: rule.alert_rule,
      subject,
      metric: rule.condition.metric,
      value: event.value,
      threshold: rule.condition.threshold,
      incident,
    },
  };
}

// What the steps of a runbook do, each through what is handed in. Every act is idempotent under its id: a console that died in the middle
// does it again.
import type { Incident } from '../../../contract/api-monitoring.ts';
import type { Override } from '../../../contract/override.ts';
import type { Snapshot } from '../../../contract/snapshot.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { UsageError } from '../../../kernel/errors.ts';
import type { RunbookFile } from '../../../workspace/schemas/runbook.ts';
import type { Outbox } from '../../notifications/outbox.ts';
import type { Incidents } from '../incidents.ts';
import type { Overrides } from '../overrides.ts';

export type RunbookStep = RunbookFile['steps'][number];

export interface EvaluationOrder {
  /** Names this very run, also when it is ordered again. */
  readonly id: string;
  readonly suite: string;
  readonly prompt: string | null;
  /** Version or label; null: `production`. */
  readonly version: string | null;
  /** Empty: the prompt's own. */
  readonly models: readonly string[];
  readonly maxCostUsd: string | null;
}

export interface StepOutcome {
  readonly status: 'done' | 'skipped';
  readonly text: string;
  readonly data?: unknown;
}

/** Runs a suite; resolves with a sentence on what came of it and figures. Rejects when it can't run. */
export type RunEvaluation = (
  order: EvaluationOrder,
  signal: AbortSignal,
) => Promise<{ readonly text: string; readonly data: unknown }>;

export interface ActServices {
  readonly clock: Clock;
  readonly incidents: Incidents;
  readonly overrides: Overrides;
  readonly outbox: Outbox;
  readonly served: () => Snapshot | null;
  /** Versions a label led to before the one it leads to now, the last one first. */
  readonly earlierVersions: (prompt: string, label: string, current: string) => Promise<readonly string[]>;
  readonly runEvaluation: RunEvaluation;
  /** Ids of interactions before and after the incident's change, newest first. */
  readonly collectExamples: (incident: Incident, count: number) => Promise<Incident['examples']>;
}

interface Act {
  readonly id: string;
  readonly incident: Incident;
  readonly signal: AbortSignal;
}

/** Does a step. Throws with what is wrong and what to do. */
export async function actStep(services: ActServices, step: RunbookStep, act: Act): Promise<StepOutcome> {
  switch (step.step) {
    case 'run_evaluation':
      return evaluate(services, step, act);
    case 'switch_to_fallback':
      return switchToFallback(services, step, act);
    case 'move_label_back':
      return moveLabelBack(services, step, act);
    case 'raise_sampling':
      return raiseSampling(services, step, act);
    case 'collect_examples':
      return collect(services, step, act);
    case 'notify':
      return notify(services, step, act);
    case 'pause_rollout':
    case 'revert_rollout':
      return { status: 'skipped', text: 'There are no rollouts yet.' };
  }
}

type Step<Name extends RunbookStep['step']> = Extract<RunbookStep, { readonly step: Name }>;

function requireSnapshot({ served }: ActServices): Snapshot {
  const snapshot = served();
  if (snapshot === null) throw new UsageError('The workspace does not compile, so nothing can be changed.');
  return snapshot;
}

async function evaluate(services: ActServices, step: Step<'run_evaluation'>, act: Act): Promise<StepOutcome> {
  const prompt = step.prompt ?? (act.incident.prompt || null);
  const found = prompt === null ? undefined : requireSnapshot(services).prompts[prompt];
  const version = found?.versions[found.labels[step.version ?? 'production'] ?? step.version ?? ''];
  const suite = step.suite ?? version?.suite;
  if (suite == null)
    throw new UsageError('Neither the step nor the prompt names a suite: write "suite: NAME" into the step.');
  const { text, data } = await services.runEvaluation(
    {
      id: act.id,
      suite,
      prompt,
      version: step.version ?? null,
      models: step.models ?? [],
      maxCostUsd: step.max_cost_usd ?? null,
    },
    act.signal,
  );
  return { status: 'done', text, data };
}

/** End of an override that a step sets, counted from when the incident opened so that doing it again changes nothing. */
function untilOf(incident: Incident, length: number | undefined): number | null {
  return length === undefined ? null : incident.opened_at + length;
}

async function setOverride(services: ActServices, override: Override, { id }: Act): Promise<void> {
  await services.overrides.set(override, `runbook:${id}`);
}

/** What a step or else its incident names. Throws where that is nothing. */
function named<Found>(kind: 'model' | 'prompt', name: string, found: Found | undefined): Found {
  if (found !== undefined) return found;
  throw new UsageError(
    name === ''
      ? `The incident is about no one ${kind}: name one in the step.`
      : `There is no ${kind} "${name}".`,
  );
}

async function switchToFallback(
  services: ActServices,
  step: Step<'switch_to_fallback'>,
  act: Act,
): Promise<StepOutcome> {
  const name = step.model ?? act.incident.model;
  const model = named('model', name, requireSnapshot(services).models[name]);
  const standing = services.overrides.live.find((one) => one.kind === 'model' && one.model === name);
  if (standing?.kind === 'model' && standing.incident === act.incident.id)
    return { status: 'done', text: `${name} is served by ${standing.served_by} already.` };
  const [fallback] = model.fallbacks;
  if (fallback === undefined) throw new UsageError(`${name} has no fallback in models.yaml.`);
  const until = untilOf(act.incident, step.for);
  const reason = `runbook of incident ${act.incident.id}`;
  const about = { until, incident: act.incident.id, reason, set_at: act.incident.opened_at };
  await setOverride(services, { kind: 'model', model: name, served_by: fallback, ...about }, act);
  return { status: 'done', text: `Requests for ${name} are served by ${fallback}${ending(until)}.` };
}

async function moveLabelBack(
  services: ActServices,
  step: Step<'move_label_back'>,
  act: Act,
): Promise<StepOutcome> {
  const prompt = step.prompt ?? act.incident.prompt;
  const found = named('prompt', prompt, requireSnapshot(services).prompts[prompt]);
  const standing = services.overrides.live.find(
    (one) => one.kind === 'label' && one.prompt === prompt && one.label === step.label,
  );
  if (standing?.kind === 'label' && standing.incident === act.incident.id)
    return { status: 'done', text: `${step.label} of ${prompt} leads to ${standing.version} already.` };
  const current = found.labels[step.label] ?? '';
  const earlier = await services.earlierVersions(prompt, step.label, current);
  const version = earlier.find((one) => found.versions[one] !== undefined);
  if (version === undefined)
    throw new UsageError(
      `releases.yaml has no earlier version of ${prompt} under ${step.label} in its history.`,
    );
  const reason = `runbook of incident ${act.incident.id}`;
  const about = { until: null, incident: act.incident.id, reason, set_at: act.incident.opened_at };
  await setOverride(services, { kind: 'label', prompt, label: step.label, version, ...about }, act);
  return {
    status: 'done',
    text: `${step.label} of ${prompt} leads to ${version} instead of ${current}, until someone takes it back or releases.yaml says so.`,
  };
}

async function raiseSampling(
  services: ActServices,
  step: Step<'raise_sampling'>,
  act: Act,
): Promise<StepOutcome> {
  const until = untilOf(act.incident, step.for);
  const about = { until, incident: act.incident.id, reason: 'runbook', set_at: act.incident.opened_at };
  const [judges, people] = [step.judges ?? null, step.people ?? null];
  await setOverride(services, { kind: 'sampling', judges, people, ...about }, act);
  return {
    status: 'done',
    text: `Sampling is raised (judges ${judges ?? 'as is'}, people ${people ?? 'as is'})${ending(until)}.`,
  };
}

async function collect(
  services: ActServices,
  step: Step<'collect_examples'>,
  act: Act,
): Promise<StepOutcome> {
  const examples = await services.collectExamples(act.incident, step.count);
  await services.incidents.change(act.incident.id, (incident) => ({ ...incident, examples }));
  const text = `${examples.before.length} interactions from before and ${examples.after.length} from after.`;
  return { status: 'done', text, data: examples };
}

async function notify(services: ActServices, step: Step<'notify'>, act: Act): Promise<StepOutcome> {
  const { incident } = act;
  await services.outbox.put(step.channel, {
    id: act.id,
    type: 'runbook.notify',
    severity: incident.severity,
    title: incident.title,
    text: step.message ?? incident.title,
    at: incident.opened_at,
    facts: { incident: incident.id },
  });
  return { status: 'done', text: `On its way to ${step.channel}.` };
}

function ending(until: number | null): string {
  return until === null ? '' : ` until ${new Date(until).toISOString()}`;
}

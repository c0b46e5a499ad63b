// Probes: a fixed set of questions asked of each model on a schedule, through the gateway's own stages. Their interactions carry the tag
// `probe`: they cost, but are no users' traffic. Only the model asked may answer: no fallback, no kept answer, no override.
import { DAY_MS } from '../kernel/clock.ts';
import { newId } from '../kernel/ids.ts';
import { parseUsd } from '../kernel/money.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import type { GatewayQuestion } from '../evaluation/run/gateway-call.ts';
import { SpendCeiling } from '../evaluation/run/spend-ceiling.ts';
import { UsageError } from '../kernel/errors.ts';
import { probeCost } from '../console/queries/probe-cost.ts';
import { PROBE_TAG } from '../contract/own-tags.ts';
import { seededUniform } from '../statistics/seeded.ts';
import type { BinnacleFile } from '../workspace/schemas/binnacle.ts';
import type { ConsoleEvaluationParts } from './console-evaluation-parts.ts';
import { startEvaluationGateway, type EvaluationGateway, type ServedVersion } from './evaluation-gateway.ts';
import { findSuite, readSuite } from './evaluation-suite.ts';
import { findVersion, targetOf } from './evaluation-targets.ts';

type Probes = NonNullable<BinnacleFile['probes']>;

export interface ProbeRound {
  readonly asked: number;
  /** Answered by a model, whatever it said; the others failed, were blocked or stood against the ceiling. */
  readonly answered: number;
}

export type ProbeParts = Omit<ConsoleEvaluationParts, 'ingestor' | 'schedule' | 'snapshots' | 'sampling'>;

const PLACE = { collection: 'probes', id: 'last-round' };
const AT_ONCE = 2;
/** Of a plain question's answer. */
const MOST_TOKENS = 500;

/** Asks once more where a period has passed since the last round. Null: it is not time, or there are none. */
export async function probeModels(parts: ProbeParts, signal: AbortSignal): Promise<ProbeRound | null> {
  const { snapshot, workspace } = parts.workspace();
  const { probes } = workspace.settings.value;
  if (probes === undefined || snapshot === undefined) return null;
  const now = parts.clock.now();
  const last = await parts.state.documents.get(PLACE.collection, PLACE.id);
  const since = last === null ? Infinity : now - (last.body as { at: number }).at;
  // Below nothing: the clock has been set back since.
  if (since >= 0 && since < probes.every) return null;
  // Noted before it is asked: a console that dies in the middle does not pay for the round again.
  await parts.state.documents.put(PLACE.collection, PLACE.id, { at: now });
  return askRound(parts, probes, snapshot, signal);
}

async function askRound(
  parts: ProbeParts,
  probes: Probes,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<ProbeRound> {
  const plan = await planOf(parts, probes, snapshot);
  const ceiling = await ceilingToday(parts, probes);
  const gateway = await startEvaluationGateway({
    workspaceFolder: parts.workspaceFolder,
    dataFolder: parts.dataFolder,
    environment: parts.environment,
    logger: parts.logger,
    run: newId('run', parts.clock.now()),
    snapshot: withoutFallbacks(snapshot),
    served: plan.served,
    ceilingOf: () => ceiling,
    concurrency: AT_ONCE,
  });
  try {
    const questions = shuffled(plan.questions, parts.clock.now());
    return { asked: questions.length, answered: await ask(gateway, questions, signal) };
  } finally {
    await gateway.close();
  }
}

async function ask(
  gateway: EvaluationGateway,
  questions: GatewayQuestion[],
  signal: AbortSignal,
): Promise<number> {
  let answered = 0;
  const worker = async (): Promise<void> => {
    for (let question = questions.pop(); question !== undefined; question = questions.pop()) {
      if (signal.aborted) return;
      const outcome = await gateway.ask({ question, tags: [PROBE_TAG], signal });
      if (outcome.status === 'answered') answered += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answered;
}

/** Another model's answers would pass for this one's. */
function withoutFallbacks(snapshot: Snapshot): Snapshot {
  const models = Object.entries(snapshot.models).map(([name, model]) => [name, { ...model, fallbacks: [] }]);
  return { ...snapshot, models: Object.fromEntries(models) as Snapshot['models'] };
}

interface Plan {
  readonly served: readonly ServedVersion[];
  readonly questions: readonly GatewayQuestion[];
}

/** Every case and question for every model. */
async function planOf(
  parts: ProbeParts,
  { suite, questions, models }: Probes,
  snapshot: Snapshot,
): Promise<Plan> {
  const plain = models.flatMap((model) =>
    questions.map((text): GatewayQuestion => {
      return { kind: 'messages', model, text, temperature: 0, maxTokens: MOST_TOKENS };
    }),
  );
  if (suite === undefined) return { served: [], questions: plain };
  const file = findSuite(parts.workspace().workspace, suite);
  const { prompt } = file;
  if (prompt === undefined)
    throw new UsageError(
      `The suite "${suite}" names no prompt, so probes can't ask its cases.`,
      'probes.suite',
    );
  const source = { name: suite, file, workspaceFolder: parts.workspaceFolder, recorded: refuseRecorded };
  const { cases } = await readSuite(source);
  const version = findVersion(snapshot, prompt, file.version);
  const served = models.map((model, index) =>
    targetOf(snapshot, { version, model, label: `probe-${index + 1}` }),
  );
  const asked = served.flatMap(({ served: { label } }) =>
    cases.map(({ variables }): GatewayQuestion => ({ kind: 'prompt', prompt, label, variables })),
  );
  return { served: served.map((one) => one.served), questions: [...asked, ...plain] };
}

function refuseRecorded(): never {
  throw new UsageError(
    'Probes ask the same every time: cases drawn from interactions are not.',
    'probes.suite',
  );
}

async function ceilingToday(
  { ledger, clock }: ProbeParts,
  { max_cost_usd_per_day: limit }: Probes,
): Promise<SpendCeiling> {
  if (limit === undefined) return new SpendCeiling(null);
  const spent = await probeCost(ledger, Math.floor(clock.now() / DAY_MS) * DAY_MS);
  const left = parseUsd(limit) - spent;
  return new SpendCeiling(left > 0n ? left : 0n);
}

/** Another order every round: in the same one, a run of long answers would look like a change. */
function shuffled<Value>(values: readonly Value[], seed: number): Value[] {
  const uniform = seededUniform(seed % 2_147_483_647);
  const keyed = values.map((value) => ({ value, key: uniform() }));
  return keyed.sort((one, other) => one.key - other.key).map(({ value }) => value);
}

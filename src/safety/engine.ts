// From configuration to a scan: which guardrails run for a prompt and key, and what they say of a text together.
import {
  guardrailSetSchema,
  promptGuardrailsSchema,
  type GuardrailsConfiguration,
  type GuardrailSet,
  type GuardrailUse,
  type StreamMode,
} from '../contract/guardrails.ts';
import { messageOf, UsageError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { ActiveGuardrail } from './active-guardrail.ts';
import { failingGuardrail } from './failing-guardrail.ts';
import { boundedFindings, resolveOverlaps, stronger, type AppliedFinding } from './findings.ts';
import type {
  Asker,
  Direction,
  Guardrail,
  GuardrailAction,
  GuardrailRunner,
  GuardrailServices,
  ScanResult,
} from './guardrail.ts';
import { loadGuardrail } from './registry.ts';
import { PATIENT_FROM, SharedScan } from './shared-scan.ts';

/** Makes the runner of a guardrail that costs too much for the event loop: the worker pool's way in. */
export type RunElsewhere = (guardrail: Guardrail, options: unknown) => GuardrailRunner;

/** All that screens one prompt's (or key's) traffic. */
export interface CompiledGuardrails {
  readonly input: readonly ActiveGuardrail[];
  readonly output: readonly ActiveGuardrail[];
  readonly streams: StreamMode;
  readonly windowTokens: number;
  readonly pseudonymise: boolean;
  /** One of them may ask a model: then it is told for whom. */
  readonly asksModels: boolean;
  /** What the user reads when something is blocked. */
  readonly message: string;
}

/** Personal data that opens accounts or proves who someone is. */
const IDENTITY_TYPES = [
  'CREDIT_CARD',
  'CRYPTO',
  'IBAN_CODE',
  'MEDICAL_RECORD_NUMBER',
  'US_BANK_NUMBER',
  'US_DRIVER_LICENSE',
  'US_ITIN',
  'US_PASSPORT',
  'US_SSN',
];
const CONTACT_TYPES = ['EMAIL_ADDRESS', 'PHONE_NUMBER', 'IP_ADDRESS', 'DATE_TIME'];

const DEFAULT_USES = [
  { guardrail: 'secrets', action: 'redact' },
  { guardrail: 'pii', action: 'redact', options: { types: IDENTITY_TYPES } },
  { guardrail: 'pii', action: 'flag', options: { types: CONTACT_TYPES } },
];

/**
 * What runs where nothing is configured, both ways: secrets and the numbers of accounts and papers are replaced; ways to reach someone are
 * found and recorded, but left as they stand, since an assistant that may not name its own hotline is of no use to anyone.
 */
export const DEFAULT_SET: GuardrailSet = guardrailSetSchema.parse({
  input: DEFAULT_USES,
  output: DEFAULT_USES,
});

const WINDOW_TOKENS = 64;

/** Whose traffic: what the prompt file says under `guardrails`, and the key's id and name. */
export interface GuardrailScope {
  readonly prompt?: unknown;
  readonly key?: readonly string[];
}

/** The sets that apply: the prompt's own, else the key's, else `default`, else the shipped default. */
export function setsFor(configuration: GuardrailsConfiguration, scope: GuardrailScope): GuardrailSet[] {
  if (scope.prompt !== undefined && scope.prompt !== null) {
    const own = promptGuardrailsSchema.parse(scope.prompt);
    if (typeof own === 'object' && !Array.isArray(own)) return [own];
    return (Array.isArray(own) ? own : [own]).map((name) => namedSet(configuration, name));
  }
  const keyed = (scope.key ?? []).map((key) => configuration.keys[key]).find((name) => name !== undefined);
  if (keyed !== undefined) return [namedSet(configuration, keyed)];
  return [configuration.sets['default'] ?? DEFAULT_SET];
}

function namedSet(configuration: GuardrailsConfiguration, name: string): GuardrailSet {
  const set = configuration.sets[name];
  if (set !== undefined) return set;
  if (name === 'default') return DEFAULT_SET;
  throw new UsageError(
    `guardrails.yaml has no set "${name}".${didYouMean(name, Object.keys(configuration.sets))}`,
    'guardrails',
  );
}

/** How a server compiles: what it puts into options first, and that one guardrail that can't be set up leaves the others standing. */
export interface ServingSetup {
  readonly prepare: (use: GuardrailUse) => GuardrailUse;
  readonly onFailure: (use: GuardrailUse, error: unknown) => void;
}

/**
 * Configures all guardrails that apply. Throws `usage` for a wrong name, wrong options or a missing service; with `serving`, such a
 * guardrail stands in the list and fails each scan instead.
 */
export async function compileGuardrails(
  configuration: GuardrailsConfiguration,
  scope: GuardrailScope,
  services: GuardrailServices,
  elsewhere?: RunElsewhere,
  serving?: ServingSetup,
): Promise<CompiledGuardrails> {
  const sets = setsFor(configuration, scope);
  const activateOne = async (use: GuardrailUse): Promise<ActiveGuardrail> => {
    try {
      const ready = serving?.prepare(use) ?? use;
      return await activateGuardrail(ready, configuration.on_error, services, elsewhere);
    } catch (error) {
      if (serving === undefined) throw error;
      serving.onFailure(use, error);
      return failingGuardrail(use.guardrail, use.on_error ?? configuration.on_error, messageOf(error));
    }
  };
  const activate = (uses: readonly GuardrailUse[]): Promise<ActiveGuardrail[]> =>
    Promise.all(uses.map(activateOne));
  const input = await activate(sets.flatMap((set) => set.input));
  const output = await activate(sets.flatMap((set) => set.output));
  return {
    input,
    output,
    streams: sets.find((set) => set.streams !== undefined)?.streams ?? configuration.streams,
    windowTokens: Math.max(...sets.map((set) => set.window_tokens ?? WINDOW_TOKENS)),
    pseudonymise: sets.some((set) => set.pseudonymise),
    asksModels: [...input, ...output].some(({ guardrail }) => guardrail.placement === 'remote'),
    message: sets.find((set) => set.message !== undefined)?.message ?? configuration.message,
  };
}

/** Configures one guardrail. */
export async function activateGuardrail(
  use: GuardrailUse,
  onError: 'closed' | 'open',
  services: GuardrailServices,
  elsewhere?: RunElsewhere,
): Promise<ActiveGuardrail> {
  const guardrail = await loadGuardrail(use.guardrail);
  const options = guardrail.configuration.safeParse(use.options);
  if (!options.success) {
    const issue = options.error.issues[0];
    throw new UsageError(
      `Guardrail "${use.guardrail}": ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'wrong options'}`,
    );
  }
  const runsElsewhere = elsewhere !== undefined && guardrail.placement === 'worker';
  const missing = guardrail.needs.find((need) => services[need] === undefined);
  if (missing !== undefined && !runsElsewhere)
    throw new UsageError(`Guardrail "${use.guardrail}" needs ${NEEDS[missing]}, which is not set up here.`);
  return {
    guardrail,
    runner: runsElsewhere
      ? elsewhere(guardrail, use.options)
      : withLongTextsElsewhere(
          await guardrail.create(use.options, services),
          guardrail,
          use.options,
          elsewhere,
        ),
    action: use.action ?? guardrail.defaultAction,
    threshold: use.threshold ?? guardrail.defaultThreshold,
    onError: use.on_error ?? onError,
  };
}

/** A guardrail of the event loop goes to the pool with a long text, unless it knows to wait by itself. */
function withLongTextsElsewhere(
  here: GuardrailRunner,
  guardrail: Guardrail,
  options: unknown,
  elsewhere: RunElsewhere | undefined,
): GuardrailRunner {
  if (elsewhere === undefined || guardrail.placement !== 'inline' || guardrail.isPatient === true)
    return here;
  const there = elsewhere(guardrail, options);
  return { scan: (input) => (input.text.length > PATIENT_FROM ? there : here).scan(input) };
}

const NEEDS: Readonly<Record<keyof GuardrailServices, string>> = {
  embedder: 'sentence embeddings',
  judge: 'a judge',
  request: 'leave to send requests',
};

/** What all guardrails together say of a text. */
export interface Verdict {
  readonly action: GuardrailAction;
  readonly findings: readonly AppliedFinding[];
  readonly scores: Readonly<Record<string, number>>;
  /** Guardrails that could not run, why, and whether that blocks. Never silently empty. */
  readonly notScanned: readonly {
    readonly guardrail: string;
    readonly reason: string;
    readonly onError: 'closed' | 'open';
  }[];
}

interface Tally {
  readonly findings: AppliedFinding[];
  readonly scores: Record<string, number>;
  readonly notScanned: { guardrail: string; reason: string; onError: 'closed' | 'open' }[];
}

function count(tally: Tally, { guardrail, action, threshold }: ActiveGuardrail, result: ScanResult): void {
  const counted = result.findings.filter(({ score, start, end }) => score >= threshold && end > start);
  for (const finding of boundedFindings(counted))
    tally.findings.push({ ...finding, guardrail: guardrail.reportedAs ?? guardrail.name, action });
  if (result.scores !== undefined) Object.assign(tally.scores, result.scores);
}

function verdictOf({ findings, scores, notScanned }: Tally): Verdict {
  const kept = resolveOverlaps(findings);
  let action: GuardrailAction = notScanned.some(({ onError }) => onError === 'closed') ? 'block' : 'allow';
  for (const finding of kept) action = stronger(action, finding.action);
  return { action, findings: kept, scores, notScanned };
}

/**
 * Scans a text with these guardrails side by side; at once where none of them has to wait. Never throws or rejects: a guardrail that fails
 * is named in `notScanned`.
 */
export function scanText(
  active: readonly ActiveGuardrail[],
  input: {
    readonly text: string;
    readonly direction: Direction;
    readonly context?: string;
    readonly asker?: Asker | undefined;
  },
): Verdict | Promise<Verdict> {
  const given = { ...input, shared: new SharedScan(input.text) };
  const tally: Tally = { findings: [], scores: {}, notScanned: [] };
  const pending: Promise<void>[] = [];
  for (const one of active) {
    const fail = (error: unknown): void =>
      void tally.notScanned.push({
        guardrail: one.guardrail.name,
        reason: messageOf(error),
        onError: one.onError,
      });
    try {
      const result = one.runner.scan(given);
      if (result instanceof Promise) pending.push(result.then((late) => count(tally, one, late)).catch(fail));
      else count(tally, one, result);
    } catch (error) {
      fail(error);
    }
  }
  return pending.length === 0 ? verdictOf(tally) : Promise.all(pending).then(() => verdictOf(tally));
}

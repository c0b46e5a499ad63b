// From names on the command line to what is served: which versions on which models a run answers with.
import type { PromptVersion, Snapshot } from '../contract/snapshot.ts';
import { contentKey } from '../evaluation/run/plan.ts';
import type { Target } from '../evaluation/suite.ts';
import { RequestError, UsageError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { PromptRenderer } from '../prompts/render.ts';
import { resolvePrompt } from '../prompts/resolve.ts';
import type { ServedVersion } from './evaluation-gateway.ts';

const renderer = new PromptRenderer();

/** `customer-support@3.2`, `customer-support@staging` or `customer-support`. */
export function readPromptName(written: string): { readonly name: string; readonly version?: string } {
  const at = written.lastIndexOf('@');
  return at <= 0 ? { name: written } : { name: written.slice(0, at), version: written.slice(at + 1) };
}

/** The version named. Throws a UsageError with the nearest name. */
export function findVersion(
  snapshot: Pick<Snapshot, 'prompts'>,
  name: string,
  version?: string,
): PromptVersion {
  try {
    return resolvePrompt(snapshot, name, version);
  } catch (error) {
    if (error instanceof RequestError) throw new UsageError(error.message, error.param);
    throw error;
  }
}

/** Models an answer may come from: the version's own, and where the router chooses, any. */
function modelsBehind(snapshot: Snapshot, model: string): string[] {
  if (model === 'auto') return Object.keys(snapshot.models);
  return [model, ...(snapshot.models[model]?.fallbacks ?? [])];
}

function providersBehind(snapshot: Snapshot, model: string): string[] {
  const models = modelsBehind(snapshot, model);
  return [
    ...new Set(
      models.flatMap((one) => snapshot.models[one]?.deployments.map(({ provider }) => provider) ?? []),
    ),
  ];
}

/** All that stands around a model and decides what it answers. */
export interface Surroundings {
  /** SHA-256, hex. */
  readonly digest: string;
  /** Whether kept answers may stand for new ones: not where a recording gives them. */
  readonly isCacheable: boolean;
  readonly isSimulated: boolean;
}

export function surroundingsOf(snapshot: Snapshot, model: string): Surroundings {
  const providers = providersBehind(snapshot, model).flatMap((name) => snapshot.providers[name] ?? []);
  const digest = contentKey([
    modelsBehind(snapshot, model).map((name) => [name, snapshot.models[name]?.deployments]),
    providers.map(({ kind, baseUrl, options }) => [kind, baseUrl, options]),
    model === 'auto' ? snapshot.routing : null,
    snapshot.guardrails,
  ]);
  return {
    digest,
    isCacheable: providers.every(({ kind }) => kind !== 'replay'),
    isSimulated: providers.some(({ simulated }) => simulated),
  };
}

export interface EvaluatedVersion {
  readonly version: PromptVersion;
  /** Instead of the version's own. */
  readonly model?: string;
  readonly label: string;
}

/** A target of a run, and the version as the gateway serves it. Throws a UsageError for an unknown model. */
export function targetOf(
  snapshot: Snapshot,
  { version, model: asked, label }: EvaluatedVersion,
): { readonly target: Target; readonly served: ServedVersion } {
  const model = asked ?? version.model;
  if (model !== 'auto' && snapshot.models[model] === undefined)
    throw new UsageError(
      `There is no model "${model}" in models.yaml.${didYouMean(model, Object.keys(snapshot.models))}`,
      'model',
    );
  const { digest: surroundings, isCacheable, isSimulated } = surroundingsOf(snapshot, model);
  const target: Target = {
    name: `${version.name}@${version.version} on ${model}`,
    prompt: version.name,
    version: version.version,
    promptId: version.promptId,
    digest: version.digest,
    commit: version.commit,
    model,
    label,
    surroundings,
    isCacheable,
    isSimulated,
    variables: [...renderer.variablesOf(version)].sort(),
    contextVariable: version.contextVariable,
  };
  return { target, served: { label, version: { ...version, model } } };
}

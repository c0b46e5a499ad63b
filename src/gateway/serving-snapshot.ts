// A snapshot made ready to serve from: keys by hash, models with their targets, secrets resolved. Done once per snapshot, so that no
// request reads configuration.
import type { KeySnapshot, ModelSnapshot, ProviderSnapshot, Snapshot } from '../contract/snapshot.ts';
import { BinnacleError } from '../kernel/errors.ts';
import type { Target } from '../providers/provider.ts';

/** One deployment of a model, ready to be called. */
export interface ServingDeployment {
  /** Names it across snapshots: its provider and what that calls the model. */
  readonly id: string;
  readonly provider: string;
  /** The provider's `kind`. */
  readonly kind: string;
  readonly target: Target;
  readonly weight: number;
  readonly simulated: boolean;
  /** Names of environment variables that its provider asks for and that are not set. */
  readonly missing: readonly string[];
}

export interface ServingModel {
  readonly name: string;
  readonly settings: ModelSnapshot;
  readonly deployments: readonly ServingDeployment[];
}

export interface ServingSnapshot {
  readonly snapshot: Snapshot;
  readonly keysByHash: ReadonlyMap<string, KeySnapshot>;
  readonly models: ReadonlyMap<string, ServingModel>;
}

/** Resolves the `${NAME}` references of a text; `missing` names those that are not set. */
export type ResolveSecrets = (text: string) => { readonly text: string; readonly missing: readonly string[] };

interface ReadyProvider {
  readonly settings: ProviderSnapshot;
  readonly apiKey: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly missing: readonly string[];
}

function readyProvider(settings: ProviderSnapshot, resolve: ResolveSecrets): ReadyProvider {
  const missing: string[] = [];
  const read = (text: string): string => {
    const resolved = resolve(text);
    missing.push(...resolved.missing);
    return resolved.text;
  };
  const apiKey = settings.apiKey === null ? undefined : read(settings.apiKey);
  const headers = Object.fromEntries(
    Object.entries(settings.headers).map(([name, value]) => [name, read(value)]),
  );
  return { settings, apiKey, headers, missing };
}

function targetOf(provider: string, upstreamModel: string, ready: ReadyProvider): Target {
  return {
    provider,
    upstreamModel,
    baseUrl: ready.settings.baseUrl,
    headers: ready.headers,
    options: ready.settings.options,
    timeouts: ready.settings.timeouts,
    allowPrivate: ready.settings.allowPrivate,
    ...(ready.apiKey === undefined || ready.missing.length > 0 ? {} : { apiKey: ready.apiKey }),
  };
}

function readyModel(
  name: string,
  settings: ModelSnapshot,
  providers: ReadonlyMap<string, ReadyProvider>,
): ServingModel {
  const deployments = settings.deployments.flatMap((deployment): ServingDeployment[] => {
    const ready = providers.get(deployment.provider);
    if (ready === undefined) return [];
    return [
      {
        id: `${deployment.provider}/${deployment.upstreamModel}`,
        provider: deployment.provider,
        kind: ready.settings.kind,
        target: targetOf(deployment.provider, deployment.upstreamModel, ready),
        weight: deployment.weight,
        simulated: ready.settings.simulated,
        missing: ready.missing,
      },
    ];
  });
  return { name, settings, deployments };
}

/** Makes a snapshot ready. Never throws: what is missing shows in each deployment and fails its calls by name. */
export function prepareSnapshot(snapshot: Snapshot, resolve: ResolveSecrets): ServingSnapshot {
  const providers = new Map(
    Object.entries(snapshot.providers).map(
      ([name, settings]) => [name, readyProvider(settings, resolve)] as const,
    ),
  );
  return {
    snapshot,
    keysByHash: new Map(snapshot.keys.map((key) => [key.hash, key])),
    models: new Map(
      Object.entries(snapshot.models).map(
        ([name, settings]) => [name, readyModel(name, settings, providers)] as const,
      ),
    ),
  };
}

/** The snapshot there is, or 503: the gateway has only just begun. */
export function requireSnapshot(snapshot: ServingSnapshot | null): ServingSnapshot {
  if (snapshot !== null) return snapshot;
  throw new BinnacleError({
    code: 'not_ready',
    message: 'The gateway has no workspace snapshot yet; try again in a moment.',
    httpStatus: 503,
    isRetryable: true,
    retryAfterSeconds: 1,
  });
}

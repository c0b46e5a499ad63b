// What the workspace holds as it is served now: prompts with versions and labels, models. From the snapshot alone.
import { z } from 'zod';
import { modelSchema, promptSummarySchema, promptVersionSchema } from '../../contract/api.ts';
import type { PromptSnapshot, PromptVersion, Snapshot } from '../../contract/snapshot.ts';
import { BinnacleError, RequestError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { defineRoute, type Route } from '../route.ts';
import { maySee, type Scope } from '../scope.ts';
import { simulatedProviders } from '../simulated.ts';
import type { SnapshotSource } from '../snapshot-source.ts';

function served(snapshots: SnapshotSource): Snapshot {
  const snapshot = snapshots.served?.snapshot;
  if (snapshot !== undefined) return snapshot;
  throw new BinnacleError({
    code: 'no_snapshot',
    message: `The workspace is not compiled: ${snapshots.errors[0] ?? 'it is being read'}.`,
    httpStatus: 503,
    retryAfterSeconds: 1,
  });
}

/** Versions sort by their numbers: 3.10 after 3.9. */
export function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** Names of prompts that the caller may know of. */
function visiblePrompts(snapshot: Snapshot, scope: Scope): string[] {
  return Object.keys(snapshot.prompts).filter((name) => maySee(scope, 'prompts', name));
}

function promptNamed(snapshot: Snapshot, name: string, scope: Scope): PromptSnapshot {
  const known = visiblePrompts(snapshot, scope);
  const prompt = known.includes(name) ? snapshot.prompts[name] : undefined;
  if (prompt !== undefined) return prompt;
  throw new RequestError({
    code: 'unknown_prompt',
    message: `There is no prompt "${name}".${didYouMean(name, known)}`,
    httpStatus: 404,
    param: 'name',
  });
}

function describeVersion(
  prompt: PromptSnapshot,
  version: PromptVersion,
): z.output<typeof promptVersionSchema> {
  const labels = Object.entries(prompt.labels).filter(([, to]) => to === version.version);
  return {
    prompt_id: version.promptId,
    name: version.name,
    version: version.version,
    labels: labels.map(([label]) => label),
    model: version.model,
    system_prompt: version.systemPrompt,
    user_prompt_template: version.userPromptTemplate,
    parameters: { ...version.parameters },
    digest: version.digest,
    commit: version.commit,
  };
}

function newestFirst(prompt: PromptSnapshot): string[] {
  return Object.keys(prompt.versions).sort((a, b) => compareVersions(b, a));
}

function promptRoutes(snapshots: SnapshotSource): Route[] {
  const named = z.object({ name: z.string() });
  return [
    defineRoute({
      method: 'GET',
      path: '/api/prompts',
      access: 'read',
      summary: 'Prompts with their versions and labels',
      response: z.object({ prompts: z.array(promptSummarySchema) }),
      handle: async ({ scope }) => {
        const snapshot = served(snapshots);
        return {
          prompts: visiblePrompts(snapshot, scope).flatMap((name) => {
            const prompt = snapshot.prompts[name];
            return prompt === undefined
              ? []
              : { name, labels: { ...prompt.labels }, versions: newestFirst(prompt) };
          }),
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/prompts/:name',
      access: 'read',
      summary: 'One prompt with every version as it is served',
      parameters: named,
      response: z.object({
        name: z.string(),
        labels: z.record(z.string(), z.string()),
        versions: z.array(promptVersionSchema),
      }),
      handle: async ({ scope, parameters: { name } }) => {
        const prompt = promptNamed(served(snapshots), name, scope);
        const versions = newestFirst(prompt).flatMap((version) => prompt.versions[version] ?? []);
        return {
          name,
          labels: { ...prompt.labels },
          versions: versions.map((version) => describeVersion(prompt, version)),
        };
      },
    }),
  ];
}

export function workspaceRoutes(snapshots: SnapshotSource): Route[] {
  return [
    ...promptRoutes(snapshots),
    defineRoute({
      method: 'GET',
      path: '/api/models',
      access: 'read',
      summary: 'Models of models.yaml',
      response: z.object({ models: z.array(modelSchema) }),
      handle: async ({ scope }) => {
        const snapshot = served(snapshots);
        const simulated = simulatedProviders(snapshot);
        const visible = Object.entries(snapshot.models).filter(([id]) => maySee(scope, 'models', id));
        return {
          models: visible.map(([id, model]) => ({
            id,
            deployments: model.deployments.map(({ provider, upstreamModel }) => ({
              provider,
              upstream_model: upstreamModel,
            })),
            fallbacks: model.fallbacks.filter((name) => maySee(scope, 'models', name)),
            tags: [...model.tags],
            simulated: model.deployments.some(({ provider }) => simulated.has(provider)),
            priced: model.prices.length > 0,
          })),
        };
      },
    }),
  ];
}

// In which order one request may be tried: deployments of its model, a second try where there is one alone, then its fallbacks. Pure.

export interface PlannedModel<Deployment> {
  readonly model: string;
  /** In the order to try. */
  readonly deployments: readonly Deployment[];
}

export interface Step<Deployment> {
  readonly model: string;
  readonly deployment: Deployment;
}

/** Calls one request may make at most. */
export const MOST_CALLS = 3;

/**
 * Steps in order. Deployments of the first model come first, each once; where it has a single one, that is tried once more before any
 * other model is (most failures of one call are a broken connection); then each deployment of the fallbacks. What has no fallback goes
 * round until there are `MOST_CALLS` steps. Open breakers make some of them be skipped, so there may be more steps than calls.
 */
export function planCalls<Deployment>(chain: readonly PlannedModel<Deployment>[]): Step<Deployment>[] {
  const [first, ...fallbacks] = chain;
  if (first === undefined) return [];
  const once = (planned: PlannedModel<Deployment>): Step<Deployment>[] =>
    planned.deployments.map((deployment) => ({ model: planned.model, deployment }));
  const own = once(first);
  const steps = own.length === 1 ? [...own, ...own] : [...own];
  for (const fallback of fallbacks) steps.push(...once(fallback));
  for (let index = 0; steps.length < MOST_CALLS && own.length > 0; index += 1)
    steps.push(own[index % own.length] as Step<Deployment>);
  return steps;
}

// References inside models.yaml, and from routing.yaml into it; and that each model has a price.
import { catalogueProvider } from '../catalogue-prices.ts';
import type { ReferenceScope } from './scope.ts';
import type { ModelFile } from '../schemas/models.ts';

export function checkModels(scope: ReferenceScope): void {
  const { models: item, routing } = scope.workspace;
  const { providers, models } = item.value;
  for (const [name, provider] of Object.entries(providers)) {
    scope.refer(
      item,
      ['providers', name, 'kind'],
      'provider kind',
      provider.kind,
      scope.known.providerKinds,
      'the program',
    );
  }
  for (const [id, model] of Object.entries(models)) {
    for (const [index, fallback] of model.fallbacks.entries()) {
      scope.model(item, ['models', id, 'fallbacks', index], fallback);
      if (fallback === id)
        scope.report(
          item,
          ['models', id, 'fallbacks', index],
          'own_fallback',
          `"${id}" can't be its own fallback.`,
        );
    }
    for (const { provider, path } of deploymentsOf(id, model)) {
      scope.refer(item, path, 'provider', provider, Object.keys(providers), 'models.yaml');
    }
    checkPrice(scope, id, model);
  }
  for (const [index, rule] of routing.value.rules.entries())
    scope.model(routing, ['rules', index, 'model'], rule.model);
}

function deploymentsOf(
  id: string,
  model: ModelFile,
): { provider: string; upstreamModel: string; path: (string | number)[] }[] {
  if (model.provider !== undefined) {
    return [
      {
        provider: model.provider,
        upstreamModel: model.upstream_model ?? id,
        path: ['models', id, 'provider'],
      },
    ];
  }
  return (model.deployments ?? []).map((deployment, index) => {
    return {
      provider: deployment.provider,
      upstreamModel: deployment.upstream_model,
      path: ['models', id, 'deployments', index, 'provider'],
    };
  });
}

function checkPrice(scope: ReferenceScope, id: string, model: ModelFile): void {
  if (model.prices.length > 0) return;
  const item = scope.workspace.models;
  for (const { provider, upstreamModel } of deploymentsOf(id, model)) {
    const settings = Object.hasOwn(item.value.providers, provider)
      ? item.value.providers[provider]
      : undefined;
    if (settings === undefined || scope.known.hasCataloguePrice(catalogueProvider(settings), upstreamModel))
      continue;
    const problem = `model "${id}" has no price: neither "prices" of its own nor "${upstreamModel}" of ${settings.kind} in the shipped catalogue. Add prices: [{input: "…", output: "…"}] (US$ per million tokens) or per_hour.`;
    return scope.report(item, ['models', id], 'unpriced_model', problem);
  }
}

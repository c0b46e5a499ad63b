// Stage: which model serves. A model named by the request or the prompt version stands; `auto` goes through the rules.
import type { KeySnapshot, RoutingRule } from '../../contract/snapshot.ts';
import { RequestError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { isInScope } from '../../limits/api-key.ts';
import { decideByRules, type DetectLanguage } from '../../routing/rules.ts';
import { routeSensitive, type SensitiveFacts } from '../../routing/sensitive.ts';
import type { Exchange, RouteDecision } from '../exchange.ts';
import type { Stage } from '../stage.ts';

const AUTO = 'auto';

export interface RouteServices {
  readonly detectLanguage: DetectLanguage;
}

function unknownModel(asked: string, known: Iterable<string>): RequestError {
  return new RequestError({
    code: 'model_not_found',
    message: `There is no model "${asked.slice(0, 100)}" in models.yaml.${didYouMean(asked, known)}`,
    httpStatus: 404,
    param: 'model',
  });
}

function keyNames(key: KeySnapshot | null): readonly string[] {
  return key === null ? [] : [key.id, key.name];
}

/** The rules a key's `auto` requests may be served by. */
function visibleRules({ key, snapshot }: Exchange): readonly RoutingRule[] {
  const { routing } = snapshot.snapshot;
  return key === null || key.routes.length === 0
    ? routing
    : routing.filter(({ name }) => isInScope(key.routes, name));
}

/** Names of models that a key may know of. */
function visibleModels({ key, snapshot }: Exchange): string[] {
  return [...snapshot.models.keys()].filter((name) => isInScope(key?.models, name));
}

/** A model that is named is unknown to a key outside of whose scope it lies; one that a prompt or a rule chose is not told. */
function requireModel(exchange: Exchange, decision: RouteDecision): void {
  const isVisible = isInScope(exchange.key?.models, decision.model);
  if (isVisible && exchange.snapshot.models.has(decision.model)) return;
  if (exchange.prompt === null && decision.model === exchange.request.model)
    throw unknownModel(decision.model, visibleModels(exchange));
  if (isVisible) throw unknownModel(decision.model, []);
  throw new RequestError({
    code: 'model_not_allowed',
    message: 'This API key may not use the model that serves this request.',
    httpStatus: 403,
    param: exchange.prompt === null ? 'model' : 'prompt.id',
  });
}

function sensitiveFacts(exchange: Exchange): SensitiveFacts {
  const types = exchange.findings.filter(({ action }) => action !== 'allow').map(({ type }) => type);
  const because = types.length === 0 ? 'metadata' : [...new Set(types)].slice(0, 3).join(', ');
  const { models } = exchange.snapshot;
  const moderated = visibleModels(exchange).filter((name) => models.get(name)?.settings.moderated === true);
  return { because, moderated };
}

function decide(exchange: Exchange, services: RouteServices): RouteDecision {
  const asked = exchange.request.model;
  if (asked === undefined) {
    throw new RequestError({
      code: 'missing_required_parameter',
      message: 'Name a model (an id of models.yaml, or "auto"), or a managed prompt that names one.',
      param: 'model',
    });
  }
  if (asked !== AUTO)
    return { model: asked, reason: exchange.prompt === null ? 'requested' : 'prompt version' };
  const facts = {
    text: exchange.question,
    tags: exchange.tags,
    keys: keyNames(exchange.key),
    sensitive: exchange.sensitive,
    workload: exchange.workload,
  };
  const rules = visibleRules(exchange);
  const byRules = decideByRules(rules, facts, services.detectLanguage);
  const decision = exchange.sensitive ? routeSensitive(byRules, rules, sensitiveFacts(exchange)) : byRules;
  if (decision !== undefined) return decision;
  throw new RequestError({
    code: 'no_route',
    message:
      'No rule of routing.yaml holds for this request: name a model, or end the rules with one without conditions.',
    param: 'model',
  });
}

export function route(services: RouteServices): Stage {
  return {
    name: 'route',
    enter(exchange) {
      const decision = decide(exchange, services);
      requireModel(exchange, decision);
      exchange.route = decision;
    },
  };
}

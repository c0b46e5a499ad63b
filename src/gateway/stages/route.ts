// Stage: which model serves. A model named by the request or the prompt version stands; `auto` goes through the rules.
import type { KeySnapshot } from '../../contract/snapshot.ts';
import { RequestError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { decideByRules, type DetectLanguage } from '../../routing/rules.ts';
import type { Exchange, RouteDecision } from '../exchange.ts';
import type { Stage } from '../stage.ts';
import { isInScope } from './authenticate.ts';

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
  const decision = decideByRules(exchange.snapshot.snapshot.routing, facts, services.detectLanguage);
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
      if (!exchange.snapshot.models.has(decision.model))
        throw unknownModel(decision.model, exchange.snapshot.models.keys());
      if (!isInScope(exchange.key?.models, decision.model)) {
        throw new RequestError({
          code: 'model_not_allowed',
          message: `This API key may not use the model "${decision.model}".`,
          httpStatus: 403,
          param: 'model',
        });
      }
      exchange.route = decision;
    },
  };
}

// The table of guardrails: name → module, loaded when first used. The order is the order in which findings are reported.
import { didYouMean } from '../kernel/nearest.ts';
import { UsageError } from '../kernel/errors.ts';
import type { Guardrail } from './guardrail.ts';

const TABLE: Readonly<Record<string, () => Promise<{ readonly guardrail: Guardrail }>>> = {
  pii: () => import('./pii/guardrail.ts'),
  names: () => import('./names/guardrail.ts'),
  secrets: () => import('./secrets/guardrail.ts'),
  'company-secrets': () => import('./company-secrets/guardrail.ts'),
  'prompt-injection': () => import('./prompt-injection/guardrail.ts'),
  hate: () => import('./hate/guardrail.ts'),
  profanity: () => import('./profanity/guardrail.ts'),
  bias: () => import('./bias/guardrail.ts'),
  groundedness: () => import('./groundedness/guardrail.ts'),
  citations: () => import('./citations/guardrail.ts'),
  copyright: () => import('./copyright/guardrail.ts'),
  'json-schema': () => import('./json-schema/guardrail.ts'),
  language: () => import('./language/guardrail.ts'),
  length: () => import('./length/guardrail.ts'),
  refusal: () => import('./refusal/guardrail.ts'),
  moderation: () => import('./moderation/guardrail.ts'),
  'judge-policy': () => import('./judge-policy/guardrail.ts'),
  webhook: () => import('./webhook/guardrail.ts'),
};

/** Names of all guardrails. */
export const GUARDRAIL_NAMES: readonly string[] = Object.keys(TABLE);

/** The guardrail of this name. Throws `usage` for an unknown one, naming the nearest. */
export async function loadGuardrail(name: string): Promise<Guardrail> {
  const load = TABLE[name];
  if (load === undefined)
    throw new UsageError(`There is no guardrail "${name}".${didYouMean(name, GUARDRAIL_NAMES)}`, 'guardrail');
  return (await load()).guardrail;
}

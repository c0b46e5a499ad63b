// A request found sensitive goes to a model marked `moderated`: what the rules chose is set aside, unless they chose such a model or
// chose for sensitive requests on purpose. Pure.
import type { RoutingRule } from '../contract/snapshot.ts';
import type { RoutingDecision } from './rules.ts';

export interface SensitiveFacts {
  /** Why it is sensitive, in a few words without any of its content: `EMAIL_ADDRESS`, `metadata`. */
  readonly because: string;
  /** Models marked `moderated` that the caller may use, in the order of models.yaml. */
  readonly moderated: readonly string[];
}

/** The route of a sensitive request; undefined only where the rules gave none and no model is moderated. */
export function routeSensitive(
  decision: RoutingDecision | undefined,
  rules: readonly RoutingRule[],
  { because, moderated }: SensitiveFacts,
): { readonly model: string; readonly reason: string } | undefined {
  const first = moderated[0];
  if (first === undefined) return decision;
  if (decision === undefined) return { model: first, reason: `sensitive (${because})` };
  const rule = rules[decision.rule];
  if (rule?.when.sensitive === true) return decision;
  if (moderated.includes(decision.model))
    return { model: decision.model, reason: `${decision.reason}, sensitive (${because})` };
  return { model: first, reason: `sensitive (${because}) instead of ${decision.reason}` };
}

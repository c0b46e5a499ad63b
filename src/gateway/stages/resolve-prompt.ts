// Stage: which prompt version answers, when the request names a managed prompt: the version or label asked for, else `production` as
// the live experiment or rollout decides. Fixed here for the whole request.
import { isInScope } from '../../limits/api-key.ts';
import type { KeySnapshot, Snapshot } from '../../contract/snapshot.ts';
import { resolvePrompt } from '../../prompts/resolve.ts';
import type { Exchange } from '../exchange.ts';
import type { Stage } from '../stage.ts';

/** A version chosen by a live experiment or rollout, with its variant's name; undefined: none runs for this prompt. */
export type AssignVersion = (
  prompt: string,
  exchange: Exchange,
) => { readonly version: string; readonly variant: string } | undefined;

export interface ResolvePromptServices {
  readonly assignVersion: AssignVersion;
}

const narrowed = new WeakMap<KeySnapshot, Pick<Snapshot, 'prompts'>>();

/** The prompts a key may know of: one outside of its scope is as unknown to it, and to its "did you mean", as one that is not there. */
function visiblePrompts({ key, snapshot }: Exchange): Pick<Snapshot, 'prompts'> {
  if (key === null || key.prompts.length === 0) return snapshot.snapshot;
  const known = narrowed.get(key);
  if (known !== undefined) return known;
  const visible = Object.entries(snapshot.snapshot.prompts).filter(([name]) => isInScope(key.prompts, name));
  const prompts = { prompts: Object.fromEntries(visible) };
  narrowed.set(key, prompts);
  return prompts;
}

export function resolvePromptStage(services: ResolvePromptServices): Stage {
  return {
    name: 'resolve prompt',
    enter(exchange) {
      const reference = exchange.request.prompt;
      if (reference === undefined) return;
      const assigned =
        reference.version === undefined ? services.assignVersion(reference.id, exchange) : undefined;
      const version = assigned?.version ?? reference.version;
      exchange.prompt = resolvePrompt(visiblePrompts(exchange), reference.id, version);
      exchange.variant = assigned?.variant ?? '';
    },
  };
}

// Stage: which prompt version answers, when the request names a managed prompt: the version or label asked for, else `production` as
// the live experiment or rollout decides. Fixed here for the whole request.
import { RequestError } from '../../kernel/errors.ts';
import { resolvePrompt } from '../../prompts/resolve.ts';
import type { Exchange } from '../exchange.ts';
import type { Stage } from '../stage.ts';
import { isInScope } from './authenticate.ts';

/** A version chosen by a live experiment or rollout, with its variant's name; undefined: none runs for this prompt. */
export type AssignVersion = (
  prompt: string,
  exchange: Exchange,
) => { readonly version: string; readonly variant: string } | undefined;

export interface ResolvePromptServices {
  readonly assignVersion: AssignVersion;
}

export function resolvePromptStage(services: ResolvePromptServices): Stage {
  return {
    name: 'resolve prompt',
    enter(exchange) {
      const reference = exchange.request.prompt;
      if (reference === undefined) return;
      if (!isInScope(exchange.key?.prompts, reference.id)) {
        throw new RequestError({
          code: 'prompt_not_allowed',
          message: `This API key may not use the prompt "${reference.id.slice(0, 100)}".`,
          httpStatus: 403,
          param: 'prompt.id',
        });
      }
      const assigned =
        reference.version === undefined ? services.assignVersion(reference.id, exchange) : undefined;
      const version = assigned?.version ?? reference.version;
      exchange.prompt = resolvePrompt(exchange.snapshot.snapshot, reference.id, version);
      exchange.variant = assigned?.variant ?? '';
    },
  };
}

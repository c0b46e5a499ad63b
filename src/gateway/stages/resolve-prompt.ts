// Stage: which prompt version answers, when the request names a managed prompt: the version or label asked for, else `production` as
// the live experiment or rollout decides. Fixed here for the whole request.
import type { PromptReference } from '../../contract/canonical.ts';
import type { PromptVersion, Snapshot } from '../../contract/snapshot.ts';
import { RequestError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
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

const DEFAULT_LABEL = 'production';

function notFound(code: string, message: string, param: string): RequestError {
  return new RequestError({ code, message, httpStatus: 404, param });
}

/** The version a reference names. Throws 404 with the nearest name. */
export function lookUpPrompt(
  prompts: Snapshot['prompts'],
  reference: Pick<PromptReference, 'id' | 'version'>,
): PromptVersion {
  const prompt = Object.hasOwn(prompts, reference.id) ? prompts[reference.id] : undefined;
  if (prompt === undefined) {
    const id = reference.id.slice(0, 100);
    const near = didYouMean(id, Object.keys(prompts));
    throw notFound('prompt_not_found', `There is no prompt "${id}" in this workspace.${near}`, 'prompt.id');
  }
  const asked = reference.version ?? DEFAULT_LABEL;
  const labelled = Object.hasOwn(prompt.labels, asked) ? prompt.labels[asked] : undefined;
  const name = labelled ?? asked;
  const version = Object.hasOwn(prompt.versions, name) ? prompt.versions[name] : undefined;
  if (version !== undefined) return version;
  const known = [...Object.keys(prompt.versions), ...Object.keys(prompt.labels)];
  const near = didYouMean(asked, known);
  throw notFound(
    'prompt_version_not_found',
    `Prompt "${reference.id}" has no version or label "${asked.slice(0, 100)}".${near}`,
    'prompt.version',
  );
}

export function resolvePrompt(services: ResolvePromptServices): Stage {
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
      exchange.prompt = lookUpPrompt(exchange.snapshot.snapshot.prompts, {
        id: reference.id,
        ...(assigned === undefined
          ? reference.version === undefined
            ? {}
            : { version: reference.version }
          : { version: assigned.version }),
      });
      exchange.variant = assigned?.variant ?? '';
    },
  };
}

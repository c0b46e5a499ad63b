// Stage: the prompt version becomes messages. The caller's own messages follow the rendered ones; what the version fixes is applied.
import type { CanonicalRequest, Message } from '../../contract/canonical.ts';
import type { PromptVersion } from '../../contract/snapshot.ts';
import { RequestError } from '../../kernel/errors.ts';
import type { Stage } from '../stage.ts';
import { applyVersion } from '../version-parameters.ts';

/** Texts of a version with its variables filled in; null where the version has none. Throws a 400 naming a missing variable. */
export type RenderVersion = (
  version: PromptVersion,
  variables: Readonly<Record<string, string>>,
) => { readonly system: string | null; readonly user: string | null };

export interface RenderServices {
  readonly renderVersion: RenderVersion;
}

function message(role: 'system' | 'user', text: string | null): Message[] {
  return text === null ? [] : [{ role, parts: [{ type: 'text', text }] }];
}

function requireMessages(request: CanonicalRequest): void {
  if (request.messages.length > 0) return;
  throw new RequestError({
    code: 'missing_required_parameter',
    message: 'Send messages, or a managed prompt: {"prompt": {"id": …, "variables": {…}}}.',
    param: 'messages',
  });
}

export function renderPrompt(services: RenderServices): Stage {
  return {
    name: 'render',
    enter(exchange) {
      const { prompt: version, request } = exchange;
      if (version === null) return requireMessages(request);
      const variables = request.prompt?.variables ?? {};
      const { system, user } = services.renderVersion(version, variables);
      exchange.context = variables[version.contextVariable] ?? null;
      const rendered = [...message('system', system), ...message('user', user), ...request.messages];
      exchange.request = { ...applyVersion(request, version), messages: rendered };
      requireMessages(exchange.request);
    },
  };
}

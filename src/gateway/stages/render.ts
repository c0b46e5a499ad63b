// Stage: the prompt version becomes messages. The caller's own messages follow the rendered ones; what the version fixes is applied.
import type { CanonicalRequest } from '../../contract/canonical.ts';
import { RequestError } from '../../kernel/errors.ts';
import { PromptRenderer } from '../../prompts/render.ts';
import type { Stage } from '../stage.ts';
import { applyVersion } from '../version-parameters.ts';

function requireMessages(request: CanonicalRequest): void {
  if (request.messages.length > 0) return;
  throw new RequestError({
    code: 'missing_required_parameter',
    message: 'Send messages, or a managed prompt: {"prompt": {"id": …, "variables": {…}}}.',
    param: 'messages',
  });
}

export function renderPrompt(): Stage {
  const renderer = new PromptRenderer();
  return {
    name: 'render',
    enter(exchange) {
      const { prompt: version, request } = exchange;
      if (version === null) return requireMessages(request);
      const variables = request.prompt?.variables ?? {};
      const rendered = renderer.render(version, variables);
      exchange.context = variables[version.contextVariable] ?? null;
      exchange.request = {
        ...applyVersion(request, version),
        messages: [...rendered.messages, ...request.messages],
        question: exchange.question,
      };
      requireMessages(exchange.request);
    },
  };
}

// Stage: guardrails on what the caller brings: its messages (system text and tool results included), the variables of a managed prompt,
// inputs to embed. Templates and policies are reviewed in Git and not scanned; where a variable had to be changed, the prompt is
// rendered again.
import type { PromptVersion } from '../../contract/snapshot.ts';
import { PromptRenderer } from '../../prompts/render.ts';
import { askerOf } from '../caller.ts';
import type { Exchange } from '../exchange.ts';
import type { GuardBook } from '../guard/guard-book.ts';
import { screenRequest } from '../guard/scan-request.ts';
import { Screening } from '../guard/screening.ts';
import type { Stage } from '../stage.ts';

export interface GuardServices {
  readonly guards: GuardBook;
}

async function screenManaged(
  exchange: Exchange,
  screening: Screening,
  version: PromptVersion,
  renderer: PromptRenderer,
): Promise<void> {
  const before = exchange.request.prompt?.variables ?? {};
  const rendered = renderer.render(version, before).messages.length;
  if (!(await screenRequest(exchange, screening, rendered))) return;
  const variables = exchange.request.prompt?.variables ?? {};
  const { messages } = renderer.render(version, variables);
  exchange.context = variables[version.contextVariable] ?? null;
  exchange.request = {
    ...exchange.request,
    messages: [...messages, ...exchange.request.messages.slice(rendered)],
    question: exchange.question,
  };
}

export function guardInput({ guards }: GuardServices): Stage {
  const renderer = new PromptRenderer();
  return {
    name: 'guard input',
    async enter(exchange) {
      const found = guards.of(exchange);
      const compiled = found instanceof Promise ? await found : found;
      const screening = new Screening(compiled, compiled.asksModels ? askerOf(exchange) : undefined);
      exchange.screening = screening;
      if (exchange.prompt === null) await screenRequest(exchange, screening, 0);
      else await screenManaged(exchange, screening, exchange.prompt, renderer);
    },
  };
}

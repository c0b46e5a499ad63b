// The `curl` that is shown at the start: a call that works on this very workspace.
import { compileTemplate, isTemplateFault } from '../kernel/template.ts';

/** A prompt's production version as the console API gives it. */
export interface ShownPrompt {
  readonly name: string;
  readonly system_prompt: string | null;
  readonly user_prompt_template: string | null;
}

/** A question that the example workspace has a recorded answer for, and any support desk might be asked. */
const SAMPLE_QUESTION = 'Where is my order?';

const SAMPLES: Readonly<Record<string, string>> = {
  question: SAMPLE_QUESTION,
  context: 'Orders ship within 24 hours.',
  history: 'none',
};

/** Quotes for a POSIX shell. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function bodyFor(prompt: ShownPrompt | null, model: string | null): unknown {
  if (prompt === null)
    return { model: model ?? 'auto', messages: [{ role: 'user', content: SAMPLE_QUESTION }] };
  const names = [prompt.system_prompt, prompt.user_prompt_template].flatMap((text) => {
    const template = compileTemplate(text ?? '');
    return isTemplateFault(template) ? [] : template.names;
  });
  const variables = Object.fromEntries(
    [...new Set(names)].map((name) => [name, SAMPLES[name] ?? `sample ${name}`]),
  );
  return { prompt: { id: prompt.name, variables } };
}

/** One line to copy. Without a prompt it names a model, without that `auto`. */
export function firstCall(gatewayUrl: string, prompt: ShownPrompt | null, model: string | null): string {
  const body = shellQuoted(JSON.stringify(bodyFor(prompt, model)));
  return `curl -s ${gatewayUrl}/v1/chat/completions -H 'content-type: application/json' -d ${body}`;
}

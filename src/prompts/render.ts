// From a prompt version and a request's variables to messages. Logic-less: see kernel/template.ts. Compiled once a version.
import type { Message } from '../contract/canonical.ts';
import type { PromptVersion } from '../contract/snapshot.ts';
import { BinnacleError, RequestError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { compileTemplate, isTemplateFault, joinTemplate } from '../kernel/template.ts';
import type { Template } from '../kernel/template.ts';

/** What a rendered prompt gives: texts, and the messages made of them (system, then user). */
export interface RenderedPrompt {
  /** With the texts of the content policies after it; null when there is neither. */
  readonly system: string | null;
  readonly user: string | null;
  readonly messages: readonly Message[];
}

interface CompiledPrompt {
  readonly system: Template | null;
  readonly user: Template | null;
  readonly policies: string;
  readonly variables: ReadonlySet<string>;
}

const CACHE_SIZE = 2000;

/** Renders versions, keeping what it compiled by the version's digest. */
export class PromptRenderer {
  readonly #compiled = new Map<string, CompiledPrompt>();

  /**
   * Throws a RequestError 400 naming the variable: `missing_variable`, or `unknown_variable` for one that no template of the version
   * uses (a misspelt name would otherwise leave no trace).
   */
  render(version: PromptVersion, variables: Readonly<Record<string, string>>): RenderedPrompt {
    const compiled = this.#compile(version);
    checkVariables(version, compiled, variables);
    const valueOf = (name: string): string => variables[name] as string;
    const system = compiled.system === null ? '' : joinTemplate(compiled.system, valueOf);
    const separator = compiled.policies === '' || system === '' ? '' : system.endsWith('\n') ? '\n' : '\n\n';
    const whole = system + separator + compiled.policies;
    const user = compiled.user === null ? null : joinTemplate(compiled.user, valueOf);
    const messages: Message[] = [];
    if (whole !== '') messages.push({ role: 'system', parts: [{ type: 'text', text: whole }] });
    if (user !== null) messages.push({ role: 'user', parts: [{ type: 'text', text: user }] });
    return { system: whole === '' ? null : whole, user, messages };
  }

  /** Names of the variables a version needs. */
  variablesOf(version: PromptVersion): ReadonlySet<string> {
    return this.#compile(version).variables;
  }

  #compile(version: PromptVersion): CompiledPrompt {
    const before = this.#compiled.get(version.digest);
    if (before !== undefined) return before;
    const system = compilePart(version, version.systemPrompt);
    const user = compilePart(version, version.userPromptTemplate);
    const compiled = {
      system,
      user,
      policies: version.policies.map((policy) => policy.text).join('\n\n'),
      variables: new Set([...(system?.names ?? []), ...(user?.names ?? [])]),
    };
    if (this.#compiled.size >= CACHE_SIZE) this.#compiled.clear();
    this.#compiled.set(version.digest, compiled);
    return compiled;
  }
}

function compilePart(version: PromptVersion, text: string | null): Template | null {
  if (text === null) return null;
  const template = compileTemplate(text);
  if (!isTemplateFault(template)) return template;
  throw new BinnacleError({
    code: 'bad_template',
    message: `The prompt ${version.promptId} can't be rendered: ${template.fault}. "binnacle check" finds this before it is served.`,
  });
}

function checkVariables(
  version: PromptVersion,
  compiled: CompiledPrompt,
  variables: Readonly<Record<string, string>>,
): void {
  for (const name of compiled.variables) {
    if (Object.hasOwn(variables, name) && typeof variables[name] === 'string') continue;
    throw new RequestError({
      code: 'missing_variable',
      message: `The prompt ${version.promptId} needs the variable "${name}", which the request does not give as a text.`,
      param: `prompt.variables.${name}`,
    });
  }
  for (const name of Object.keys(variables)) {
    if (compiled.variables.has(name)) continue;
    throw new RequestError({
      code: 'unknown_variable',
      message: `The prompt ${version.promptId} has no variable "${name.slice(0, 100)}".${didYouMean(name, compiled.variables)}`,
      param: `prompt.variables.${name.slice(0, 100)}`,
    });
  }
}

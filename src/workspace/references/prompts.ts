// References from prompt files and releases.yaml.
import { checkGuardrailSet } from './guardrail-set.ts';
import type { ReferenceScope } from './scope.ts';
import type { PromptFile } from '../schemas/prompt.ts';
import type { Item } from '../workspace.ts';

export function checkPrompts(scope: ReferenceScope): void {
  const { prompts, releases } = scope.workspace;
  const seen = new Map<string, string>();
  for (const item of prompts) {
    const before = seen.get(item.value.prompt_id);
    if (before !== undefined) {
      scope.report(
        item,
        ['prompt_id'],
        'duplicate_prompt_id',
        `"${item.value.prompt_id}" is also in ${before}. Give this one another version.`,
      );
    }
    seen.set(item.value.prompt_id, item.yaml.file);
    checkPrompt(scope, item);
  }
  for (const [name, labels] of Object.entries(releases.value)) {
    scope.prompt(releases, [name], name);
    for (const [label, version] of Object.entries(labels))
      scope.version(releases, [name, label], name, version);
  }
}

function checkPrompt(scope: ReferenceScope, item: Item<PromptFile>): void {
  const { workspace } = scope;
  const { value: prompt } = item;
  if (prompt.model !== 'auto') scope.model(item, ['model'], prompt.model);
  if (prompt.suite !== undefined) scope.suite(item, ['suite'], prompt.suite);
  for (const [index, policy] of (prompt.policies ?? []).entries()) {
    scope.refer(item, ['policies', index], 'policy', policy, [...workspace.policies.keys()], 'policies/');
  }
  const sets = Object.keys(workspace.guardrails.value.sets);
  const { guardrails } = prompt;
  if (typeof guardrails === 'string')
    scope.refer(item, ['guardrails'], 'guardrail set', guardrails, sets, 'guardrails.yaml');
  else if (Array.isArray(guardrails)) {
    for (const [index, set] of guardrails.entries())
      scope.refer(item, ['guardrails', index], 'guardrail set', set, sets, 'guardrails.yaml');
  } else if (guardrails !== undefined) checkGuardrailSet(scope, item, ['guardrails'], guardrails);
}

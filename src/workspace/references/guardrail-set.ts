// References from a set of guardrails, in guardrails.yaml or in a prompt's file: the guardrails, and the models that those with a judge ask.
import type { GuardrailSet } from '../../contract/guardrails.ts';
import type { Item } from '../workspace.ts';
import type { YamlPath } from '../yaml-file.ts';
import type { ReferenceScope } from './scope.ts';

/** Guardrails whose option `model` names a model of models.yaml. */
const WITH_JUDGE: readonly string[] = ['bias', 'judge-policy'];

export function checkGuardrailSet(
  scope: ReferenceScope,
  item: Item<unknown>,
  path: YamlPath,
  set: GuardrailSet,
): void {
  for (const direction of ['input', 'output'] as const) {
    for (const [index, { guardrail, options }] of set[direction].entries()) {
      const at = [...path, direction, index];
      scope.refer(item, [...at, 'guardrail'], 'guardrail', guardrail, scope.known.guardrails, 'the program');
      const { model } = options;
      if (WITH_JUDGE.includes(guardrail) && typeof model === 'string')
        scope.model(item, [...at, 'options', 'model'], model);
    }
  }
}

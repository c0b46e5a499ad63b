// A guardrail in use: what the engine runs and failing guardrails stand in for.
import type { Guardrail, GuardrailAction, GuardrailRunner } from './guardrail.ts';

/** A guardrail as it is used: configured, with its threshold and action. */
export interface ActiveGuardrail {
  readonly guardrail: Guardrail;
  readonly runner: GuardrailRunner;
  readonly action: GuardrailAction;
  readonly threshold: number;
  readonly onError: 'closed' | 'open';
}

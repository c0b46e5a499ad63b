// Tags of the installation's own calls. They cost, and are no users' traffic: no caller may give them.

export const PROBE_TAG = 'probe';
export const EVALUATION_TAG = 'evaluation';
/** On what guardrails ask of models. */
export const GUARDRAIL_TAG = 'guardrail';

export const OWN_TAGS: readonly string[] = [PROBE_TAG, EVALUATION_TAG, GUARDRAIL_TAG];

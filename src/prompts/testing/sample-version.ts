// A version of a prompt for tests and benchmarks: complete, and with nothing set that a prompt file may leave out.
import type { PromptVersion } from '../../contract/snapshot.ts';

export function sampleVersion(changes: Partial<PromptVersion>): PromptVersion {
  return {
    name: 'customer-support',
    version: '3.2',
    promptId: 'customer-support-v3.2',
    model: 'large',
    systemPrompt: 'You help. Relevant information: {context}',
    userPromptTemplate: 'Question: {question}',
    parameters: {},
    outputSchema: null,
    guardrails: null,
    policies: [],
    qualityBar: null,
    contextBudget: null,
    contextVariable: 'context',
    keyMetrics: [],
    suite: null,
    cacheTtlSeconds: null,
    payloads: null,
    digest: 'd'.repeat(64),
    commit: null,
    ...changes,
  };
}

// A prompt file as the version that is served, and the digests by which two contents are told apart.
import { createHash } from 'node:crypto';
import { parsePromptId } from '../contract/prompt-id.ts';
import type { PromptVersion } from '../contract/snapshot.ts';
import { PARAMETER_NAMES } from './schemas/prompt.ts';
import type { PromptFile } from './schemas/prompt.ts';
import type { Item } from './workspace.ts';

/** What may change under one prompt_id: it says something about the version, it doesn't serve. */
const NOT_SERVING: ReadonlySet<string> = new Set(['documentation', 'suite', 'key_metrics']);

/** JSON with sorted keys: equal for equal values, however they were written. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * SHA-256 of what a prompt file serves: all but `documentation`, `suite` and `key_metrics`, as written (defaults that a later release
 * adds must not change it; comments, order and quoting don't count).
 */
export function servingDigest(item: Item<PromptFile>): string {
  const written = Object.entries(item.yaml.value as Record<string, unknown>).filter(
    ([key]) => !NOT_SERVING.has(key),
  );
  return sha256(canonicalJson(Object.fromEntries(written)));
}

export interface VersionOrigin {
  readonly commit: string | null;
  /** Text of a policy as it stood there; undefined when there was none. */
  readonly policyText: (name: string) => string | undefined;
}

/** The version as snapshots carry it. */
export function toPromptVersion(item: Item<PromptFile>, origin: VersionOrigin): PromptVersion {
  const file = item.value;
  const id = parsePromptId(file.prompt_id) ?? { name: item.name, version: '0' };
  const parameters: Record<string, unknown> = {};
  for (const name of PARAMETER_NAMES) if (file[name] !== undefined) parameters[name] = file[name];
  if (typeof parameters['stop'] === 'string') parameters['stop'] = [parameters['stop']];
  const policies = (file.policies ?? []).flatMap((name) => {
    const text = origin.policyText(name);
    return text === undefined ? [] : [{ name, text }];
  });
  const own = servingDigest(item);
  return {
    name: id.name,
    version: id.version,
    promptId: file.prompt_id,
    model: file.model,
    systemPrompt: file.system_prompt ?? null,
    userPromptTemplate: file.user_prompt_template ?? null,
    parameters,
    outputSchema: file.output_schema ?? null,
    guardrails: file.guardrails ?? null,
    policies,
    qualityBar: file.quality_bar ?? null,
    contextBudget: file.context_budget ?? null,
    contextVariable: file.context_variable ?? 'context',
    keyMetrics: file.key_metrics ?? [],
    suite: file.suite ?? null,
    cacheTtlSeconds: file.cache_ttl === undefined ? null : file.cache_ttl / 1000,
    payloads: file.payloads ?? null,
    digest: policies.length === 0 ? own : sha256(`${own}\n${canonicalJson(policies)}`),
    commit: origin.commit,
  };
}

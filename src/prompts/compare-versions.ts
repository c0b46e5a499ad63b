// What differs between two versions of a prompt: texts word by word, settings by name, and what that does to tokens and cost. Pure.
import type { PromptVersion } from '../contract/snapshot.ts';
import { formatUsd } from '../kernel/money.ts';
import type { Usd } from '../kernel/money.ts';
import { diffWords } from './word-diff.ts';
import type { DiffPiece } from './word-diff.ts';

/** Rates of the model a version names, in exact dollars per token; null when it has none (or the router chooses). */
export interface TokenPrices {
  readonly input: Usd;
  readonly output: Usd;
}

export interface VersionWeight {
  /** Tokens of system prompt, policies and user template, without the variables' values. */
  readonly promptTokens: number;
  readonly maxTokens: number | null;
  /** US$ per 1,000 requests for these tokens; null without a price. */
  readonly promptCostPerThousand: string | null;
  /** US$ per 1,000 requests when every answer is as long as it may be. */
  readonly mostCostPerThousand: string | null;
}

export interface TextChange {
  readonly part: string;
  readonly pieces: readonly DiffPiece[];
}

export interface SettingChange {
  readonly setting: string;
  /** JSON text; null where it is not set. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface VersionComparison {
  readonly texts: readonly TextChange[];
  readonly settings: readonly SettingChange[];
  readonly before: VersionWeight;
  readonly after: VersionWeight;
}

export interface ComparisonSide {
  readonly version: PromptVersion;
  readonly prices: TokenPrices | null;
}

/** Compares two versions; `countTokens` counts as the version's model does. */
export function compareVersionContents(
  before: ComparisonSide,
  after: ComparisonSide,
  countTokens: (text: string, version: PromptVersion) => number,
): VersionComparison {
  return {
    texts: textParts(before.version, after.version).flatMap(({ part, a, b }) =>
      a === b ? [] : [{ part, pieces: diffWords(a, b) }],
    ),
    settings: settingChanges(before.version, after.version),
    before: weigh(before, countTokens),
    after: weigh(after, countTokens),
  };
}

function textParts(a: PromptVersion, b: PromptVersion): { part: string; a: string; b: string }[] {
  const policyNames = new Set([...a.policies, ...b.policies].map((policy) => policy.name));
  const policyOf = (version: PromptVersion, name: string): string =>
    version.policies.find((policy) => policy.name === name)?.text ?? '';
  return [
    { part: 'system_prompt', a: a.systemPrompt ?? '', b: b.systemPrompt ?? '' },
    { part: 'user_prompt_template', a: a.userPromptTemplate ?? '', b: b.userPromptTemplate ?? '' },
    ...[...policyNames].map((name) => ({
      part: `policy ${name}`,
      a: policyOf(a, name),
      b: policyOf(b, name),
    })),
  ];
}

function settingsOf(version: PromptVersion): Record<string, unknown> {
  return {
    model: version.model,
    ...version.parameters,
    output_schema: version.outputSchema,
    guardrails: version.guardrails,
    quality_bar: version.qualityBar,
    context_budget: version.contextBudget,
    context_variable: version.contextVariable,
    cache_ttl_seconds: version.cacheTtlSeconds,
    payloads: version.payloads,
  };
}

function settingChanges(a: PromptVersion, b: PromptVersion): SettingChange[] {
  const before = settingsOf(a);
  const after = settingsOf(b);
  const json = (value: unknown): string | null =>
    value === undefined || value === null ? null : JSON.stringify(value);
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .map((setting) => ({ setting, before: json(before[setting]), after: json(after[setting]) }))
    .filter((change) => change.before !== change.after);
}

/** Weighs one version. */
export function weigh(
  side: ComparisonSide,
  countTokens: (text: string, version: PromptVersion) => number,
): VersionWeight {
  const { version, prices } = side;
  const texts = [
    version.systemPrompt,
    version.userPromptTemplate,
    ...version.policies.map((policy) => policy.text),
  ];
  const promptTokens = texts.reduce(
    (total, text) => total + (text === null || text === '' ? 0 : countTokens(text, version)),
    0,
  );
  const most = version.parameters['max_tokens'];
  const maxTokens = typeof most === 'number' ? most : null;
  const prompt = prices === null ? null : prices.input * BigInt(promptTokens) * 1000n;
  const answer = prices === null || maxTokens === null ? null : prices.output * BigInt(maxTokens) * 1000n;
  return {
    promptTokens,
    maxTokens,
    promptCostPerThousand: prompt === null ? null : formatUsd(prompt),
    mostCostPerThousand: prompt === null || answer === null ? null : formatUsd(prompt + answer),
  };
}

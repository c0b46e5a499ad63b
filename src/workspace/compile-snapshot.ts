// From a validated workspace and its history to the snapshot that gateways serve from. Pure: the same input gives the same version.
import { compareVersions } from '../contract/prompt-id.ts';
import type { PriceRow } from '../contract/price.ts';
import type {
  Deployment,
  KeySnapshot,
  ModelSnapshot,
  PromptSnapshot,
  PromptVersion,
  ProviderSnapshot,
  RoutingRule,
  Snapshot,
} from '../contract/snapshot.ts';
import { catalogueProvider } from './catalogue-prices.ts';
import type { CataloguePrices } from './catalogue-prices.ts';
import type { PromptHistory } from './git/prompt-history.ts';
import type { ModelFile, PriceFile, ProviderFile } from './schemas/models.ts';
import type { RoutingFile } from './schemas/routing.ts';
import { canonicalJson, sha256, toPromptVersion } from './version-content.ts';
import type { Workspace } from './workspace.ts';

export interface SnapshotInputs {
  readonly workspace: Workspace;
  /** Undefined for a workspace without Git or without a commit. */
  readonly history: PromptHistory | undefined;
  readonly keys: readonly KeySnapshot[];
  /** Price rows of the shipped catalogue for what a vendor calls a model; empty when it has none. */
  readonly cataloguePrices: CataloguePrices;
  readonly now: number;
}

/** Milliseconds, where models.yaml says nothing. */
const DEFAULT_TIMEOUTS = { connect: 5_000, firstByte: 60_000, idle: 60_000, total: 600_000 };

/** Compiles the snapshot. The workspace must have no problem that blocks serving. */
export function compileSnapshot(inputs: SnapshotInputs): Snapshot {
  const { workspace, history } = inputs;
  const settings = workspace.settings.value;
  const content = {
    workspace: { name: settings.name, commit: history?.head ?? null },
    prompts: compilePrompts(workspace, history),
    providers: mapValues(workspace.models.value.providers, compileProvider),
    models: mapValues(workspace.models.value.models, (model, id) => compileModel(id, model, inputs)),
    routing: workspace.routing.value.rules.map(compileRule),
    guardrails: workspace.guardrails.value,
    keys: inputs.keys,
    limits: settings.limits.map((limit) => {
      return {
        name: limit.name,
        subject: limit.subject,
        of: limit.of ?? null,
        requestsPerMinute: limit.requests_per_minute ?? null,
        tokensPerMinute: limit.tokens_per_minute ?? null,
        concurrent: limit.concurrent ?? null,
      };
    }),
    budgets: settings.budgets.map((budget) => {
      return {
        name: budget.name,
        subject: budget.subject,
        of: budget.of ?? null,
        period: budget.period,
        timeZone: budget.time_zone ?? settings.time_zone,
        amountUsd: budget.amount_usd,
        hard: budget.hard,
        warnAt: budget.warn_at,
      };
    }),
    privacy: settings.privacy,
    durability: settings.gateway.durability,
    capacity: settings.gateway.capacity,
  };
  return { version: sha256(canonicalJson(content)), compiledAt: inputs.now, ...content };
}

/** Versions of history and of the working tree by prompt; a version that both have is history's. */
export function promptVersions(
  workspace: Workspace,
  history: PromptHistory | undefined,
): Map<string, Map<string, PromptVersion>> {
  const prompts = new Map<string, Map<string, PromptVersion>>();
  const add = (version: PromptVersion): void => {
    const versions = prompts.get(version.name) ?? new Map<string, PromptVersion>();
    if (!versions.has(version.version)) versions.set(version.version, version);
    prompts.set(version.name, versions);
  };
  for (const { served } of history?.versions.values() ?? []) add(served);
  for (const item of workspace.prompts) {
    add(
      toPromptVersion(item, { commit: null, policyText: (name) => workspace.policies.get(name)?.value.text }),
    );
  }
  return prompts;
}

/** Labels of each prompt: as releases.yaml has them; a prompt it does not name has `production` at its current version. */
export function promptLabels(workspace: Workspace): Map<string, Record<string, string>> {
  const labels = new Map<string, Record<string, string>>();
  for (const item of workspace.prompts) {
    const version = item.value.prompt_id.slice(item.name.length + 2);
    const before = labels.get(item.name)?.['production'];
    if (before === undefined || compareVersions(version, before) > 0)
      labels.set(item.name, { production: version });
  }
  for (const [name, released] of Object.entries(workspace.releases.value)) labels.set(name, released);
  return labels;
}

/** Every prompt with its versions and the labels that lead to one of them. */
export function compilePrompts(
  workspace: Workspace,
  history: PromptHistory | undefined,
): Record<string, PromptSnapshot> {
  const labels = promptLabels(workspace);
  const prompts: Record<string, PromptSnapshot> = {};
  for (const [name, versions] of promptVersions(workspace, history)) {
    const served = Object.entries(labels.get(name) ?? {}).filter(([, version]) => versions.has(version));
    prompts[name] = { versions: Object.fromEntries(versions), labels: Object.fromEntries(served) };
  }
  return prompts;
}

function compileProvider(provider: ProviderFile): ProviderSnapshot {
  const { timeouts } = provider;
  return {
    kind: provider.kind,
    baseUrl: provider.base_url ?? '',
    apiKey: provider.api_key ?? null,
    headers: provider.headers,
    options: provider.options,
    allowPrivate: provider.allow_private,
    timeouts: {
      connect: timeouts.connect ?? DEFAULT_TIMEOUTS.connect,
      firstByte: timeouts.first_byte ?? DEFAULT_TIMEOUTS.firstByte,
      idle: timeouts.idle ?? DEFAULT_TIMEOUTS.idle,
      total: timeouts.total ?? DEFAULT_TIMEOUTS.total,
    },
    simulated: provider.simulated,
  };
}

function compileModel(id: string, model: ModelFile, inputs: SnapshotInputs): ModelSnapshot {
  const deployments: Deployment[] =
    model.provider === undefined
      ? (model.deployments ?? []).map((one) => ({
          provider: one.provider,
          upstreamModel: one.upstream_model,
          weight: one.weight,
        }))
      : [{ provider: model.provider, upstreamModel: model.upstream_model ?? id, weight: 1 }];
  const first = deployments[0];
  const provider = first === undefined ? undefined : inputs.workspace.models.value.providers[first.provider];
  const catalogue =
    first === undefined || provider === undefined
      ? []
      : inputs.cataloguePrices(catalogueProvider(provider), first.upstreamModel);
  return {
    deployments,
    balance: model.balance,
    fallbacks: model.fallbacks,
    moderated: model.moderated,
    tags: model.tags,
    contextWindow: model.context_window ?? null,
    maxOutputTokens: model.max_output_tokens ?? null,
    prices: [...model.prices.map(compilePrice), ...catalogue],
  };
}

type Rates = NonNullable<PriceRow['rates']>;

function ratesOf(row: Omit<Partial<Rates>, never> | PriceFile): Rates | null {
  if (row.input === undefined || row.output === undefined) return null;
  return {
    input: row.input,
    output: row.output,
    ...(row.cache_read === undefined ? {} : { cache_read: row.cache_read }),
    ...(row.cache_write === undefined ? {} : { cache_write: row.cache_write }),
    ...(row.cache_write_1h === undefined ? {} : { cache_write_1h: row.cache_write_1h }),
    ...(row.reasoning === undefined ? {} : { reasoning: row.reasoning }),
  };
}

function compilePrice(row: PriceFile): PriceRow {
  return {
    effectiveFrom: row.effective_from ?? null,
    rates: ratesOf(row),
    tiers: row.tiers.flatMap((tier) => {
      const rates = ratesOf(tier);
      return rates === null ? [] : [{ above: tier.above, rates }];
    }),
    perRequest: row.per_request ?? null,
    perHour: row.per_hour ?? null,
    batchFactor: row.batch_factor ?? null,
    source: 'workspace',
  };
}

function compileRule(rule: RoutingFile['rules'][number]): RoutingRule {
  const { when } = rule;
  return {
    name: rule.name,
    when: {
      ...(when.characters_below === undefined ? {} : { charactersBelow: when.characters_below }),
      ...(when.characters_at_least === undefined ? {} : { charactersAtLeast: when.characters_at_least }),
      ...(when.words_below === undefined ? {} : { wordsBelow: when.words_below }),
      ...(when.words_at_least === undefined ? {} : { wordsAtLeast: when.words_at_least }),
      ...(when.tags === undefined ? {} : { tags: when.tags }),
      ...(when.keys === undefined ? {} : { keys: when.keys }),
      ...(when.languages === undefined ? {} : { languages: when.languages }),
      ...(when.sensitive === undefined ? {} : { sensitive: when.sensitive }),
      ...(when.workload === undefined ? {} : { workload: when.workload }),
    },
    model: rule.model,
  };
}

function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  change: (value: A, key: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}

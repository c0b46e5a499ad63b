// The compiled workspace: all that a gateway needs to serve, as one JSON document with a version. The console compiles it, gateways pull
// it and keep it on disk. It holds no secret: `${NAME}` references stand as they are and are resolved where they are used.
import type { PriceRow } from './price.ts';

/** One version of a prompt, as it is served. */
export interface PromptVersion {
  /** `customer-support`. */
  readonly name: string;
  /** `3.2`. */
  readonly version: string;
  /** `customer-support-v3.2`. */
  readonly promptId: string;
  /** Id of models.yaml, or `auto`. */
  readonly model: string;
  readonly systemPrompt: string | null;
  readonly userPromptTemplate: string | null;
  /** Sampling and other request parameters the version sets, by their canonical name (temperature, max_tokens, top_p, …). */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly outputSchema: unknown;
  /** Names of guardrail sets or inline settings, as the prompt file has them. */
  readonly guardrails: unknown;
  /** Texts of the content policies named, already looked up at this version's commit. */
  readonly policies: readonly { readonly name: string; readonly text: string }[];
  readonly qualityBar: number | null;
  readonly contextBudget: number | null;
  readonly contextVariable: string;
  readonly keyMetrics: readonly string[];
  readonly suite: string | null;
  /** Seconds an exact cache entry lives; null: not cached. */
  readonly cacheTtlSeconds: number | null;
  /** `full`, `redacted` or `none`: what of its payloads is stored. */
  readonly payloads: 'full' | 'redacted' | 'none' | null;
  /** SHA-256 of the serving content, hex. */
  readonly digest: string;
  /** Commit that brought it; null when the workspace has no Git. */
  readonly commit: string | null;
}

export interface PromptSnapshot {
  readonly versions: Readonly<Record<string, PromptVersion>>;
  /** Label → version. Without Git or releases.yaml, `production` is the version of the working file. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface ProviderSnapshot {
  readonly kind: string;
  readonly baseUrl: string;
  /** `${OPENAI_API_KEY}` or null. */
  readonly apiKey: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly allowPrivate: boolean;
  readonly timeouts: {
    readonly connect: number;
    readonly firstByte: number;
    readonly idle: number;
    readonly total: number;
  };
  /** Whether its answers are simulated; shown wherever they are. */
  readonly simulated: boolean;
}

export interface Deployment {
  readonly provider: string;
  readonly upstreamModel: string;
  readonly weight: number;
}

export interface ModelSnapshot {
  readonly deployments: readonly Deployment[];
  readonly balance: 'weighted' | 'least-latency';
  /** Models tried in order when this one can't answer. */
  readonly fallbacks: readonly string[];
  /** Marked for sensitive requests. */
  readonly moderated: boolean;
  readonly tags: readonly string[];
  /** Tokens; null when not known. */
  readonly contextWindow: number | null;
  readonly maxOutputTokens: number | null;
  /** Dated prices, workspace rows before catalogue rows; empty: unpriced. */
  readonly prices: readonly PriceRow[];
}

/** A rule of routing.yaml: the first whose conditions all hold gives the model. */
export interface RoutingRule {
  readonly name: string;
  readonly when: {
    readonly charactersBelow?: number;
    readonly charactersAtLeast?: number;
    readonly wordsBelow?: number;
    readonly wordsAtLeast?: number;
    readonly tags?: readonly string[];
    readonly keys?: readonly string[];
    readonly languages?: readonly string[];
    readonly sensitive?: boolean;
    readonly workload?: 'interactive' | 'batch';
  };
  readonly model: string;
}

/** A key as the gateway sees it: never the key itself. */
export interface KeySnapshot {
  readonly id: string;
  readonly name: string;
  /** HMAC-SHA-256 of the full key under the installation's secret, hex. */
  readonly hash: string;
  readonly expiresAt: number | null;
  /** Empty lists: everything. */
  readonly prompts: readonly string[];
  readonly models: readonly string[];
  readonly routes: readonly string[];
  readonly roles: readonly string[];
}

export type LimitSubject = 'key' | 'user' | 'prompt' | 'workspace';

/** A rate limit for each subject of a kind, or for one named subject. */
export interface LimitRule {
  readonly name: string;
  readonly subject: LimitSubject;
  /** One key id or name, user, prompt; null: each of the kind. */
  readonly of: string | null;
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  readonly concurrent: number | null;
}

export interface BudgetRule {
  readonly name: string;
  readonly subject: LimitSubject;
  readonly of: string | null;
  readonly period: 'day' | 'week' | 'month';
  readonly timeZone: string;
  /** Decimal string of US$. */
  readonly amountUsd: string;
  readonly hard: boolean;
  /** Percentages of the amount at which a warning is recorded. Absent: 80 and 100. */
  readonly warnAt?: readonly number[];
}

/** An end user whose data is erased. */
export interface ErasedUser {
  /** The pseudonym of the name, as `userPseudonym` makes it; never the name. */
  readonly user: string;
  /** Answers kept until then are to go; UTC milliseconds. */
  readonly until: number;
}

export interface Snapshot {
  /** SHA-256 over the content, hex. */
  readonly version: string;
  readonly compiledAt: number;
  readonly workspace: { readonly name: string; readonly commit: string | null };
  readonly prompts: Readonly<Record<string, PromptSnapshot>>;
  readonly providers: Readonly<Record<string, ProviderSnapshot>>;
  readonly models: Readonly<Record<string, ModelSnapshot>>;
  readonly routing: readonly RoutingRule[];
  /** guardrails.yaml, validated. */
  readonly guardrails: unknown;
  readonly keys: readonly KeySnapshot[];
  readonly limits: readonly LimitRule[];
  readonly budgets: readonly BudgetRule[];
  readonly privacy: { readonly payloads: 'full' | 'redacted' | 'none' };
  readonly durability: 'durable' | 'process';
  /** Requests per second the gateway admits; null: by measured saturation alone. */
  readonly capacity: number | null;
  /** Absent: none. */
  readonly erasedUsers?: readonly ErasedUser[];
}

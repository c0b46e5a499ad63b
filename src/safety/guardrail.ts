// The spec of a guardrail. Each folder beside this file that holds a `guardrail.ts` is one, of the same shape: the schema of its
// configuration, a factory, and examples of what it finds and what it leaves alone.
import type { z } from 'zod';
import type { TextEmbedder } from '../embeddings/text-embedder.ts';
import type { SharedScan } from './shared-scan.ts';

export type Direction = 'input' | 'output';
export type GuardrailAction = 'allow' | 'flag' | 'redact' | 'block';

/** What a guardrail found: where, as UTF-16 offsets in the scanned text, and how sure it is (0..1). Never the text itself. */
export interface RawFinding {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

/** For whom a text is screened: who a model that is asked about it costs. */
export interface Asker {
  readonly keyId: string;
  readonly keyName: string;
  readonly user: string;
  readonly prompt: string;
  readonly version: string;
}

export interface ScanInput {
  readonly text: string;
  readonly direction: Direction;
  /** What groundedness and citations are measured against. */
  readonly context?: string;
  /** Known where a guardrail here asks models. */
  readonly asker?: Asker | undefined;
  /** What guardrails on the same text have already worked out. */
  readonly shared: SharedScan;
}

export interface ScanResult {
  readonly findings: readonly RawFinding[];
  /** Scores the guardrail reports even without a finding: `toxicity`, `injection`, `grounded` (0..1). */
  readonly scores?: Readonly<Record<string, number>>;
}

/** A configured guardrail. Pure but for loaded models; linear in the text's length. */
export interface GuardrailRunner {
  scan(input: ScanInput): ScanResult | Promise<ScanResult>;
}

/** A text to be judged by a policy in words, and the model that judges. */
export interface PolicyQuestion {
  /** The guardrail that asks. */
  readonly guardrail: string;
  /** An id of models.yaml. */
  readonly model: string;
  readonly policy: string;
  readonly text: string;
  readonly context: string | null;
  readonly timeoutMilliseconds: number;
  readonly temperature: number | null;
  readonly maxTokens: number;
  /** Whose budgets it counts in beside the workspace's. */
  readonly asker: Asker | undefined;
}

/** How far a text breaks the policy (0..1); null when the judge gave no verdict. */
export interface PolicyVerdict {
  readonly score: number | null;
  readonly reason: string;
}

/** Asks a model for its verdict. Rejects when none could be had. */
export type PolicyJudge = (question: PolicyQuestion) => Promise<PolicyVerdict>;

/** Sends one HTTP request to an address the operator configured; the composition root checks where it goes. */
export type OutboundRequest = (request: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly timeoutMilliseconds: number;
  /** Addresses of this machine and its network are refused without it. */
  readonly allowPrivate?: boolean;
}) => Promise<{ readonly status: number; readonly body: unknown }>;

/** What guardrails may be handed. One that needs what is absent refuses to be created and says what is missing. */
export interface GuardrailServices {
  readonly embedder?: TextEmbedder;
  readonly judge?: PolicyJudge;
  readonly request?: OutboundRequest;
}

/** A text that shows what a guardrail does, with the configuration it takes. */
export interface GuardrailExample {
  readonly text: string;
  readonly context?: string;
  readonly configuration?: unknown;
  /** Types found, in order of place; empty: left alone. */
  readonly finds: readonly string[];
}

export interface Guardrail<Config = unknown> {
  /** Name in guardrails.yaml; also the folder's. */
  readonly name: string;
  /** The name findings are reported under, where it is another guardrail's. */
  readonly reportedAs?: string;
  /** `inline` guardrails cost less than 0.2 ms per KB and run on the event loop; `worker` ones run in the worker pool. */
  readonly placement: 'inline' | 'worker' | 'remote';
  /** An `inline` one that lets the event loop breathe over a long text by itself; the others go to the pool with it. */
  readonly isPatient?: true;
  readonly directions: readonly Direction[];
  /** Its verdict is on an answer as a whole: on a stream it runs once, at the end. The others judge each piece as it comes. */
  readonly needsWholeText?: true;
  readonly defaultAction: GuardrailAction;
  /** Findings below this score are dropped, unless the configuration says otherwise. */
  readonly defaultThreshold: number;
  readonly configuration: z.ZodType<Config>;
  /** Services it can't do without. */
  readonly needs: readonly (keyof GuardrailServices)[];
  /** Whether it works without any configuration; `guard scan` runs those that do. */
  readonly worksUnconfigured: boolean;
  readonly examples: readonly GuardrailExample[];
  create(configuration: Config, services: GuardrailServices): Promise<GuardrailRunner> | GuardrailRunner;
}

/** What a folder says of its guardrail: a threshold of another height and services only where it needs them. */
type Declared<Config> = Omit<Guardrail<Config>, 'defaultThreshold' | 'needs'> &
  Partial<Pick<Guardrail, 'defaultThreshold' | 'needs'>>;

/** Declares a guardrail with its configuration's type kept, and hands it on as one of many. */
export function defineGuardrail<Config>(guardrail: Declared<Config>): Guardrail {
  return {
    defaultThreshold: 0.5,
    needs: [],
    ...guardrail,
    create: (configuration, services) =>
      guardrail.create(guardrail.configuration.parse(configuration), services),
  };
}

/** What a pattern matched as one finding. */
export function matched(type: string, match: RegExpExecArray, score: number): RawFinding {
  return { type, start: match.index, end: match.index + match[0].length, score };
}

/** A whole text as one finding. */
export function wholeText(type: string, text: string, score: number): RawFinding {
  return { type, start: 0, end: text.length, score: Math.round(score * 10_000) / 10_000 };
}

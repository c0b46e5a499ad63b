// What a suite is to the runner: cases, scorers and policies, already read and checked. The workspace's suite files have this shape.
import type { GatePolicy } from './gate/gate-decision.ts';

export interface SuiteCase {
  readonly name?: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly context?: string | undefined;
  readonly reference?: string | readonly string[] | undefined;
  readonly schema?: Readonly<Record<string, unknown>> | undefined;
  readonly code_tests?: string | undefined;
  readonly tags: readonly string[];
  readonly weight: number;
}

export interface ScorerUse {
  /** A scorer's name, or `judge:NAME`. */
  readonly scorer: string;
  readonly weight: number;
  /** A case passes when its score is at least this. */
  readonly threshold?: number | undefined;
  readonly safety: boolean;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface Suite {
  readonly name: string;
  readonly cases: readonly SuiteCase[];
  readonly scorers: readonly ScorerUse[];
  /** Answers asked for each case. */
  readonly repeat: number;
  readonly passThreshold: number | null;
  readonly gate: GatePolicy;
}

/** What of a prompt version a run answers with, and on which model. */
export interface Target {
  /** `customer-support@3.2 on gpt-4-turbo`, unique in a run. */
  readonly name: string;
  readonly prompt: string;
  readonly version: string;
  readonly promptId: string;
  /** SHA-256 of the serving content. */
  readonly digest: string;
  readonly commit: string | null;
  readonly model: string;
  /** The label the gateway serves it under: `staging`, `baseline`, … */
  readonly label: string;
  /** SHA-256 of all that stands around it (deployments, guardrails): part of what an answer is kept under. */
  readonly surroundings: string;
  /** Whether kept answers may stand for new ones: not where a recording gives them. */
  readonly isCacheable: boolean;
  /** Whether its answers are simulated. */
  readonly isSimulated: boolean;
  /** Names of the variables its templates use: a case may hold more, for other versions. */
  readonly variables: readonly string[];
  /** The variable that groundedness is measured against where a case names no context. */
  readonly contextVariable: string;
}

// The spec of a guardrail. Each folder beside this file is one, of the same shape: schema of its configuration, and a factory.
import type { z } from 'zod';

export type Direction = 'input' | 'output';
export type GuardrailAction = 'allow' | 'flag' | 'redact' | 'block';

/** What a guardrail found: where, as UTF-16 offsets in the scanned text, and how sure it is (0..1). Never the text itself. */
export interface RawFinding {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

export interface ScanInput {
  readonly text: string;
  readonly direction: Direction;
  /** What groundedness and citations are measured against. */
  readonly context?: string;
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

export interface Guardrail<Config = unknown> {
  /** Name in guardrails.yaml. */
  readonly name: string;
  /** `inline` guardrails cost less than 0.2 ms per KB and run on the event loop; `worker` ones run in the worker pool. */
  readonly placement: 'inline' | 'worker';
  readonly directions: readonly Direction[];
  readonly defaultAction: GuardrailAction;
  readonly configuration: z.ZodType<Config>;
  create(configuration: Config): Promise<GuardrailRunner> | GuardrailRunner;
}

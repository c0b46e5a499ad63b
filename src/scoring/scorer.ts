// The spec of a scorer: one function from an output and what it is held against to a score from 0 to 1.

export interface ScorerInput {
  readonly output: string | readonly string[];
  readonly reference?: string | readonly string[];
  /** What groundedness and citations are measured against. */
  readonly context?: string;
  /** JSON Schema for `json-schema`. */
  readonly schema?: unknown;
  /** Program text run after `output` by `python` and `javascript`. */
  readonly codeTests?: string;
}

export interface ScorerResult {
  /** 0..1; null where the scorer can't say (a judge that gave no rating): never a number in place of a failure. */
  readonly score: number | null;
  readonly reason: string;
  readonly precision?: number;
  readonly recall?: number;
}

export interface Scorer {
  readonly name: string;
  score(input: ScorerInput): ScorerResult | Promise<ScorerResult>;
}

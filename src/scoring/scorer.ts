// The spec of a scorer: one function from an output and what it is held against to a score from 0 to 1.

/** One reference, several, or for a list of outputs one entry each (or sacreBLEU's list of reference streams). */
export type Reference = string | readonly (string | readonly string[])[];

export interface ScorerInput {
  readonly output: string | readonly string[];
  readonly reference?: Reference;
  /** What was asked: judges grade by it. */
  readonly question?: string;
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
  /** Ends whatever the scorer keeps running (sandboxes); it may be used again after. */
  close?(): Promise<void>;
}

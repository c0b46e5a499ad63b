// What an import of another tool's tests gives: a suite file's content and prompt files' contents, and by name whatever had no equivalent.

export interface ImportedScorer {
  readonly scorer: string;
  readonly weight?: number;
  readonly threshold?: number;
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface ImportedCase {
  readonly name?: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly reference?: string | readonly string[];
  readonly schema?: unknown;
  readonly code_tests?: string;
  readonly context?: string;
  readonly tags?: readonly string[];
  readonly weight?: number;
}

/** A group of cases that are held against the same scorers: one suite file each, since a suite's scorers hold for all of its cases. */
export interface ImportedSuite {
  readonly name: string;
  readonly cases: readonly ImportedCase[];
  readonly scorers: readonly ImportedScorer[];
}

export interface ImportedPrompt {
  readonly name: string;
  readonly system: string | null;
  readonly user: string;
}

export interface Imported {
  readonly prompts: readonly ImportedPrompt[];
  readonly suites: readonly ImportedSuite[];
  /** One line each: what was met, where, and why it was left out. */
  readonly leftOut: readonly string[];
}

/** A name as files of a workspace may have it. */
export function fileName(text: string, fallback: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60);
  return name === '' ? fallback : name;
}

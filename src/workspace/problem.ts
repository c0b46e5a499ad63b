// What is wrong in a workspace, as a value: file, place, what is wrong and what to do. All problems are collected; none is thrown.

export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Stable snake_case code. */
  readonly code: string;
  /** Path inside the workspace, with forward slashes. */
  readonly file: string;
  /** From 1; 0 when the problem is about the file as a whole. */
  readonly line: number;
  /** From 1; 0 when the problem is about the file as a whole. */
  readonly column: number;
  /** What is wrong and what to do, in a sentence. */
  readonly message: string;
  /** The nearest right name, where one is near. */
  readonly nearest?: string;
  /** Whether a snapshot can be compiled all the same (a changed version in history is served as it first was). */
  readonly servable?: boolean;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** `models.yaml:12:5: error: …`, on one line and without terminal controls, whatever the files hold. */
export function formatProblem(problem: Problem): string {
  const place = problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
  return `${place}: ${problem.severity}: ${problem.message}`.replaceAll(/\p{Cc}+/gu, ' ');
}

/** Whether the problem stands in the way of a snapshot. */
export function blocksServing(problem: Problem): boolean {
  return problem.severity === 'error' && problem.servable !== true;
}

/** File order, then line, then column. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
}

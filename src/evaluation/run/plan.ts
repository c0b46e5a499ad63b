// What a run will ask: cases × targets × repeats, each under a key made of all that decides the answer. Pure: the same suite and targets
// give the same plan, so a run that was interrupted finds its own calls again.
import { createHash } from 'node:crypto';
import type { SuiteCase, Target } from '../suite.ts';

export interface PlannedAnswer {
  /** Under which its answer is kept: the version's digest, model, surroundings, variables and the repeat's number. */
  readonly key: string;
  readonly caseIndex: number;
  readonly target: number;
  /** From 0. A repeat is a question of its own: another's answer never stands for it. */
  readonly repeat: number;
}

/** SHA-256 over parts, hex; parts can't run into each other. */
export function contentKey(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What of a case's variables a version is asked with: those it uses. */
export function variablesFor(target: Target, one: SuiteCase): Readonly<Record<string, string>> {
  const used = target.variables.filter((name) => one.variables[name] !== undefined);
  return Object.fromEntries(used.map((name) => [name, one.variables[name] as string]));
}

export function answerKey(target: Target, variables: SuiteCase['variables'], repeat: number): string {
  return contentKey(['answer', target.digest, target.model, target.surroundings, sorted(variables), repeat]);
}

/**
 * Case by case, so that a run cut short has answered whole cases of all targets. A case that stands twice in a suite is asked twice: its
 * second standing counts on where the repeats of the first end.
 */
export function planAnswers(
  cases: readonly SuiteCase[],
  targets: readonly Target[],
  repeats: number,
): PlannedAnswer[] {
  const seen = new Map<string, number>();
  return cases.flatMap((one, caseIndex) => {
    const same = contentKey(sorted(one.variables));
    const standing = seen.get(same) ?? 0;
    seen.set(same, standing + 1);
    return targets.flatMap((target, index) =>
      Array.from({ length: repeats }, (_, repeat) => ({
        key: answerKey(target, variablesFor(target, one), standing * repeats + repeat),
        caseIndex,
        target: index,
        repeat,
      })),
    );
  });
}

/** Names the plan: equal for equal work. Two cases that are alike count twice. */
export function planDigest(plan: readonly PlannedAnswer[]): string {
  return contentKey(plan.map(({ key, caseIndex }) => [key, caseIndex]));
}

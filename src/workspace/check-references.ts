// What refers to what across files: each name that leads nowhere is an error with the nearest right name. Pure.
import type { Problem } from './problem.ts';
import { checkModels } from './references/models.ts';
import { checkOperations } from './references/operations.ts';
import { checkPrompts } from './references/prompts.ts';
import { checkQuality } from './references/quality.ts';
import { ReferenceScope } from './references/scope.ts';
import type { KnownNames, KnownVersions } from './references/scope.ts';
import type { Workspace } from './workspace.ts';

/** All dangling references and contradictions between files. */
export function checkReferences(
  workspace: Workspace,
  known: KnownNames,
  versions: KnownVersions,
): readonly Problem[] {
  const scope = new ReferenceScope(workspace, known, versions);
  checkModels(scope);
  checkPrompts(scope);
  checkOperations(scope);
  checkQuality(scope);
  return scope.problems;
}

// What is wrong with versions: a serving content that changed under its id, a label that points to something that can't serve, a policy
// text that moved on without its prompt. Pure.
import type { PromptHistory } from './git/prompt-history.ts';
import type { Problem } from './problem.ts';
import { servingDigest } from './version-content.ts';
import type { Workspace } from './workspace.ts';

/** Problems of versions between history and working tree. Those marked servable leave the first content in service. */
export function checkVersions(workspace: Workspace, history: PromptHistory | undefined): Problem[] {
  if (history === undefined) return [];
  return [
    ...changedInHistory(workspace, history),
    ...changedInTree(workspace, history),
    ...labelledVersions(workspace, history),
    ...movedPolicies(workspace, history),
  ];
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function changedInHistory(workspace: Workspace, history: PromptHistory): Problem[] {
  return history.changed.map((change) => {
    const current = workspace.prompts.find((item) => item.value.prompt_id === change.promptId);
    const { changedBy, first } = change;
    return {
      severity: 'error',
      code: 'changed_version',
      file: current?.yaml.file ?? change.path,
      ...(current?.yaml.locate(['prompt_id']) ?? { line: 0, column: 0 }),
      message:
        `commit ${changedBy.commit.slice(0, 10)} (${day(changedBy.at)}) changed what "${change.promptId}" serves; commit ${first.commit.slice(0, 10)} ` +
        `(${day(first.at)}) brought it, and a version never changes. The first content stays in service. Give the new text a new version, and take the change out of the branch's history before it is merged.`,
      servable: true,
    };
  });
}

function changedInTree(workspace: Workspace, history: PromptHistory): Problem[] {
  const problems: Problem[] = [];
  const reported = new Set(history.changed.map((change) => change.promptId));
  for (const item of workspace.prompts) {
    const before = history.versions.get(item.value.prompt_id);
    if (
      before === undefined ||
      before.servingDigest === servingDigest(item) ||
      reported.has(item.value.prompt_id)
    )
      continue;
    problems.push({
      severity: 'error',
      code: 'changed_version',
      file: item.yaml.file,
      ...item.yaml.locate(['prompt_id']),
      message:
        `what "${item.value.prompt_id}" serves differs from commit ${before.origin.commit.slice(0, 10)} (${day(before.origin.at)}) that brought it, ` +
        'and a version never changes. The committed content stays in service. Give the new text a new version.',
      servable: true,
    });
  }
  return problems;
}

/** A label may point to a version that only history has; its model and guardrails must still exist. */
function labelledVersions(workspace: Workspace, history: PromptHistory): Problem[] {
  const problems: Problem[] = [];
  const { releases, models, guardrails } = workspace;
  const current = new Set(workspace.prompts.map((item) => item.value.prompt_id));
  for (const [name, labels] of Object.entries(releases.value)) {
    for (const [label, version] of Object.entries(labels)) {
      const promptId = `${name}-v${version}`;
      const served = history.versions.get(promptId)?.served;
      if (served === undefined || current.has(promptId)) continue;
      const place = {
        severity: 'error' as const,
        file: 'releases.yaml',
        ...releases.yaml.locate([name, label]),
      };
      if (
        served.model !== 'auto' &&
        !Object.hasOwn(models.value.models, served.model) &&
        !workspace.broken.has('models.yaml')
      ) {
        problems.push({
          ...place,
          code: 'unknown_model',
          message: `${promptId} (from history) uses the model "${served.model}", which models.yaml no longer has.`,
        });
      }
      const sets =
        typeof served.guardrails === 'string'
          ? [served.guardrails]
          : Array.isArray(served.guardrails)
            ? (served.guardrails as string[])
            : [];
      for (const set of sets) {
        if (Object.hasOwn(guardrails.value.sets, set) || workspace.broken.has('guardrails.yaml')) continue;
        problems.push({
          ...place,
          code: 'unknown_guardrail_set',
          message: `${promptId} (from history) uses the guardrail set "${set}", which guardrails.yaml no longer has.`,
        });
      }
    }
  }
  return problems;
}

function movedPolicies(workspace: Workspace, history: PromptHistory): Problem[] {
  const problems: Problem[] = [];
  for (const item of workspace.prompts) {
    const served = history.versions.get(item.value.prompt_id)?.served;
    for (const pinned of served?.policies ?? []) {
      const now = workspace.policies.get(pinned.name)?.value.text;
      if (now === undefined || now === pinned.text) continue;
      problems.push({
        severity: 'warning',
        code: 'policy_moved_on',
        file: item.yaml.file,
        ...item.yaml.locate(['policies']),
        message: `the policy "${pinned.name}" has changed since "${item.value.prompt_id}" was made, which goes on with the old text. A new version of the prompt takes the new one.`,
      });
    }
  }
  return problems;
}

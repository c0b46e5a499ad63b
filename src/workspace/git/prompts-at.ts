// The prompts as they stood at a commit, branch or tag: what a change is measured against.
import type { PromptVersion } from '../../contract/snapshot.ts';
import { messageOf, UsageError } from '../../kernel/errors.ts';
import { loadPolicyText, loadPromptFile } from '../load-workspace.ts';
import { toPromptVersion } from '../version-content.ts';
import { readBlobs } from './history-log.ts';
import type { Repository } from './repository.ts';

interface TreeFile {
  readonly path: string;
  readonly blob: string;
}

/** The commit a name means. Throws a UsageError where there is none. */
export async function commitOf(repository: Repository, ref: string): Promise<string> {
  try {
    return (
      await repository.git.raw(['rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`])
    ).trim();
  } catch (error) {
    const shallow = repository.isShallow
      ? ' The clone is shallow: "git fetch --unshallow" (or fetch-depth: 0 in the workflow) brings the rest.'
      : '';
    throw new UsageError(
      `"${ref}" is no commit, branch or tag here: ${messageOf(error).trim().split('\n')[0] ?? ''}.${shallow}`,
      'base',
    );
  }
}

/** Every readable prompt file at a commit; unreadable ones are left out. */
export async function promptsAt(
  directory: string,
  repository: Repository,
  commit: string,
): Promise<PromptVersion[]> {
  const files = await filesAt(repository, commit);
  const blobs = await readBlobs(
    directory,
    files.map(({ blob }) => blob),
  );
  const policies = new Map(
    files.flatMap(({ path, blob }) => {
      const bytes = blobs.get(blob);
      const text =
        path.startsWith('policies/') && bytes !== undefined ? loadPolicyText(path, bytes) : undefined;
      return text === undefined ? [] : [[path.slice('policies/'.length, -'.yaml'.length), text] as const];
    }),
  );
  return files.flatMap(({ path, blob }) => {
    const bytes = blobs.get(blob);
    if (!path.startsWith('prompts/') || bytes === undefined) return [];
    const loaded = loadPromptFile(path, bytes);
    if (!('item' in loaded)) return [];
    return [toPromptVersion(loaded.item, { commit, policyText: (name) => policies.get(name) })];
  });
}

async function filesAt(repository: Repository, commit: string): Promise<TreeFile[]> {
  const folders = ['prompts/', 'policies/'].map((folder) => repository.prefix + folder);
  const text = await repository.git.raw(['ls-tree', '-z', '--full-tree', commit, '--', ...folders]);
  return text.split('\0').flatMap((entry) => {
    const [fields = '', path = ''] = entry.split('\t');
    const [mode = '', kind, blob = ''] = fields.split(' ');
    if (!mode.startsWith('100') || kind !== 'blob' || !path.endsWith('.yaml')) return [];
    return [{ path: path.slice(repository.prefix.length), blob }];
  });
}

// Every prompt version along the first-parent history of the default branch, with the policies as they stood at its commit. Indexed once;
// later commits are added to what is known.
import type { PromptVersion } from '../../contract/snapshot.ts';
import { loadPolicyText, loadPromptFile } from '../load-workspace.ts';
import type { PromptFile } from '../schemas/prompt.ts';
import { servingDigest, toPromptVersion } from '../version-content.ts';
import type { Item } from '../workspace.ts';
import { readBlobs, readHistory } from './history-log.ts';
import type { FileChange, HistoryCommit } from './history-log.ts';
import { defaultBranch, tagsByCommit } from './repository.ts';
import type { Repository } from './repository.ts';

/** The commit that brought a version. */
export interface VersionCommit {
  readonly commit: string;
  readonly at: number;
  readonly author: string;
  readonly subject: string;
  readonly body: string;
}

export interface HistoricVersion {
  readonly served: PromptVersion;
  readonly file: Item<PromptFile>;
  readonly servingDigest: string;
  readonly origin: VersionCommit;
}

/** A commit that put another serving content under a prompt_id that already had one. */
export interface ChangedVersion {
  readonly promptId: string;
  readonly path: string;
  readonly first: VersionCommit;
  readonly changedBy: VersionCommit;
}

export interface PromptHistory {
  readonly branch: string;
  readonly head: string;
  /** By prompt_id, oldest first. */
  readonly versions: ReadonlyMap<string, HistoricVersion>;
  readonly changed: readonly ChangedVersion[];
  /** Contents that could not be read as a prompt: they are not served. */
  readonly unreadable: readonly { readonly path: string; readonly commit: string; readonly reason: string }[];
  /** Policy texts at the head. */
  readonly policies: ReadonlyMap<string, string>;
  /** Tags by commit. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
}

const FOLDERS = ['prompts', 'policies'];

/** Indexes the history; with `previous` only what came since, as long as history was not rewritten. Undefined before the first commit. */
export async function indexHistory(
  directory: string,
  repository: Repository,
  previous?: PromptHistory,
): Promise<PromptHistory | undefined> {
  const branch = await defaultBranch(repository.git);
  if (branch === undefined) return undefined;
  const tags = await tagsByCommit(repository.git);
  if (previous !== undefined && previous.head === branch.commit)
    return { ...previous, branch: branch.name, tags };
  const base =
    previous !== undefined && (await isFirstParentAncestor(repository, previous.head, branch.commit))
      ? previous
      : undefined;
  const range = base === undefined ? branch.commit : `${base.head}..${branch.commit}`;
  const commits = await readHistory(repository.git, range, repository.prefix, FOLDERS);
  const ids = new Set(
    commits.flatMap((commit) =>
      commit.changes.flatMap((change) => (change.blob === null ? [] : [change.blob])),
    ),
  );
  const blobs = await readBlobs(directory, [...ids]);
  const builder = new HistoryBuilder(blobs, base);
  for (const commit of commits) builder.add(commit);
  return { branch: branch.name, head: branch.commit, tags, ...builder.result() };
}

async function isFirstParentAncestor(
  repository: Repository,
  ancestor: string,
  head: string,
): Promise<boolean> {
  try {
    const oldest = (
      await repository.git.raw(['log', `${ancestor}..${head}`, '--first-parent', '--reverse', '--format=%P'])
    ).split('\n')[0];
    return oldest?.split(' ')[0] === ancestor;
  } catch {
    return false; // the old head is gone
  }
}

class HistoryBuilder {
  readonly #blobs: ReadonlyMap<string, Uint8Array>;
  readonly #versions: Map<string, HistoricVersion>;
  readonly #changed: ChangedVersion[];
  readonly #unreadable: { path: string; commit: string; reason: string }[];
  readonly #policies: Map<string, string>;
  readonly #parsed = new Map<string, ReturnType<typeof loadPromptFile>>();

  constructor(blobs: ReadonlyMap<string, Uint8Array>, base: PromptHistory | undefined) {
    this.#blobs = blobs;
    this.#versions = new Map(base?.versions);
    this.#changed = [...(base?.changed ?? [])];
    this.#unreadable = [...(base?.unreadable ?? [])];
    this.#policies = new Map(base?.policies);
  }

  result(): Pick<PromptHistory, 'versions' | 'changed' | 'unreadable' | 'policies'> {
    return {
      versions: this.#versions,
      changed: this.#changed,
      unreadable: this.#unreadable,
      policies: this.#policies,
    };
  }

  add(commit: HistoryCommit): void {
    for (const change of commit.changes) this.#policy(change);
    for (const change of commit.changes) if (isItem(change.path, 'prompts')) this.#prompt(change, commit);
  }

  #policy(change: FileChange): void {
    if (!isItem(change.path, 'policies')) return;
    const name = change.path.slice('policies/'.length, -'.yaml'.length);
    const bytes = change.blob === null ? undefined : this.#blobs.get(change.blob);
    const text = bytes === undefined ? undefined : loadPolicyText(change.path, bytes);
    if (text === undefined) this.#policies.delete(name);
    else this.#policies.set(name, text);
  }

  #prompt(change: FileChange, commit: HistoryCommit): void {
    if (change.blob === null) return;
    const loaded = this.#load(change.path, change.blob);
    if ('problems' in loaded) {
      const reason = loaded.problems[0]?.message ?? 'it is over 1 MiB';
      this.#unreadable.push({ path: change.path, commit: commit.commit, reason });
      return;
    }
    const { item } = loaded;
    const digest = servingDigest(item);
    const { changes: _, firstParent: __, ...origin } = commit;
    const known = this.#versions.get(item.value.prompt_id);
    if (known !== undefined) {
      if (known.servingDigest !== digest) {
        this.#changed.push({
          promptId: item.value.prompt_id,
          path: change.path,
          first: known.origin,
          changedBy: origin,
        });
      }
      return;
    }
    const served = toPromptVersion(item, {
      commit: commit.commit,
      policyText: (name) => this.#policies.get(name),
    });
    this.#versions.set(item.value.prompt_id, { served, file: item, servingDigest: digest, origin });
  }

  #load(path: string, blob: string): ReturnType<typeof loadPromptFile> {
    const before = this.#parsed.get(blob);
    if (before !== undefined) return before;
    const bytes = this.#blobs.get(blob);
    const loaded = bytes === undefined ? { problems: [] } : loadPromptFile(path, bytes);
    this.#parsed.set(blob, loaded);
    return loaded;
  }
}

function isItem(path: string, folder: string): boolean {
  return (
    path.startsWith(`${folder}/`) && path.endsWith('.yaml') && path.indexOf('/', folder.length + 1) === -1
  );
}

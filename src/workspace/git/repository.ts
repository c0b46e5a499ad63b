// A workspace's Git repository: where it is, which branch counts, and the few questions asked of it. Off every hot path.
import { isAbsolute, resolve } from 'node:path';
import { simpleGit } from 'simple-git';
import type { SimpleGit } from 'simple-git';
import { messageOf } from '../../kernel/errors.ts';
import { gitEnvironment } from '../environment.ts';

const TIMEOUT_MS = 60_000;

export interface Repository {
  readonly git: SimpleGit;
  /** Workspace folder inside the repository, with a slash at its end; empty at its root. */
  readonly prefix: string;
  /** Folders whose HEAD, refs and packed-refs change when history does (two in a linked worktree). */
  readonly gitFolders: readonly string[];
  readonly isShallow: boolean;
}

/** The repository around a folder, or why there is none. */
export async function openRepository(directory: string): Promise<Repository | { readonly missing: string }> {
  const git = gitIn(directory);
  try {
    const answer = await git.raw([
      'rev-parse',
      '--show-prefix',
      '--git-dir',
      '--git-common-dir',
      '--is-shallow-repository',
    ]);
    const [prefix = '', gitFolder = '', commonFolder = '', shallow = ''] = answer.split('\n');
    const folders = [gitFolder, commonFolder].map((path) =>
      isAbsolute(path) ? path : resolve(directory, path),
    );
    return { git, prefix, gitFolders: [...new Set(folders)], isShallow: shallow.trim() === 'true' };
  } catch (error) {
    return { missing: whyMissing(messageOf(error)) };
  }
}

/** A git that runs in a folder, in a clean environment. */
export function gitIn(directory: string, input?: string): SimpleGit {
  return simpleGit({
    baseDir: directory,
    timeout: { block: TIMEOUT_MS },
    maxConcurrentProcesses: 4,
    config: ['core.quotepath=false', 'core.fsmonitor=false', 'log.showSignature=false'],
    allowEnvironment: ['GIT_TERMINAL_PROMPT', 'GIT_OPTIONAL_LOCKS'],
    unsafe: { allowUnsafeFsMonitor: true },
    ...(input === undefined ? {} : { input: () => input }),
  }).env(gitEnvironment());
}

function whyMissing(text: string): string {
  if (/not a git repository/i.test(text))
    return 'the workspace is in no Git repository ("git init" makes one)';
  if (/dubious ownership/i.test(text))
    return 'Git refuses the repository because another user owns it ("git config --global --add safe.directory FOLDER" allows it)';
  if (/ENOENT/.test(text)) return 'Git is not installed';
  return `Git can't read the repository: ${text.split('\n')[0] ?? ''}`;
}

/** The branch whose first-parent history counts: what origin calls its default, else main or master, else what is checked out. */
export async function defaultBranch(
  git: SimpleGit,
): Promise<{ readonly name: string; readonly commit: string } | undefined> {
  const refs = await listRefs(git, ['refs/heads', 'refs/remotes/origin']);
  const remote = refs
    .find((ref) => ref.name === 'refs/remotes/origin/HEAD')
    ?.symbolic.replace('refs/remotes/origin/', '');
  const wanted = remote === undefined || remote === '' ? ['main', 'master'] : [remote];
  for (const name of wanted) {
    const found =
      refs.find((ref) => ref.name === `refs/heads/${name}`) ??
      refs.find((ref) => ref.name === `refs/remotes/origin/${name}`);
    if (found !== undefined) return { name, commit: found.commit };
  }
  try {
    return { name: 'HEAD', commit: (await git.raw(['rev-parse', '--verify', 'HEAD^{commit}'])).trim() };
  } catch {
    return undefined; // no commit yet
  }
}

/** Tags by the commit they point to. */
export async function tagsByCommit(git: SimpleGit): Promise<Map<string, string[]>> {
  const tags = new Map<string, string[]>();
  for (const ref of await listRefs(git, ['refs/tags'])) {
    tags.set(ref.commit, [...(tags.get(ref.commit) ?? []), ref.name.replace('refs/tags/', '')]);
  }
  return tags;
}

interface Ref {
  readonly name: string;
  readonly commit: string;
  readonly symbolic: string;
}

async function listRefs(git: SimpleGit, under: readonly string[]): Promise<Ref[]> {
  const text = await git.raw([
    'for-each-ref',
    '--format=%(refname)%09%(objectname)%09%(*objectname)%09%(symref)',
    ...under,
  ]);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', object = '', peeled = '', symbolic = ''] = line.split('\t');
      return { name, commit: peeled === '' ? object : peeled, symbolic };
    });
}

// Makes the example workspace: a real Git repository whose history holds several versions of a prompt. The files are data in example/,
// one folder a commit.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { simpleGit } from 'simple-git';
import type { SimpleGit } from 'simple-git';
import { z } from 'zod';
import { UsageError } from '../kernel/errors.ts';
import { gitEnvironment } from './environment.ts';
import { hasIdentity } from './git/identity.ts';

const SOURCE = fileURLToPath(new URL('example/', import.meta.url));

/** Files whose own names would mean something to Git or to packing where they lie. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['gitignore', '.gitignore'],
  ['readme.txt', 'README.md'],
  ['workflow.yml', '.github/workflows/prompt-gate.yml'],
  ['codeowners', '.github/CODEOWNERS'],
]);

const stepsSchema = z.strictObject({
  commits: z.array(z.strictObject({ folder: z.string(), message: z.string(), tags: z.array(z.string()) })),
  /** Proposals: one commit each on a branch of its own, for the gate to judge. */
  branches: z.array(z.strictObject({ branch: z.string(), folder: z.string(), message: z.string() })),
});

export interface CreatedExample {
  /** Commits in order, with the tags put on each. */
  readonly commits: readonly { readonly message: string; readonly tags: readonly string[] }[];
  /** Whether commits carry a stand-in author because Git knows no user.name and user.email. */
  readonly hasStandInAuthor: boolean;
}

/** Fills an empty or new folder. Throws a UsageError when it holds anything, or when Git is missing. */
export async function createExample(directory: string, now: number): Promise<CreatedExample> {
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0) {
    throw new UsageError(`${directory} is not empty. Name a new folder.`);
  }
  const steps = stepsSchema.parse(JSON.parse(await readFile(join(SOURCE, 'steps.json'), 'utf8')));
  const plain = gitFor(directory, []);
  const hasStandInAuthor = !(await hasIdentity(plain));
  const author = hasStandInAuthor
    ? ['user.name=Binnacle example', 'user.email=example@binnacle.invalid']
    : [];
  const git = gitFor(directory, author);
  await git.raw(['init', '--quiet', '--initial-branch=main']);
  const today = new Date(now).toISOString().slice(0, 10);
  const commit = async (folder: string, message: string): Promise<void> => {
    await copyFolder(join(SOURCE, folder), directory, today);
    await git.raw(['add', '--all']);
    await git.raw(['commit', '--quiet', '--no-verify', '-m', message]);
  };
  for (const step of steps.commits) {
    await commit(step.folder, step.message);
    for (const tag of step.tags) await git.raw(['tag', '-a', tag, '-m', tag]);
  }
  for (const { branch, folder, message } of steps.branches) {
    await git.raw(['switch', '--quiet', '-c', branch, 'main']);
    await commit(folder, message);
    await git.raw(['switch', '--quiet', 'main']);
  }
  return { commits: steps.commits.map(({ message, tags }) => ({ message, tags })), hasStandInAuthor };
}

function gitFor(directory: string, author: readonly string[]): SimpleGit {
  const environment = gitEnvironment();
  return simpleGit({
    baseDir: directory,
    config: ['commit.gpgsign=false', 'tag.gpgsign=false', 'core.autocrlf=false', ...author],
    allowEnvironment: ['GIT_TERMINAL_PROMPT', 'GIT_OPTIONAL_LOCKS'],
  }).env(environment);
}

async function copyFolder(from: string, to: string, today: string): Promise<void> {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const path = source.slice(from.length + 1);
    const target = join(to, RENAMED.get(path) ?? path);
    await mkdir(dirname(target), { recursive: true });
    const text = await readFile(source, 'utf8');
    await writeFile(target, path.endsWith('.yaml') ? text.replaceAll('{{today}}', today) : text);
  }
}

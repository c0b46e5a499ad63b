// The bytes of a workspace's files, from the disk. Nothing is parsed here; what can't be read is a problem.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../kernel/errors.ts';
import { nearestName } from '../kernel/nearest.ts';
import type { Problem } from './problem.ts';
import { ITEM_FOLDERS, TOP_FILES } from './workspace.ts';
import { MAX_FILE_BYTES } from './yaml-file.ts';

/** More files than this in one folder is a mistake, not a workspace. */
const MAX_FILES = 20_000;

export interface WorkspaceFiles {
  /** YAML files by path. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** All files seen, YAML or not. */
  readonly paths: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

/** Reads the files that make up a workspace; never throws for a file, only when the folder itself can't be read. */
export async function readWorkspaceFiles(directory: string): Promise<WorkspaceFiles> {
  const contents = new Map<string, Uint8Array>();
  const paths = new Set<string>();
  const problems: Problem[] = [];
  const read = async (path: string): Promise<void> => {
    try {
      const facts = await stat(join(directory, path));
      if (facts.isDirectory()) {
        problems.push(
          fileProblem(path, 'warning', 'subfolder', 'subfolders are not read; move its files up by one.'),
        );
      }
      if (!facts.isFile()) return;
      if (paths.size >= MAX_FILES) return;
      paths.add(path);
      if (!path.endsWith('.yaml')) return;
      contents.set(
        path,
        facts.size > MAX_FILE_BYTES
          ? new Uint8Array(MAX_FILE_BYTES + 1)
          : await readFile(join(directory, path)),
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      problems.push(fileProblem(path, 'error', 'unreadable', `the file can't be read: ${messageOf(error)}.`));
    }
  };
  const top = await readdir(directory, { withFileTypes: true });
  problems.push(...misnamed(top.map((entry) => ({ name: entry.name, folder: entry.isDirectory() }))));
  await Promise.all(TOP_FILES.map(read));
  for (const folder of ITEM_FOLDERS) {
    const names = await listFolder(join(directory, folder));
    for (const name of names) {
      if (name.endsWith('.yml')) {
        problems.push(
          fileProblem(
            `${folder}/${name}`,
            'error',
            'wrong_extension',
            'workspace files end in .yaml. Rename it.',
          ),
        );
      }
    }
    await Promise.all(names.filter((name) => !name.startsWith('.')).map((name) => read(`${folder}/${name}`)));
  }
  return { contents, paths, problems };
}

async function listFolder(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch {
    return [];
  }
}

function fileProblem(file: string, severity: Problem['severity'], code: string, message: string): Problem {
  return { severity, code, file, line: 0, column: 0, message };
}

/** A file or folder that is nearly one of ours was probably meant to be it. */
function misnamed(entries: readonly { name: string; folder: boolean }[]): Problem[] {
  const problems: Problem[] = [];
  const present = new Set(entries.map((entry) => entry.name));
  for (const { name, folder } of entries) {
    const ours: readonly string[] = folder ? ITEM_FOLDERS : TOP_FILES;
    if (ours.includes(name) || (!folder && !/\.ya?ml$/.test(name))) continue;
    const nearest = nearestName(
      name,
      ours.filter((one) => !present.has(one)),
    );
    if (nearest === undefined || Math.abs(nearest.length - name.length) > 2) continue;
    problems.push({
      ...fileProblem(
        name,
        'warning',
        'unknown_file',
        `not a part of a workspace, so not read. Did you mean "${nearest}"?`,
      ),
      nearest,
    });
  }
  return problems;
}

// The sources of the working tree as Git sees them: tracked, and new ones that it does not ignore.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceFile } from './rules.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Paths of every file, of whatever kind. */
export function everyPath(): string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '');
}

export function sourceFiles(): SourceFile[] {
  return everyPath()
    .filter((path) => /^(src|test|bench|scripts)\/.*\.ts$/.test(path) && !path.includes('/fixtures/'))
    .flatMap((path) => {
      try {
        return [{ path, text: readFileSync(join(root, path), 'utf8') }];
      } catch {
        return []; // deleted in the working tree, still in the index
      }
    });
}

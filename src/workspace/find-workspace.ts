// Where the workspace is. Apart from what reads it, so that commands which only need its folder start fast.
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '../kernel/errors.ts';

/** The nearest folder at or above `start` with a binnacle.yaml. Throws a UsageError when there is none. */
export async function findWorkspace(start: string): Promise<string> {
  for (let folder = start; ; folder = dirname(folder)) {
    try {
      await access(join(folder, 'binnacle.yaml'));
      return folder;
    } catch {
      if (dirname(folder) === folder) {
        throw new UsageError(
          `There is no binnacle.yaml in ${start} or above it. Go to a workspace, name one with --workspace DIR, or make one with "binnacle init DIR".`,
        );
      }
    }
  }
}

// Whether Git knows who commits here.
import type { SimpleGit } from 'simple-git';
import { messageOf, UsageError } from '../../kernel/errors.ts';

/** Whether user.name and user.email are configured. Throws a UsageError when Git is not installed. */
export async function hasIdentity(git: SimpleGit): Promise<boolean> {
  try {
    const keys = ['user.name', 'user.email'];
    const values = await Promise.all(keys.map((key) => git.raw(['config', '--default', '', '--get', key])));
    return values.every((value) => value.trim() !== '');
  } catch (error) {
    if (!/ENOENT/.test(messageOf(error))) return false;
    throw new UsageError(
      'Git is not installed; a workspace keeps its versions in it. Install Git and try again.',
    );
  }
}

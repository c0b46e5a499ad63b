// Reads what was measured of versions from Git notes.
import { NOTES_REF, parseVersionNotes } from '../../contract/version-note.ts';
import type { VersionNote } from '../../contract/version-note.ts';
import type { PromptHistory } from './prompt-history.ts';
import type { Repository } from './repository.ts';

/** Notes by prompt_id; empty when nothing was measured. One process for all commits. */
export async function readVersionNotes(
  repository: Repository,
  history: PromptHistory,
): Promise<Map<string, VersionNote>> {
  return notesOf(repository, [
    ...new Set([...history.versions.values()].map((version) => version.origin.commit)),
  ]);
}

/** Notes by prompt_id on some commits. */
export async function notesOf(
  repository: Repository,
  commits: readonly string[],
): Promise<Map<string, VersionNote>> {
  const notes = new Map<string, VersionNote>();
  if (commits.length === 0) return notes;
  const text = await repository.git.raw([
    'log',
    '--no-walk=unsorted',
    `--notes=${NOTES_REF}`,
    '--format=%x01%N',
    ...commits,
  ]);
  for (const record of text.split('\u0001')) {
    for (const [promptId, note] of parseVersionNotes(record)) notes.set(promptId, note);
  }
  return notes;
}

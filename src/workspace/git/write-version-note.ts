// Writes what was measured of a version as a Git note on a commit, beside the notes of other prompts and whatever others wrote there.
import { NOTES_REF, parseVersionNotes, type VersionNote } from '../../contract/version-note.ts';
import { hasIdentity } from './identity.ts';
import { gitIn, type Repository } from './repository.ts';

const STAND_IN = ['-c', 'user.name=Binnacle', '-c', 'user.email=binnacle@binnacle.invalid'];

/** The note of a prompt_id on this commit is replaced; every other line stays. */
export async function writeVersionNote(
  directory: string,
  repository: Repository,
  commit: string,
  note: VersionNote,
): Promise<void> {
  const kept = (await noteText(repository, commit))
    .split('\n')
    .filter((line) => line.trim() !== '' && !parseVersionNotes(line).has(note.prompt_id));
  const text = `${[...kept, JSON.stringify(note)].join('\n')}\n`;
  const author = (await hasIdentity(repository.git)) ? [] : STAND_IN;
  await gitIn(directory, text).raw([
    ...author,
    'notes',
    `--ref=${NOTES_REF}`,
    'add',
    '-f',
    '-F',
    '-',
    commit,
  ]);
  await showNotes(repository);
}

/** Plain `git log --notes` shows the refs that the repository's own configuration names; ours is added to them once. */
async function showNotes({ git }: Repository): Promise<void> {
  const shown = await git.raw(['config', '--local', '--get-all', 'notes.displayRef']).catch(() => '');
  if (!shown.split('\n').includes(NOTES_REF))
    await git.raw(['config', '--local', '--add', 'notes.displayRef', NOTES_REF]);
}

async function noteText(repository: Repository, commit: string): Promise<string> {
  try {
    return await repository.git.raw(['notes', `--ref=${NOTES_REF}`, 'show', commit]);
  } catch {
    return ''; // no note yet
  }
}

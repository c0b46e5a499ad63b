// Puts a tag named after the prompt_id on the commit that brought a version.
import { BinnacleError, UsageError } from '../../kernel/errors.ts';
import { hasIdentity } from './identity.ts';
import type { HistoricVersion } from './prompt-history.ts';
import { tagsByCommit } from './repository.ts';
import type { Repository } from './repository.ts';

export interface TaggedVersion {
  readonly tag: string;
  readonly commit: string;
  /** False when the tag was there already. */
  readonly isNew: boolean;
}

/** Tags a committed version; the tag is annotated where Git knows who does it. Throws when the tag points elsewhere. */
export async function tagVersion(
  repository: Repository,
  version: HistoricVersion | undefined,
  promptId: string,
): Promise<TaggedVersion> {
  if (version === undefined) {
    throw new UsageError(
      `${promptId} is not committed on the default branch yet. Commit it, then tag it.`,
      promptId,
    );
  }
  const { commit, subject } = version.origin;
  for (const [place, tags] of await tagsByCommit(repository.git)) {
    if (!tags.includes(promptId)) continue;
    if (place === commit) return { tag: promptId, commit, isNew: false };
    throw new BinnacleError({
      code: 'tag_elsewhere',
      message: `The tag ${promptId} points to commit ${place.slice(0, 10)}, but commit ${commit.slice(0, 10)} brought the version. Remove the tag with "git tag -d ${promptId}" if it is wrong.`,
    });
  }
  const annotation = (await hasIdentity(repository.git)) ? ['-a', '-m', subject] : [];
  await repository.git.raw(['tag', ...annotation, '--', promptId, commit]);
  return { tag: promptId, commit, isNew: true };
}

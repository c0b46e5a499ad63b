// `binnacle prompt tag NAME@V`: a Git tag named after the prompt_id on the commit that brought the version.
import type { Command } from 'commander';
import { isVersion, splitPromptReference } from '../../contract/prompt-id.ts';
import { UsageError } from '../../kernel/errors.ts';
import { tagVersion } from '../../workspace/git/tag-version.ts';
import type { CommandLine } from '../command.ts';
import { namedVersion, promptWorkspace } from '../opened-workspace.ts';

export function registerTag(parent: Command, line: CommandLine): void {
  parent
    .command('tag')
    .argument('<version>', 'NAME@VERSION')
    .description('tag the commit that brought a version')
    .exitOverride()
    .action(async (asked: string, _options: unknown, command: Command) => {
      const workspace = await promptWorkspace(command, line);
      const { repository, history } = workspace.opened;
      const { name, version: wanted } = splitPromptReference(asked);
      if (wanted === undefined || !isVersion(wanted))
        throw new UsageError(`Name the version: ${name}@VERSION.`);
      const version = namedVersion(workspace, name, wanted);
      if (repository === undefined)
        throw new UsageError(
          'The workspace is in no Git repository, so nothing can be tagged. "git init" makes one.',
        );
      const tagged = await tagVersion(repository, history?.versions.get(version.promptId), version.promptId);
      if (workspace.isJson)
        return line.out(
          `${JSON.stringify({ tag: tagged.tag, commit: tagged.commit, is_new: tagged.isNew })}\n`,
        );
      const how = tagged.isNew ? 'Tagged' : 'Already tagged';
      line.out(
        `${how}: ${tagged.tag} at ${tagged.commit.slice(0, 10)}. "git push origin ${tagged.tag}" shares it.\n`,
      );
    });
}

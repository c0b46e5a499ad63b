// `binnacle prompt show NAME[@V]`: one version as it is served.
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { splitPromptReference } from '../../contract/prompt-id.ts';
import type { CommandLine } from '../command.ts';
import { labelsOf, namedVersion, promptWorkspace } from '../opened-workspace.ts';

export function registerShow(parent: Command, line: CommandLine): void {
  parent
    .command('show')
    .argument('<name>', 'NAME, NAME@VERSION or NAME@LABEL; without a version the newest')
    .description('one version as it is served, with its commit and labels')
    .exitOverride()
    .action(async (asked: string, _options: unknown, command: Command) => {
      const workspace = await promptWorkspace(command, line);
      const { name, version: wanted } = splitPromptReference(asked);
      const version = namedVersion(workspace, name, wanted);
      const labels = labelsOf(workspace.prompts[name], version.version);
      const historic = workspace.opened.history?.versions.get(version.promptId);
      const current = workspace.opened.workspace.prompts.find(
        (item) => item.value.prompt_id === version.promptId,
      );
      const documentation = (current ?? historic?.file)?.value.documentation ?? null;
      if (workspace.isJson) return line.out(`${JSON.stringify({ ...version, labels, documentation })}\n`);
      const origin = historic?.origin;
      const head =
        origin === undefined
          ? '# not committed yet\n'
          : `# commit ${origin.commit} of ${new Date(origin.at).toISOString().slice(0, 10)} by ${origin.author.replaceAll('\n', ' ')}\n`;
      const labelled = labels.length === 0 ? '' : `# labels: ${labels.join(', ')}\n`;
      const shown = {
        prompt_id: version.promptId,
        model: version.model,
        ...(version.systemPrompt === null ? {} : { system_prompt: version.systemPrompt }),
        ...(version.userPromptTemplate === null ? {} : { user_prompt_template: version.userPromptTemplate }),
        ...version.parameters,
        ...(version.outputSchema === null ? {} : { output_schema: version.outputSchema }),
        ...(version.guardrails === null ? {} : { guardrails: version.guardrails }),
        ...(version.policies.length === 0 ? {} : { policies: version.policies }),
        ...(version.qualityBar === null ? {} : { quality_bar: version.qualityBar }),
        ...(documentation === null ? {} : { documentation }),
      };
      line.out(`${head}${labelled}${stringify(shown, { lineWidth: 0 })}`);
    });
}

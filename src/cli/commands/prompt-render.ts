// `binnacle prompt render NAME --var k=v`: the messages a request would send.
import type { Command } from 'commander';
import { splitPromptReference } from '../../contract/prompt-id.ts';
import { RequestError, UsageError } from '../../kernel/errors.ts';
import { PromptRenderer } from '../../prompts/render.ts';
import type { CommandLine } from '../command.ts';
import { namedVersion, promptWorkspace } from '../opened-workspace.ts';

function collectVariable(text: string, before: Record<string, string>): Record<string, string> {
  const split = text.indexOf('=');
  if (split <= 0) throw new UsageError(`--var takes NAME=VALUE, not "${text.slice(0, 60)}".`, 'var');
  return { ...before, [text.slice(0, split)]: text.slice(split + 1) };
}

export function registerRender(parent: Command, line: CommandLine): void {
  parent
    .command('render')
    .argument('<name>', 'NAME, NAME@VERSION or NAME@LABEL; without a version the newest')
    .option('--var <name=value>', 'a variable; once for each', collectVariable, {})
    .description('the messages a request with these variables would send')
    .exitOverride()
    .action(async (asked: string, options: { var: Record<string, string> }, command: Command) => {
      const workspace = await promptWorkspace(command, line);
      const { name, version: wanted } = splitPromptReference(asked);
      const version = namedVersion(workspace, name, wanted);
      const { system, user } = rendered(version, options.var);
      const messages = [
        ...(system === null ? [] : [{ role: 'system', content: system }]),
        ...(user === null ? [] : [{ role: 'user', content: user }]),
      ];
      if (workspace.isJson) {
        return line.out(
          `${JSON.stringify({ prompt: `${name}@${version.version}`, model: version.model, parameters: version.parameters, messages })}\n`,
        );
      }
      for (const message of messages) {
        line.out(`--- ${message.role}\n${message.content}${message.content.endsWith('\n') ? '' : '\n'}`);
      }
    });
}

function rendered(version: Parameters<PromptRenderer['render']>[0], variables: Record<string, string>) {
  try {
    return new PromptRenderer().render(version, variables);
  } catch (error) {
    if (error instanceof RequestError) throw new UsageError(error.message, error.param);
    throw error;
  }
}

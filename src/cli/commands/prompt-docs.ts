// `binnacle prompt docs --out DIR`: a Markdown page a prompt and an index.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { promptIndex, promptPage } from '../../prompts/document.ts';
import type { DocumentedPrompt } from '../../prompts/document.ts';
import { weigh } from '../../prompts/compare-versions.ts';
import { PromptRenderer } from '../../prompts/render.ts';
import { DOCUMENTATION_POINTS } from '../../workspace/schemas/prompt.ts';
import type { PromptDocumentation } from '../../workspace/schemas/prompt.ts';
import { UsageError } from '../../kernel/errors.ts';
import type { CommandLine } from '../command.ts';
import { countVersionTokens, promptWorkspace, versionsOf } from '../opened-workspace.ts';
import type { CommandWorkspace } from '../opened-workspace.ts';
import { loggedVersions } from './prompt-log.ts';

export function registerDocs(parent: Command, line: CommandLine): void {
  parent
    .command('docs')
    .requiredOption('--out <dir>', 'folder for the pages; files of the same name are replaced')
    .description('a Markdown page a prompt, and an index')
    .exitOverride()
    .action(async (options: { out: string }, command: Command) => {
      const workspace = await promptWorkspace(command, line);
      const folder = resolve(line.workingDirectory, options.out);
      await mkdir(folder, { recursive: true });
      const prompts: DocumentedPrompt[] = [];
      for (const name of Object.keys(workspace.prompts).sort())
        prompts.push(await documented(workspace, name));
      for (const prompt of prompts) await writeFile(join(folder, `${prompt.name}.md`), promptPage(prompt));
      await writeFile(
        join(folder, 'index.md'),
        promptIndex(workspace.opened.workspace.settings.value.name, prompts),
      );
      const files = ['index.md', ...prompts.map((prompt) => `${prompt.name}.md`)];
      if (workspace.isJson) return line.out(`${JSON.stringify({ folder, files })}\n`);
      line.out(`${files.length} pages in ${folder}: ${files.join(', ')}\n`);
    });
}

async function documented(workspace: CommandWorkspace, name: string): Promise<DocumentedPrompt> {
  const prompt = workspace.prompts[name];
  const newest = prompt?.versions[versionsOf(prompt)[0] ?? ''];
  if (prompt === undefined || newest === undefined)
    throw new UsageError(
      `The prompt "${name}" has no version: its file is broken or not committed; \`binnacle check\` says which.`,
    );
  const current = workspace.opened.workspace.prompts.find((item) => item.value.prompt_id === newest.promptId);
  const file = (current ?? workspace.opened.history?.versions.get(newest.promptId)?.file)?.value;
  const logged = await loggedVersions(workspace, name);
  return {
    name,
    promptId: newest.promptId,
    points: DOCUMENTATION_POINTS.map((point) => ({
      label: labelOf(point),
      value: valueOf(file?.documentation, point),
    })),
    keyMetrics: file?.key_metrics ?? [],
    suite: file?.suite ?? null,
    variables: [...new PromptRenderer().variablesOf(newest)],
    contextVariable: newest.contextVariable,
    guardrails:
      typeof newest.guardrails === 'string'
        ? newest.guardrails
        : newest.guardrails === null
          ? 'default'
          : JSON.stringify(newest.guardrails),
    policies: newest.policies.map((policy) => policy.name),
    systemPrompt: newest.systemPrompt,
    userPromptTemplate: newest.userPromptTemplate,
    versions: logged.flatMap((entry) => {
      const version = prompt.versions[entry.version];
      if (version === undefined) return [];
      const reason = [entry.subject, entry.body].filter((text) => text !== null && text !== '').join('. ');
      const { promptTokens } = weigh({ version, prices: null }, countVersionTokens);
      const date = entry.date?.slice(0, 10) ?? null;
      return [{ ...entry, date, reason, model: version.model, promptTokens, note: entry.note ?? undefined }];
    }),
  };
}

function labelOf(point: string): string {
  const words = point.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function valueOf(
  documentation: PromptDocumentation | undefined,
  point: keyof PromptDocumentation,
): string | undefined {
  const value = documentation?.[point];
  return Array.isArray(value) ? value.join('; ') : value === undefined ? undefined : String(value);
}

// `binnacle prompt log NAME`: each version with its commit, tag, reason, measured quality and monthly cost change.
import type { Command } from 'commander';
import type { VersionNote } from '../../contract/version-note.ts';
import { costChangeText, qualityText } from '../../prompts/document.ts';
import { readVersionNotes } from '../../workspace/git/version-notes.ts';
import type { CommandLine } from '../command.ts';
import { labelsOf, namedVersion, promptWorkspace, versionsOf } from '../opened-workspace.ts';
import type { CommandWorkspace } from '../opened-workspace.ts';

export interface LoggedVersion {
  readonly version: string;
  readonly prompt_id: string;
  readonly commit: string | null;
  /** ISO date-time. */
  readonly date: string | null;
  readonly author: string | null;
  readonly subject: string | null;
  readonly body: string | null;
  readonly tags: readonly string[];
  readonly labels: readonly string[];
  readonly note: VersionNote | null;
}

/** Versions of a prompt, newest first, with what is known of each. */
export async function loggedVersions(workspace: CommandWorkspace, name: string): Promise<LoggedVersion[]> {
  const { repository, history } = workspace.opened;
  const notes =
    repository === undefined || history === undefined
      ? new Map()
      : await readVersionNotes(repository, history);
  const prompt = workspace.prompts[name];
  return versionsOf(prompt).map((version) => {
    const promptId = prompt?.versions[version]?.promptId ?? `${name}-v${version}`;
    const origin = history?.versions.get(promptId)?.origin;
    return {
      version,
      prompt_id: promptId,
      commit: origin?.commit ?? null,
      date: origin === undefined ? null : new Date(origin.at).toISOString(),
      author: origin?.author ?? null,
      subject: origin?.subject ?? null,
      body: origin?.body ?? null,
      tags: history?.tags.get(origin?.commit ?? '') ?? [],
      labels: labelsOf(prompt, version),
      note: (notes.get(promptId) as VersionNote | undefined) ?? null,
    };
  });
}

export function registerLog(parent: Command, line: CommandLine): void {
  parent
    .command('log')
    .argument('<name>', 'the prompt')
    .description('each version with commit, tag, reason, measured quality and monthly cost change')
    .exitOverride()
    .action(async (name: string, _options: unknown, command: Command) => {
      const workspace = await promptWorkspace(command, line);
      namedVersion(workspace, name);
      const versions = await loggedVersions(workspace, name);
      if (workspace.isJson) return line.out(`${JSON.stringify(versions)}\n`);
      line.out(versions.map(entryText).join('\n'));
    });
}

function entryText(entry: LoggedVersion): string {
  const marks = [...entry.labels, ...entry.tags.map((tag) => `tag ${tag}`)];
  const lines = [`${entry.prompt_id}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`];
  if (entry.commit === null) lines.push('  commit   none yet');
  else {
    lines.push(
      `  commit   ${entry.commit.slice(0, 10)}  ${entry.date?.slice(0, 10) ?? ''}  ${entry.author ?? ''}`,
    );
    lines.push(`  reason   ${entry.subject ?? ''}`);
    for (const text of (entry.body ?? '').split('\n'))
      if (text.trim() !== '') lines.push(`           ${text}`);
  }
  const note = entry.note ?? undefined;
  lines.push(`  quality  ${qualityText(note)}`, `  cost     ${costChangeText(note)}`);
  return `${lines.map(withoutControls).join('\n')}\n`;
}

/** Commit texts are others' words: no terminal control may come from them. */
function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

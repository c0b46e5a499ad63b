// `binnacle prompt log NAME`: each version with its commit, tag, reason, measured quality and monthly cost change.
import type { Command } from 'commander';
import { parsePromptId } from '../../contract/prompt-id.ts';
import type { VersionNote } from '../../contract/version-note.ts';
import { shownUsd } from '../../kernel/money.ts';
import { costChangeText, qualityText } from '../../prompts/document.ts';
import { notesOf, readVersionNotes } from '../../workspace/git/version-notes.ts';
import { commitOfWorkingFile } from '../../workspace/git/working-version.ts';
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
      ? new Map<string, VersionNote>()
      : await readVersionNotes(repository, history);
  const prompt = workspace.prompts[name];
  const proposed = await proposedVersions(workspace, name);
  return versionsOf(prompt).map((version) => {
    const promptId = prompt?.versions[version]?.promptId ?? `${name}-v${version}`;
    const origin = history?.versions.get(promptId)?.origin;
    const proposal = origin === undefined ? proposed.get(promptId) : undefined;
    return {
      version,
      prompt_id: promptId,
      commit: origin?.commit ?? proposal?.commit ?? null,
      date: origin === undefined ? null : new Date(origin.at).toISOString(),
      author: origin?.author ?? null,
      subject: origin?.subject ?? null,
      body: origin?.body ?? null,
      tags: history?.tags.get(origin?.commit ?? '') ?? [],
      labels: labelsOf(prompt, version),
      note: notes.get(promptId) ?? proposal?.note ?? null,
    };
  });
}

interface Proposal {
  readonly commit: string;
  readonly note: VersionNote | null;
}

/** Versions that are committed on this branch and not on the default one yet, with what a gate measured of them. */
async function proposedVersions(
  { opened }: CommandWorkspace,
  name: string,
): Promise<ReadonlyMap<string, Proposal>> {
  const { repository, history, workspace } = opened;
  const found = new Map<string, Proposal>();
  if (repository === undefined || history === undefined) return found;
  for (const { value, yaml } of workspace.prompts) {
    if (parsePromptId(value.prompt_id)?.name !== name || history.versions.has(value.prompt_id)) continue;
    const commit = await commitOfWorkingFile(repository, yaml.file);
    if (commit === null) continue;
    const note = (await notesOf(repository, [commit])).get(value.prompt_id) ?? null;
    found.set(value.prompt_id, { commit, note });
  }
  return found;
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
    const where =
      entry.date === null ? 'not merged yet' : `${entry.date.slice(0, 10)}  ${entry.author ?? ''}`;
    lines.push(`  commit   ${entry.commit.slice(0, 10)}  ${where}`);
    if (entry.subject !== null) lines.push(`  reason   ${entry.subject}`);
    for (const text of (entry.body ?? '').split('\n'))
      if (text.trim() !== '') lines.push(`           ${text}`);
  }
  const note = entry.note ?? undefined;
  lines.push(`  quality  ${qualityText(note)}`, `  cost     ${costText(note)}`);
  return `${lines.map(withoutControls).join('\n')}\n`;
}

/** What a request costs, and what that changes in a month where its traffic is known. */
function costText(note: VersionNote | undefined): string {
  const cost = note?.cost_per_request_usd;
  if (cost === undefined) return costChangeText(note);
  const change = note?.monthly_cost_change_usd === undefined ? '' : `, ${costChangeText(note)}`;
  return `${shownUsd(cost)} a request${change}`;
}

/** Commit texts are others' words: no terminal control may come from them. */
function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

// Which version a label led to before: read from the history of releases.yaml along the first parents of what is checked out.
import { parse } from 'yaml';
import type { Repository } from './repository.ts';

/** Commits looked back. */
const MOST_COMMITS = 100;

/** Versions that `label` of `prompt` led to before `current`, the last one first, each once. Empty without such a history. */
export async function earlierVersionsOfLabel(
  { git, prefix }: Repository,
  prompt: string,
  label: string,
  current: string,
): Promise<string[]> {
  const path = `${prefix}releases.yaml`;
  const log = await git.raw([
    'log',
    '--first-parent',
    `--max-count=${MOST_COMMITS}`,
    '--format=%H',
    'HEAD',
    '--',
    `:(top)${path}`,
  ]);
  const found: string[] = [];
  for (const commit of log.split('\n').filter(Boolean)) {
    const text = await git.raw(['show', `${commit}:${path}`]).catch(() => '');
    const version = versionIn(text, prompt, label);
    if (version !== undefined && version !== current && !found.includes(version)) found.push(version);
  }
  return found;
}

function versionIn(text: string, prompt: string, label: string): string | undefined {
  try {
    const releases: unknown = parse(text, { maxAliasCount: 0 });
    if (typeof releases !== 'object' || releases === null || !Object.hasOwn(releases, prompt))
      return undefined;
    const labels: unknown = (releases as Record<string, unknown>)[prompt];
    if (typeof labels !== 'object' || labels === null || !Object.hasOwn(labels, label)) return undefined;
    return String((labels as Record<string, unknown>)[label]);
  } catch {
    return undefined; // a broken file in history says nothing
  }
}

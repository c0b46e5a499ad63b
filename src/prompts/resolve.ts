// Which version a request means: a version, a label, or `production`.
import { compareVersions, isVersion, parsePromptId } from '../contract/prompt-id.ts';
import type { PromptSnapshot, PromptVersion, Snapshot } from '../contract/snapshot.ts';
import { RequestError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';

/** The version of a prompt. Throws a RequestError 404 (`unknown_prompt`, `unknown_version`, `unknown_label`) with the nearest name. */
export function resolvePrompt(
  snapshot: Pick<Snapshot, 'prompts'>,
  name: string,
  versionOrLabel = 'production',
): PromptVersion {
  const prompt = Object.hasOwn(snapshot.prompts, name) ? snapshot.prompts[name] : undefined;
  if (prompt === undefined) throw unknownPrompt(snapshot, name);
  const asVersion = isVersion(versionOrLabel);
  const version = asVersion ? versionOrLabel : own(prompt.labels, versionOrLabel);
  const found = version === undefined ? undefined : own(prompt.versions, version);
  if (found !== undefined) return found;
  throw unknownVersion(prompt, name, versionOrLabel, asVersion);
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function unknownPrompt(snapshot: Pick<Snapshot, 'prompts'>, name: string): RequestError {
  const names = Object.keys(snapshot.prompts);
  const id = parsePromptId(name);
  const hint =
    id !== undefined && names.includes(id.name)
      ? ` The id of a prompt is its name: use "${id.name}" with version "${id.version}".`
      : didYouMean(name, names);
  return new RequestError({
    code: 'unknown_prompt',
    message: `There is no prompt "${name.slice(0, 100)}".${hint}`,
    httpStatus: 404,
    param: 'prompt.id',
  });
}

function unknownVersion(
  prompt: PromptSnapshot,
  name: string,
  asked: string,
  asVersion: boolean,
): RequestError {
  const versions = Object.keys(prompt.versions).sort((a, b) => compareVersions(b, a));
  const known = asVersion ? versions : [...Object.keys(prompt.labels), ...versions];
  const list = known.length === 0 ? '' : ` There are: ${known.slice(0, 12).join(', ')}.`;
  const hint = didYouMean(asked, known) || list;
  const what = asVersion ? 'version' : 'label';
  return new RequestError({
    code: `unknown_${what}`,
    message: `The prompt "${name}" has no ${what} "${asked.slice(0, 100)}".${hint}`,
    httpStatus: 404,
    param: 'prompt.version',
  });
}

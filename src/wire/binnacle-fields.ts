// Request fields that mean the same in every API shape: the managed prompt and the metadata that Binnacle itself reads. They are never
// sent upstream.
import type { PromptReference } from '../contract/canonical.ts';
import { bareRecord, invalid, isRecord, optionalString, requireRecord, requireString } from './read-json.ts';

/** Metadata keys that steer Binnacle and stay with it. */
const OWN_METADATA: ReadonlySet<string> = new Set(['session_id', 'tags', 'sensitive', 'workload']);

const NO_METADATA: Readonly<Record<string, string>> = Object.freeze(bareRecord<string>());

function variableText(value: unknown, param: string): string {
  if (isRecord(value) && value['type'] === 'input_text') return requireString(value['text'], `${param}.text`);
  return requireString(value, param);
}

/** `prompt: {id, version?, variables?}`; undefined where absent. */
export function readPromptReference(value: unknown): PromptReference | undefined {
  if (value === undefined || value === null) return undefined;
  const prompt = requireRecord(value, 'prompt');
  const id = requireString(prompt['id'], 'prompt.id');
  const version = optionalString(prompt['version'], 'prompt.version');
  const variables = bareRecord<string>();
  if (prompt['variables'] !== undefined && prompt['variables'] !== null) {
    const given = requireRecord(prompt['variables'], 'prompt.variables');
    for (const name of Object.keys(given))
      variables[name] = variableText(given[name], `prompt.variables.${name}`);
  }
  return version === undefined ? { id, variables } : { id, version, variables };
}

/** `metadata`: strings by name; numbers and booleans are taken as their text. */
export function readMetadata(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return NO_METADATA;
  const given = requireRecord(value, 'metadata');
  const metadata = bareRecord<string>();
  for (const name of Object.keys(given)) {
    const item = given[name];
    if (typeof item === 'string') metadata[name] = item;
    else if (typeof item === 'number' || typeof item === 'boolean') metadata[name] = String(item);
    else throw invalid(`metadata.${name}`, 'a string', item);
  }
  return metadata;
}

/** The metadata that is the vendor's business; undefined when nothing is left. */
export function vendorMetadata(
  metadata: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  let kept: Record<string, string> | undefined;
  for (const name of Object.keys(metadata)) {
    if (OWN_METADATA.has(name)) continue;
    kept ??= bareRecord<string>();
    kept[name] = metadata[name] as string;
  }
  return kept;
}

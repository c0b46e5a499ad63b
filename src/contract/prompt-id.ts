// A prompt's id is its name and its version: `customer-support-v3.2`. Versions and labels can't be mistaken for each other: a version
// begins with a digit, a label with a letter.

export interface PromptId {
  readonly name: string;
  readonly version: string;
}

const PROMPT_ID =
  /^([A-Za-z0-9](?:[A-Za-z0-9_.-]{0,98}[A-Za-z0-9])?)-v(\d{1,9}(?:\.\d{1,9}){0,3}(?:-[A-Za-z0-9]{1,20})?)$/;
const VERSION = /^\d{1,9}(?:\.\d{1,9}){0,3}(?:-[A-Za-z0-9]{1,20})?$/;
const LABEL = /^[a-z][a-z0-9-]{0,62}$/;

/** Splits `customer-support-v3.2`; undefined when it is not `<name>-v<version>`. */
export function parsePromptId(text: string): PromptId | undefined {
  const match = PROMPT_ID.exec(text);
  return match === null ? undefined : { name: match[1] as string, version: match[2] as string };
}

export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

export function isLabel(text: string): boolean {
  return LABEL.test(text);
}

/** Orders versions by their numbers ("3.10" after "3.9"); one with a suffix comes before the same without. */
export function compareVersions(a: string, b: string): number {
  const [numbersA = '', suffixA] = a.split('-');
  const [numbersB = '', suffixB] = b.split('-');
  const left = numbersA.split('.').map(Number);
  const right = numbersB.split('.').map(Number);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const gap = (left[index] ?? 0) - (right[index] ?? 0);
    if (gap !== 0) return gap;
  }
  if (suffixA === suffixB) return 0;
  if (suffixA === undefined) return 1;
  if (suffixB === undefined) return -1;
  return suffixA < suffixB ? -1 : 1;
}

/** Reads `NAME` or `NAME@VERSION` as commands take them. */
export function splitPromptReference(text: string): { readonly name: string; readonly version?: string } {
  const at = text.lastIndexOf('@');
  return at <= 0 ? { name: text } : { name: text.slice(0, at), version: text.slice(at + 1) };
}

// Says what is wrong with a value in words: which field is missing, or what it must be and is not. Instead of a schema library's own texts.
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** More than this are not told at once. */
const MOST_ISSUES = 3;
const LONGEST_SHOWN = 60;

/** One line: `output is missing: it must be a text or a list`; without a name where it is about the value as a whole. */
export function describeIssues(error: z.ZodError, value: unknown): string {
  const told = error.issues.map((issue) => describeIssue(issue, [], value));
  const more = told.length > MOST_ISSUES ? `; and ${told.length - MOST_ISSUES} more` : '';
  return `${told.slice(0, MOST_ISSUES).join('; ')}${more}`;
}

function describeIssue(issue: Issue, base: Path, value: unknown): string {
  const path = [...base, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return describeUnion(issue, path, value);
  if (issue.code === 'unrecognized_keys')
    return `${placeOf(path)}there is no ${issue.keys.map((key) => `"${shorten(key)}"`).join(', ')}`;
  if (issue.code === 'invalid_type') return describeType(path, [issue.expected], value);
  if (issue.code === 'invalid_value')
    return `${placeOf(path)}it must be ${issue.values.map((one) => JSON.stringify(one)).join(' or ')}, not ${shown(at(value, path))}`;
  return `${placeOf(path)}${issue.message.replace(/^Invalid input: /, '').replace(/\.$/, '')}`;
}

/** What the branches expect where they are all about the value itself; else the branch that fits best. */
function describeUnion(issue: Issue & { code: 'invalid_union' }, path: Path, value: unknown): string {
  const expected: string[] = [];
  const deeper: Issue[] = [];
  for (const branch of issue.errors)
    for (const inner of branch) {
      if (inner.path.length === 0 && inner.code === 'invalid_type') expected.push(inner.expected);
      else deeper.push(inner);
    }
  const [first] = deeper;
  return first === undefined || expected.length === issue.errors.length
    ? describeType(path, expected, value)
    : describeIssue(first, path, value);
}

function describeType(path: Path, expected: readonly string[], value: unknown): string {
  const found = at(value, path);
  const names = [...new Set(expected.filter((one) => one !== 'nonoptional').map(nameOfType))];
  const wanted = names.length === 0 ? '' : `it must be ${names.join(' or ')}`;
  if (found === undefined) return `${nameOf(path)} is missing${wanted === '' ? '' : `: ${wanted}`}`;
  return `${placeOf(path)}${wanted}, not ${shown(found)}`;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

function nameOfType(expected: string): string {
  return TYPES[expected] ?? expected;
}

function nameOf(path: Path): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return steps.join('').replace(/^\./, '');
}

function placeOf(path: Path): string {
  return path.length === 0 ? '' : `${nameOf(path)}: `;
}

function at(value: unknown, path: Path): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return found;
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return value.length > LONGEST_SHOWN ? 'a text' : JSON.stringify(value);
  return `the ${typeof value} ${JSON.stringify(value)}`;
}

function shorten(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

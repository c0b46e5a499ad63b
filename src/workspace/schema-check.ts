// Holds a YAML value against a zod schema and turns each issue into a located problem with the nearest right name.
import type { z } from 'zod';
import { nearestName } from '../kernel/nearest.ts';
import type { Problem } from './problem.ts';
import type { YamlFile, YamlPath } from './yaml-file.ts';

export type Checked<T> = { readonly value: T } | { readonly problems: readonly Problem[] };

/** The value as the schema types it, or every issue with its place. */
export function checkSchema<T>(schema: z.ZodType<T>, yaml: YamlFile): Checked<T> {
  const result = schema.safeParse(yaml.value);
  if (result.success) return { value: result.data };
  const problems: Problem[] = [];
  for (const issue of result.error.issues) collectIssue(issue, [], schema, yaml, problems);
  return { problems };
}

type Issue = z.core.$ZodIssue;

function collectIssue(
  issue: Issue,
  base: YamlPath,
  schema: z.ZodType,
  yaml: YamlFile,
  into: Problem[],
): void {
  const path = [...base, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) into.push(unknownKey(key, path, schema, yaml));
    return;
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const closest = [...issue.errors].sort((a, b) => unionDistance(a) - unionDistance(b))[0] ?? [];
    for (const inner of closest) collectIssue(inner, path, schema, yaml, into);
    if (closest.length > 0) return;
  }
  const value = valueAt(yaml.value, path);
  const missing = value === undefined && issue.code === 'invalid_type';
  const name = path.length === 0 ? 'the file' : nameOf(path);
  const options =
    'values' in issue
      ? issue.values.map(String)
      : 'options' in issue && Array.isArray(issue.options)
        ? issue.options.map(String)
        : [];
  const nearest = typeof value === 'string' ? nearestName(value, options) : undefined;
  const message = missing
    ? `"${String(path.at(-1) ?? 'value')}" is missing${path.length > 1 ? ` in ${nameOf(path.slice(0, -1))}` : ''}.`
    : `${name}: ${describe(issue, value, options)}${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`;
  into.push({
    severity: 'error',
    code: missing ? 'missing_key' : 'bad_value',
    file: yaml.file,
    ...yaml.locate(path),
    message,
    ...(nearest === undefined ? {} : { nearest }),
  });
}

/** How far a union's branch is from what was written: a branch of the wrong type altogether is further than one with wrong fields. */
function unionDistance(issues: readonly Issue[]): number {
  const wrongType = issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type');
  return issues.length + (wrongType ? 1000 : 0);
}

function unknownKey(key: string, path: YamlPath, schema: z.ZodType, yaml: YamlFile): Problem {
  const known = knownKeys(schema, yaml.value, path);
  const nearest = nearestName(key, known);
  const place = path.length === 0 ? '' : ` in ${nameOf(path)}`;
  const hint =
    nearest === undefined
      ? known.length > 0
        ? ` Known keys: ${known.join(', ')}.`
        : ''
      : ` Did you mean "${nearest}"?`;
  return {
    severity: 'error',
    code: 'unknown_key',
    file: yaml.file,
    ...yaml.locateKey([...path, key]),
    message: `unknown key "${key.slice(0, 100)}"${place}.${hint}`,
    ...(nearest === undefined ? {} : { nearest }),
  };
}

function describe(issue: Issue, value: unknown, options: readonly string[]): string {
  if (options.length > 0) return `${shown(value)} is none of ${options.join(', ')}.`;
  const text = issue.message.replace(/^Invalid input: /, '').replace(/\.$/, '');
  return issue.code === 'invalid_type' ? `${text} (it is ${shown(value)}).` : `${text}.`;
}

/** Short, and never the whole of a text that may be secret. */
function shown(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return value.length > 40 ? 'a text' : `"${value}"`;
  return typeof value === 'undefined' ? 'missing' : `the ${typeof value} ${JSON.stringify(value)}`;
}

/** `models.small.prices[0]` */
export function nameOf(path: YamlPath): string {
  let name = '';
  for (const step of path) name += typeof step === 'number' ? `[${step}]` : name === '' ? step : `.${step}`;
  return name;
}

function valueAt(value: unknown, path: YamlPath): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

/** The keys a schema knows at a path of the value written. */
function knownKeys(schema: z.ZodType, value: unknown, path: YamlPath): string[] {
  let schemas = unwrap(schema, value);
  let current = value;
  for (const step of path) {
    current = valueAt(current, [step]);
    schemas = schemas.flatMap((one) => unwrap(childSchema(one, step), current));
  }
  return [
    ...new Set(
      schemas.flatMap((one) => (one.def.type === 'object' ? Object.keys((one as z.ZodObject).shape) : [])),
    ),
  ];
}

function childSchema(schema: z.ZodType, step: string | number): z.ZodType | undefined {
  const { def } = schema;
  if (def.type === 'object') return (schema as z.ZodObject).shape[String(step)] as z.ZodType | undefined;
  if (def.type === 'array') return (schema as z.ZodArray).element as z.ZodType;
  if (def.type === 'record') return (schema as z.ZodRecord).valueType as z.ZodType;
  return undefined;
}

/** Takes off optional, default, nullable, pipe and unions (of a discriminated union only the branch that was meant). */
function unwrap(schema: z.ZodType | undefined, value: unknown): z.ZodType[] {
  if (schema === undefined) return [];
  const def = schema.def as {
    type: string;
    innerType?: z.ZodType;
    in?: z.ZodType;
    options?: z.ZodType[];
    discriminator?: string;
  };
  if (def.innerType !== undefined) return unwrap(def.innerType, value);
  if (def.type === 'pipe') return unwrap(def.in, value);
  if (def.type !== 'union') return [schema];
  const branches = (def.options ?? []).flatMap((option) => unwrap(option, value));
  if (def.discriminator === undefined) return branches;
  const mark = valueAt(value, [def.discriminator]);
  return branches.filter((branch) => {
    const field = childSchema(branch, def.discriminator as string);
    return field?.safeParse(mark).success === true;
  });
}

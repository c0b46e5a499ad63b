// Reads a promptfoo configuration: prompts, test cases, and the assertion types that have an equivalent here. What has none is listed.
import { UsageError } from '../../kernel/errors.ts';
import { isJsonObject, textsOfRole } from './chat-messages.ts';
import {
  fileName,
  type Imported,
  type ImportedCase,
  type ImportedPrompt,
  type ImportedScorer,
  type ImportedSuite,
} from './imported-suite.ts';
import { convertAssertion } from './promptfoo-assertions.ts';
import { convertTemplate } from './promptfoo-template.ts';

type Json = Readonly<Record<string, unknown>>;

export interface PromptfooReaders {
  /** Text of a `file://` reference beside the configuration; throws a UsageError where it can't be read. */
  readonly readText: (path: string) => string;
  /** Test cases of a CSV or JSONL file: rows by column. */
  readonly readRows: (path: string) => readonly Json[];
}

/** Throws a UsageError for what is no promptfoo configuration. */
export function importPromptfoo(config: unknown, name: string, readers: PromptfooReaders): Imported {
  if (!isJsonObject(config) || (config['prompts'] === undefined && config['tests'] === undefined))
    throw new UsageError('This is no promptfoo configuration: it has neither "prompts" nor "tests".');
  const leftOut: string[] = [];
  for (const key of Object.keys(config))
    if (!['prompts', 'tests', 'defaultTest', 'description', '$schema'].includes(key))
      leftOut.push(
        `${key}: ${key === 'providers' || key === 'targets' ? 'models are named in models.yaml' : 'no equivalent'}`,
      );
  const prompts = promptsOf(config['prompts'], name, readers, leftOut);
  const suites = suitesOf(config, name, readers, leftOut);
  return { prompts, suites, leftOut };
}

function listOf(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

function promptsOf(
  given: unknown,
  name: string,
  readers: PromptfooReaders,
  leftOut: string[],
): ImportedPrompt[] {
  return listOf(given).flatMap((one, index): ImportedPrompt[] => {
    const where = `prompts[${index}]`;
    const written = isJsonObject(one) ? (one['raw'] ?? one['id']) : one;
    if (typeof written !== 'string') {
      leftOut.push(`${where}: not a text`);
      return [];
    }
    if (/\.(js|ts|py|mjs|cjs)(:|$)/.test(written)) {
      leftOut.push(`${where}: a prompt made by a program (${written})`);
      return [];
    }
    const text = written.startsWith('file://') ? readers.readText(written.slice('file://'.length)) : written;
    const label = isJsonObject(one) && typeof one['label'] === 'string' ? one['label'] : '';
    const promptName = fileName(label, index === 0 ? name : `${name}-${index + 1}`);
    return [promptOf(text, promptName, where, leftOut)];
  });
}

/** A chat written as JSON becomes system and user; what stands between them has no place in a prompt file. */
function promptOf(text: string, name: string, where: string, leftOut: string[]): ImportedPrompt {
  const template = (part: string): string => convertTemplate(part, where, leftOut);
  let chat: unknown;
  try {
    chat = JSON.parse(text);
  } catch {
    return { name, system: null, user: template(text) };
  }
  if (!Array.isArray(chat)) return { name, system: null, user: template(text) };
  const of = (role: string): string[] => textsOfRole(chat, role);
  const [system, users, others] = [of('system'), of('user'), of('assistant')];
  if (others.length > 0 || users.length > 1)
    leftOut.push(`${where}: turns of a conversation other than system and the last user message`);
  return {
    name,
    system: system.length === 0 ? null : template(system.join('\n')),
    user: template(users.at(-1) ?? ''),
  };
}

interface Test {
  readonly case: ImportedCase;
  readonly scorers: readonly ImportedScorer[];
}

function suitesOf(config: Json, name: string, readers: PromptfooReaders, leftOut: string[]): ImportedSuite[] {
  const defaults = isJsonObject(config['defaultTest']) ? config['defaultTest'] : {};
  const tests = listOf(config['tests']).flatMap((test, index): Test[] => {
    const where = `tests[${index}]`;
    if (typeof test === 'string')
      return readers
        .readRows(test.replace(/^file:\/\//, ''))
        .map((row, line) => testOfRow(row, defaults, `${where} line ${line + 1}`, leftOut));
    if (isJsonObject(test)) return [testOf(test, defaults, where, leftOut)];
    leftOut.push(`${where}: not a test case`);
    return [];
  });
  const groups = new Map<string, { scorers: readonly ImportedScorer[]; cases: ImportedCase[] }>();
  for (const { case: one, scorers } of tests) {
    const key = JSON.stringify(scorers);
    const group = groups.get(key) ?? { scorers, cases: [] };
    group.cases.push(one);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ scorers, cases }, index) => ({
    name: index === 0 ? name : `${name}-${index + 1}`,
    cases,
    // A suite needs a scorer; without an assertion that has an equivalent a case is at least held to be no refusal.
    scorers: scorers.length > 0 ? scorers : [{ scorer: 'refusal', options: { invert: true } }],
  }));
}

function variablesOf(value: unknown, where: string, leftOut: string[]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [key, given] of Object.entries(isJsonObject(value) ? value : {})) {
    if (typeof given === 'string' && given.startsWith('file://'))
      leftOut.push(`${where}.vars.${key}: a value from a file`);
    else if (Array.isArray(given))
      leftOut.push(`${where}.vars.${key}: a list of values (write one case a value)`);
    else variables[key] = typeof given === 'string' ? given : JSON.stringify(given);
  }
  return variables;
}

function testOf(test: Json, defaults: Json, where: string, leftOut: string[]): Test {
  for (const key of Object.keys(test))
    if (!['vars', 'assert', 'description', 'metadata', 'threshold'].includes(key))
      leftOut.push(`${where}.${key}: no equivalent`);
  const variables = {
    ...variablesOf(defaults['vars'], 'defaultTest', leftOut),
    ...variablesOf(test['vars'], where, leftOut),
  };
  const asserted = [...listOf(defaults['assert']), ...listOf(test['assert'])];
  return converted(
    asserted,
    variables,
    typeof test['description'] === 'string' ? test['description'] : undefined,
    where,
    leftOut,
  );
}

/** A row of a CSV: columns are variables, `__expected…` are assertions as `type: value` or a text to be equal to. */
function testOfRow(row: Json, defaults: Json, where: string, leftOut: string[]): Test {
  const variables: Record<string, string> = { ...variablesOf(defaults['vars'], 'defaultTest', []) };
  const asserted: unknown[] = [...listOf(defaults['assert'])];
  let description: string | undefined;
  for (const [column, value] of Object.entries(row)) {
    if (column.startsWith('__expected')) {
      const text = String(value);
      const match = /^([a-z-]+)(?:\(([\d.]+)\))?:\s*([\s\S]*)$/.exec(text);
      if (text !== '')
        asserted.push(
          match === null
            ? { type: 'equals', value: text }
            : {
                type: match[1],
                threshold: match[2] === undefined ? undefined : Number(match[2]),
                value: match[3],
              },
        );
    } else if (column === '__description') description = String(value);
    else if (column.startsWith('__')) leftOut.push(`${where}: column ${column}`);
    else variables[column] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return converted(asserted, variables, description, where, leftOut);
}

function converted(
  asserted: readonly unknown[],
  variables: Readonly<Record<string, string>>,
  description: string | undefined,
  where: string,
  leftOut: string[],
): Test {
  let extra: Partial<ImportedCase> = {};
  const scorers: ImportedScorer[] = [];
  for (const [index, assertion] of asserted.entries()) {
    const result = convertAssertion(assertion, variables, extra);
    if ('leftOut' in result) leftOut.push(`${where}.assert[${index}]: ${result.leftOut}`);
    else {
      scorers.push(result.scorer);
      extra = { ...extra, ...result.case };
    }
  }
  return {
    case: { ...(description === undefined ? {} : { name: description }), variables, ...extra },
    scorers,
  };
}

// `binnacle import promptfoo F` and `import openai-evals F`: other tools' tests as files of the workspace. Nothing that is there is overwritten.
import { access, mkdir, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { parse, stringify } from 'yaml';
import { workspaceFolderOf } from '../../app/installation.ts';
import { csvObjects } from '../../evaluation/cases/parse-csv.ts';
import {
  fileName,
  type Imported,
  type ImportedPrompt,
  type ImportedSuite,
} from '../../evaluation/import/imported-suite.ts';
import { isJsonObject } from '../../evaluation/import/chat-messages.ts';
import { importOpenaiEvals } from '../../evaluation/import/openai-evals.ts';
import { importPromptfoo } from '../../evaluation/import/promptfoo.ts';
import { messageOf, UsageError } from '../../kernel/errors.ts';
import { parseJsonLine, readJsonLines } from '../../kernel/jsonl.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';

/** Workspace files hold no anchors. */
const PLAIN = { aliasDuplicateObjects: false };
const MOST_BYTES = 16 * 1024 * 1024;

interface ImportOptions {
  readonly model: string;
  readonly name?: string;
}

export function registerPromptfoo(command: Command, line: CommandLine): void {
  command
    .command('promptfoo')
    .argument('<file>', 'promptfooconfig.yaml or .json')
    .description('prompts, tests and assertions as prompts/ and suites/; what has no equivalent is listed')
    .option('--model <id>', 'of models.yaml, for the prompts', 'auto')
    .option('--name <name>', 'of the suite (default: from the file)')
    .exitOverride()
    .action(async (file: string, options: ImportOptions, own: Command) => {
      const path = resolve(line.workingDirectory, file);
      const name = nameOf(options.name, dirname(path), path);
      const readers = {
        readText: (one: string) => textOf(join(dirname(path), one)),
        readRows: (one: string) => rowsOf(join(dirname(path), one)),
      };
      await write(importPromptfoo(parsed(path), name, readers), options, own, line);
    });
}

export function registerOpenaiEvals(command: Command, line: CommandLine): void {
  command
    .command('openai-evals')
    .argument('<file>', 'samples as JSONL: {input, ideal}')
    .description('samples of an eval as a prompt and a suite')
    .option('--model <id>', 'of models.yaml, for the prompt', 'auto')
    .option('--name <name>', 'of prompt and suite (default: from the file)')
    .option('--exact', 'answers must be equal to the ideal, not only contain it')
    .exitOverride()
    .action(async (file: string, options: ImportOptions & { exact?: boolean }, own: Command) => {
      const path = resolve(line.workingDirectory, file);
      const lines: unknown[] = [];
      textOf(path);
      for await (const read of readJsonLines(path)) lines.push('error' in read ? null : read.value);
      const name = nameOf(options.name, path, path);
      await write(
        importOpenaiEvals(lines, name, options.exact === true ? 'exact' : 'contains'),
        options,
        own,
        line,
      );
    });
}

function nameOf(given: string | undefined, from: string, path: string): string {
  const own = basename(path, extname(path));
  return fileName(given ?? (/^promptfooconfig/i.test(own) ? basename(from) : own), 'imported');
}

function textOf(path: string): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MOST_BYTES) throw new Error('it is over 16 MiB');
    return bytes.toString('utf8');
  } catch (error) {
    throw new UsageError(`${path} can't be read: ${messageOf(error)}.`);
  }
}

/** No aliases: a small file must not become a large one. */
function parsed(path: string): unknown {
  try {
    return parse(textOf(path), { maxAliasCount: 0 });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path} is not YAML or JSON: ${messageOf(error)}`);
  }
}

function lineValue(path: string, row: string, index: number): unknown {
  const read = parseJsonLine(row, index);
  if ('error' in read) throw new UsageError(`${path}: ${read.error}`);
  return read.value;
}

function rowsOf(path: string): readonly Record<string, unknown>[] {
  if (path.endsWith('.csv')) return csvObjects(textOf(path));
  const values = path.endsWith('.jsonl')
    ? textOf(path)
        .split('\n')
        .flatMap((row, index) => (row.trim() === '' ? [] : [lineValue(path, row, index)]))
    : parsed(path);
  const rows = Array.isArray(values) ? values : [values];
  return rows.filter(isJsonObject).map((row) => (isJsonObject(row['vars']) ? row['vars'] : row));
}

async function write(
  imported: Imported,
  options: ImportOptions,
  own: Command,
  line: CommandLine,
): Promise<void> {
  const globals = own.optsWithGlobals<GlobalOptions>();
  const folder = await workspaceFolderOf(globals.workspace, line.workingDirectory);
  const files = new Map<string, string>();
  const [first] = imported.prompts;
  for (const prompt of imported.prompts)
    files.set(`prompts/${prompt.name}.yaml`, promptFile(prompt, options.model));
  for (const suite of imported.suites)
    for (const [path, text] of suiteFiles(suite, first?.name)) files.set(path, text);
  for (const path of files.keys()) await requireAbsent(folder, path);
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { flag: 'wx' });
  }
  const written = [...files.keys()];
  if (globals.json === true) return line.out(`${JSON.stringify({ written, left_out: imported.leftOut })}\n`);
  line.out(written.map((path) => `${path}\n`).join(''));
  if (imported.leftOut.length === 0) return;
  line.out(
    `\nLeft out, because it has no equivalent here:\n${imported.leftOut.map((one) => `  ${one}\n`).join('')}`,
  );
}

async function requireAbsent(folder: string, path: string): Promise<void> {
  const isThere = await access(join(folder, path)).then(
    () => true,
    () => false,
  );
  if (isThere) throw new UsageError(`${path} is there already. Choose another name with --name.`, 'name');
}

function promptFile({ name, system, user }: ImportedPrompt, model: string): string {
  return stringify(
    {
      prompt_id: `${name}-v1.0`,
      model,
      ...(system === null ? {} : { system_prompt: system }),
      user_prompt_template: user,
    },
    PLAIN,
  );
}

function suiteFiles({ name, cases, scorers }: ImportedSuite, prompt: string | undefined): [string, string][] {
  const file = `suites/${name}-cases.jsonl`;
  const suite = { ...(prompt === undefined ? {} : { prompt }), cases_from: [{ file }], scorers };
  return [
    [file, cases.map((one) => `${JSON.stringify(one)}\n`).join('')],
    [`suites/${name}.yaml`, stringify(suite, PLAIN)],
  ];
}

// From bytes to a validated workspace: every file is read, every problem is kept, nothing throws. Pure.
import type { z } from 'zod';
import { parsePromptId } from '../contract/prompt-id.ts';
import type { Problem } from './problem.ts';
import type { WorkspaceFiles } from './read-files.ts';
import { checkSchema } from './schema-check.ts';
import { alertsSchema } from './schemas/alerts.ts';
import { binnacleSchema } from './schemas/binnacle.ts';
import { experimentSchema } from './schemas/experiment.ts';
import { guardrailsSchema } from './schemas/guardrails.ts';
import { judgeSchema } from './schemas/judge.ts';
import { modelsSchema } from './schemas/models.ts';
import { policySchema } from './schemas/policy.ts';
import { promptSchema } from './schemas/prompt.ts';
import { releasesSchema } from './schemas/releases.ts';
import { rolloutSchema } from './schemas/rollout.ts';
import { routingSchema } from './schemas/routing.ts';
import { runbookSchema } from './schemas/runbook.ts';
import { suiteSchema } from './schemas/suite.ts';
import type { Item, Workspace } from './workspace.ts';
import { parseYamlFile } from './yaml-file.ts';
import type { YamlFile } from './yaml-file.ts';

export interface LoadedWorkspace {
  readonly workspace: Workspace;
  readonly problems: readonly Problem[];
}

/** Validates each file on its own; what refers to what is checked by `checkReferences`. */
export function loadWorkspace(files: WorkspaceFiles): LoadedWorkspace {
  const loader = new Loader(files);
  const workspace: Workspace = {
    settings: loader.top('binnacle.yaml', binnacleSchema, { name: 'workspace' }),
    models: loader.top('models.yaml', modelsSchema, {}),
    releases: loader.top('releases.yaml', releasesSchema, {}),
    routing: loader.top('routing.yaml', routingSchema, {}),
    guardrails: loader.top('guardrails.yaml', guardrailsSchema, {}),
    alerts: loader.top('alerts.yaml', alertsSchema, []),
    prompts: loader.prompts(),
    suites: loader.folder('suites', suiteSchema),
    judges: loader.folder('judges', judgeSchema),
    experiments: loader.folder('experiments', experimentSchema),
    rollouts: loader.folder('rollouts', rolloutSchema),
    runbooks: loader.folder('runbooks', runbookSchema),
    policies: loader.folder('policies', policySchema),
    broken: loader.broken,
    paths: files.paths,
  };
  return { workspace, problems: [...files.problems, ...loader.problems] };
}

/** One prompt file on its own, as it stands in the working tree or in history. */
export function loadPromptFile(
  file: string,
  bytes: Uint8Array,
): { item: Item<z.output<typeof promptSchema>> } | { problems: readonly Problem[] } {
  const parsed = parseYamlFile(file, bytes);
  if ('problems' in parsed) return parsed;
  const checked = checkSchema(promptSchema, parsed.file);
  if ('problems' in checked) return checked;
  const id = parsePromptId(checked.value.prompt_id);
  return { item: { name: id?.name ?? checked.value.prompt_id, value: checked.value, yaml: parsed.file } };
}

/** One policy file on its own. */
export function loadPolicyText(file: string, bytes: Uint8Array): string | undefined {
  const parsed = parseYamlFile(file, bytes);
  if ('problems' in parsed) return undefined;
  const checked = checkSchema(policySchema, parsed.file);
  return 'value' in checked ? checked.value.text : undefined;
}

class Loader {
  readonly #files: WorkspaceFiles;
  readonly problems: Problem[] = [];
  readonly broken = new Set<string>();

  constructor(files: WorkspaceFiles) {
    this.#files = files;
  }

  /** A file at the top; one that is absent or broken stands as `fallback`, so that the rest can still be checked. */
  top<T>(file: string, schema: z.ZodType<T>, fallback: unknown): Item<T> {
    const bytes = this.#files.contents.get(file);
    const name = file.replace(/\.yaml$/, '');
    if (bytes === undefined && file === 'binnacle.yaml') {
      this.problems.push({
        severity: 'error',
        code: 'missing_file',
        file,
        line: 0,
        column: 0,
        message: 'the file is missing: it says the workspace\'s name. Write "name: my-workspace" into it.',
      });
    }
    const item = bytes === undefined ? undefined : this.#item(file, name, bytes, schema);
    return item ?? { name, value: schema.parse(fallback), yaml: emptyYaml(file) };
  }

  folder<T>(folder: string, schema: z.ZodType<T>): Map<string, Item<T>> {
    const items = new Map<string, Item<T>>();
    for (const [file, bytes] of this.#filesIn(folder)) {
      const name = file.slice(folder.length + 1, -'.yaml'.length);
      const item = this.#item(file, name, bytes, schema);
      if (item !== undefined) items.set(name, item);
    }
    return items;
  }

  prompts(): Item<z.output<typeof promptSchema>>[] {
    const items: Item<z.output<typeof promptSchema>>[] = [];
    for (const [file, bytes] of this.#filesIn('prompts')) {
      const loaded = loadPromptFile(file, bytes);
      if ('item' in loaded) items.push(loaded.item);
      else this.#fail(file, loaded.problems);
    }
    return items;
  }

  #filesIn(folder: string): [string, Uint8Array][] {
    const entries = [...this.#files.contents].filter(([file]) => file.startsWith(`${folder}/`));
    return entries.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #item<T>(file: string, name: string, bytes: Uint8Array, schema: z.ZodType<T>): Item<T> | undefined {
    const parsed = parseYamlFile(file, bytes);
    if ('problems' in parsed) return this.#fail(file, parsed.problems);
    const yaml = isEmptyFile(parsed.file)
      ? { ...parsed.file, value: schema.safeParse([]).success ? [] : {} }
      : parsed.file;
    const checked = checkSchema(schema, yaml);
    if ('problems' in checked) return this.#fail(file, checked.problems);
    return { name, value: checked.value, yaml };
  }

  #fail(file: string, problems: readonly Problem[]): undefined {
    this.problems.push(...problems);
    this.broken.add(file);
  }
}

/** A file of comments alone says nothing: as if it were `{}` (or an empty list). */
function isEmptyFile(yaml: YamlFile): boolean {
  return yaml.value === null;
}

function emptyYaml(file: string): YamlFile {
  const nowhere = { line: 0, column: 0 };
  return { file, value: undefined, locate: () => nowhere, locateKey: () => nowhere };
}

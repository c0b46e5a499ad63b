// What the reference checks share: the workspace, the names it may refer to, and one way to say that a name leads nowhere.
import { splitPromptReference } from '../../contract/prompt-id.ts';
import { nearestName } from '../../kernel/nearest.ts';
import type { CatalogueProvider } from '../catalogue-prices.ts';
import type { Problem } from '../problem.ts';
import type { Item, Workspace } from '../workspace.ts';
import type { YamlPath } from '../yaml-file.ts';

/** Names that live outside of the workspace's files, handed in. */
export interface KnownNames {
  readonly guardrails: readonly string[];
  readonly scorers: readonly string[];
  readonly providerKinds: readonly string[];
  /** Whether the shipped catalogue has a price for what a provider calls a model. */
  readonly hasCataloguePrice: (provider: CatalogueProvider, upstreamModel: string) => boolean;
}

/** Versions and labels of each prompt, from Git history and working tree. */
export interface KnownVersions {
  readonly versions: ReadonlyMap<string, ReadonlySet<string>>;
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What the checks share: the workspace, and one way to say that a name leads nowhere. */
export class ReferenceScope {
  readonly workspace: Workspace;
  readonly known: KnownNames;
  readonly versions: KnownVersions;
  readonly problems: Problem[] = [];
  readonly modelIds: readonly string[];
  readonly promptNames: readonly string[];

  constructor(workspace: Workspace, known: KnownNames, versions: KnownVersions) {
    this.workspace = workspace;
    this.known = known;
    this.versions = versions;
    this.modelIds = Object.keys(workspace.models.value.models);
    this.promptNames = [...versions.versions.keys()];
  }

  report(
    item: Item<unknown>,
    path: YamlPath,
    code: string,
    message: string,
    severity: Problem['severity'] = 'error',
  ): void {
    this.problems.push({ severity, code, file: item.yaml.file, ...item.yaml.locate(path), message });
  }

  /** Reports `name` when it is none of `known`; a broken file that may hold it is given the benefit of the doubt. */
  refer(
    item: Item<unknown>,
    path: YamlPath,
    kind: string,
    name: string,
    known: readonly string[],
    home: string,
  ): void {
    if (known.includes(name) || this.#isBroken(home, name)) return;
    const nearest = nearestName(name, known);
    const hint =
      nearest !== undefined
        ? ` Did you mean "${nearest}"?`
        : known.length === 0
          ? ` There are none in ${home}.`
          : ` There are: ${known.slice(0, 12).join(', ')}.`;
    this.problems.push({
      severity: 'error',
      code: `unknown_${kind.replaceAll(' ', '_')}`,
      file: item.yaml.file,
      ...item.yaml.locate(path),
      message: `there is no ${kind} "${name.slice(0, 100)}".${hint}`,
      ...(nearest === undefined ? {} : { nearest }),
    });
  }

  model(item: Item<unknown>, path: YamlPath, id: string): void {
    this.refer(item, path, 'model', id, this.modelIds, 'models.yaml');
  }

  prompt(item: Item<unknown>, path: YamlPath, name: string): void {
    const reference = splitPromptReference(name);
    this.refer(item, path, 'prompt', reference.name, this.promptNames, 'prompts/');
  }

  /** A version or a label of a prompt. */
  version(item: Item<unknown>, path: YamlPath, prompt: string, versionOrLabel: string): void {
    const versions = this.versions.versions.get(prompt);
    if (versions === undefined) return;
    const labels = this.versions.labels.get(prompt) ?? new Set<string>();
    const isVersion = /^\d/.test(versionOrLabel);
    const known = isVersion ? versions : labels;
    if (known.has(versionOrLabel)) return;
    this.refer(
      item,
      path,
      isVersion ? `version of ${prompt}` : `label of ${prompt}`,
      versionOrLabel,
      [...known],
      isVersion ? 'prompts/' : 'releases.yaml',
    );
  }

  suite(item: Item<unknown>, path: YamlPath, name: string): void {
    this.refer(item, path, 'suite', name, [...this.workspace.suites.keys()], 'suites/');
  }

  judge(item: Item<unknown>, path: YamlPath, name: string): void {
    this.refer(item, path, 'judge', name, [...this.workspace.judges.keys()], 'judges/');
  }

  runbook(item: Item<unknown>, path: YamlPath, name: string): void {
    this.refer(item, path, 'runbook', name, [...this.workspace.runbooks.keys()], 'runbooks/');
  }

  channel(item: Item<unknown>, path: YamlPath, name: string): void {
    this.refer(
      item,
      path,
      'channel',
      name,
      Object.keys(this.workspace.settings.value.channels),
      'binnacle.yaml',
    );
  }

  /** A scorer by its name, or `judge:NAME`. */
  scorer(item: Item<unknown>, path: YamlPath, name: string): void {
    if (name.startsWith('judge:')) return this.judge(item, path, name.slice('judge:'.length));
    this.refer(item, path, 'scorer', name, this.known.scorers, 'the program');
  }

  #isBroken(home: string, name: string): boolean {
    const { broken } = this.workspace;
    if (!home.endsWith('/')) return broken.has(home);
    if (home === 'prompts/') return [...broken].some((file) => file.startsWith(home));
    return broken.has(`${home}${name}.yaml`);
  }
}

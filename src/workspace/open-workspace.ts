// Opens a workspace: files, history, all problems, and the snapshot when nothing stands in its way.
import type { KeySnapshot, Snapshot } from '../contract/snapshot.ts';
import type { Clock } from '../kernel/clock.ts';
import { UsageError } from '../kernel/errors.ts';
import type { CataloguePrices, CatalogueProvider } from './catalogue-prices.ts';
import { checkReferences } from './check-references.ts';
import { compileSnapshot, promptLabels, promptVersions } from './compile-snapshot.ts';
import { documentationWarnings } from './documentation-warnings.ts';
import { indexHistory } from './git/prompt-history.ts';
import type { PromptHistory } from './git/prompt-history.ts';
import { openRepository } from './git/repository.ts';
import type { Repository } from './git/repository.ts';
import { GUARDRAIL_NAMES, PROVIDER_KINDS, SCORER_NAMES } from './known-names.ts';
import { loadWorkspace } from './load-workspace.ts';
import { blocksServing, sortProblems } from './problem.ts';
import type { Problem } from './problem.ts';
import { readWorkspaceFiles } from './read-files.ts';
import { checkOutputSchemas } from './output-schemas.ts';
import { checkVersions } from './version-problems.ts';
import type { Workspace } from './workspace.ts';

/** What a workspace needs of the world around it. */
export interface WorkspaceSurroundings {
  readonly clock: Clock;
  /** Rows of the shipped price catalogue; empty when it does not know the model. */
  readonly cataloguePrices: CataloguePrices;
  /** The keys at this moment. Default: none. */
  readonly keys?: () => Promise<readonly KeySnapshot[]> | readonly KeySnapshot[];
  /** What is built; default: all that the contract names. */
  readonly guardrails?: readonly string[];
  readonly scorers?: readonly string[];
  readonly providerKinds?: readonly string[];
}

export interface OpenedWorkspace {
  readonly directory: string;
  readonly workspace: Workspace;
  readonly repository: Repository | undefined;
  readonly history: PromptHistory | undefined;
  /** Sorted by place; errors and warnings. */
  readonly problems: readonly Problem[];
  /** Undefined when a problem stands in its way. */
  readonly snapshot: Snapshot | undefined;
}

/** Reads, checks and compiles. Throws a UsageError only when the folder can't be read at all. `previous` makes re-reading history cheap. */
export async function openWorkspace(
  directory: string,
  around: WorkspaceSurroundings,
  previous?: OpenedWorkspace,
): Promise<OpenedWorkspace> {
  const files = await readWorkspaceFiles(directory).catch((error: unknown) => {
    throw new UsageError(`The workspace folder ${directory} can't be read: ${(error as Error).message}.`);
  });
  const loaded = loadWorkspace(files);
  const { workspace } = loaded;
  const git = await openRepository(directory);
  const repository = 'git' in git ? git : undefined;
  const history =
    repository === undefined ? undefined : await indexHistory(directory, repository, previous?.history);
  const keys = (await around.keys?.()) ?? [];
  const now = around.clock.now();
  const problems = sortProblems([
    ...loaded.problems,
    ...gitWarnings(git, history),
    ...forgiven(
      checkReferences(workspace, knownNames(around), knownVersions(workspace, history)),
      history === undefined || repository?.isShallow === true,
    ),
    ...checkVersions(workspace, history),
    ...(await checkOutputSchemas(workspace)),
    ...documentationWarnings(workspace, now),
  ]);
  const snapshot = problems.some(blocksServing)
    ? undefined
    : compileSnapshot({ workspace, history, keys, cataloguePrices: around.cataloguePrices, now });
  return { directory, workspace, repository, history, problems, snapshot };
}

function knownNames(around: WorkspaceSurroundings) {
  return {
    guardrails: around.guardrails ?? GUARDRAIL_NAMES,
    scorers: around.scorers ?? SCORER_NAMES,
    providerKinds: around.providerKinds ?? PROVIDER_KINDS,
    hasCataloguePrice: (provider: CatalogueProvider, model: string) =>
      around.cataloguePrices(provider, model).length > 0,
  };
}

function knownVersions(workspace: Workspace, history: PromptHistory | undefined) {
  const versions = new Map(
    [...promptVersions(workspace, history)].map(([name, known]) => [name, new Set(known.keys())]),
  );
  const labels = new Map(
    [...promptLabels(workspace)].map(([name, known]) => [name, new Set(Object.keys(known))]),
  );
  return { versions, labels };
}

function gitWarnings(
  git: Repository | { readonly missing: string },
  history: PromptHistory | undefined,
): Problem[] {
  const place = { severity: 'warning' as const, file: '.git', line: 0, column: 0 };
  if ('missing' in git) {
    return [
      {
        ...place,
        code: 'no_git',
        message: `${git.missing}; only the current versions are served, without history.`,
      },
    ];
  }
  if (history === undefined)
    return [
      {
        ...place,
        code: 'no_commit',
        message: 'nothing is committed yet; only the current versions are served.',
      },
    ];
  if (!git.isShallow) return [];
  return [
    {
      ...place,
      code: 'shallow_clone',
      message: 'the clone is shallow, so old versions are missing. "git fetch --unshallow" brings them.',
    },
  ];
}

/** Where history is missing, a label to an old version can't be served, but everything else can. */
function forgiven(problems: readonly Problem[], isHistoryMissing: boolean): readonly Problem[] {
  if (!isHistoryMissing) return problems;
  return problems.map((problem) => {
    if (problem.file !== 'releases.yaml' || !problem.code.startsWith('unknown_version')) return problem;
    return {
      ...problem,
      message: `${problem.message} Without the history old versions can't be served; the label leads nowhere meanwhile.`,
      servable: true,
    };
  });
}

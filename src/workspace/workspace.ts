// What a loaded workspace is: every file as a validated value that still knows where it stands.
import type { AlertsFile } from './schemas/alerts.ts';
import type { BinnacleFile } from './schemas/binnacle.ts';
import type { ExperimentFile } from './schemas/experiment.ts';
import type { GuardrailsFile } from './schemas/guardrails.ts';
import type { JudgeFile } from './schemas/judge.ts';
import type { ModelsFile } from './schemas/models.ts';
import type { PolicyFile } from './schemas/policy.ts';
import type { PromptFile } from './schemas/prompt.ts';
import type { ReleasesFile } from './schemas/releases.ts';
import type { RolloutFile } from './schemas/rollout.ts';
import type { RoutingFile } from './schemas/routing.ts';
import type { RunbookFile } from './schemas/runbook.ts';
import type { SuiteFile } from './schemas/suite.ts';
import type { YamlFile } from './yaml-file.ts';

/** One validated file. */
export interface Item<T> {
  /** The file's name without folder and `.yaml`; for prompts the prompt's name. */
  readonly name: string;
  readonly value: T;
  readonly yaml: YamlFile;
}

export interface Workspace {
  readonly settings: Item<BinnacleFile>;
  readonly models: Item<ModelsFile>;
  readonly releases: Item<ReleasesFile>;
  readonly routing: Item<RoutingFile>;
  readonly guardrails: Item<GuardrailsFile>;
  readonly alerts: Item<AlertsFile>;
  readonly prompts: readonly Item<PromptFile>[];
  readonly suites: ReadonlyMap<string, Item<SuiteFile>>;
  readonly judges: ReadonlyMap<string, Item<JudgeFile>>;
  readonly experiments: ReadonlyMap<string, Item<ExperimentFile>>;
  readonly rollouts: ReadonlyMap<string, Item<RolloutFile>>;
  readonly runbooks: ReadonlyMap<string, Item<RunbookFile>>;
  readonly policies: ReadonlyMap<string, Item<PolicyFile>>;
  /** Files and items that exist but could not be read: references to them are not called dangling. */
  readonly broken: ReadonlySet<string>;
  /** Every file of the workspace that was looked at, by path (data files beside suites too). */
  readonly paths: ReadonlySet<string>;
}

/** The files at the top of a workspace. */
export const TOP_FILES = [
  'binnacle.yaml',
  'models.yaml',
  'releases.yaml',
  'routing.yaml',
  'guardrails.yaml',
  'alerts.yaml',
] as const;

/** The folders that hold one file an item. */
export const ITEM_FOLDERS = [
  'prompts',
  'suites',
  'judges',
  'experiments',
  'rollouts',
  'runbooks',
  'policies',
] as const;

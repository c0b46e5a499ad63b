// The workspace a command works on: found, opened, and its prompts ready to be looked up even while another file is broken.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { shippedPrices } from '../app/catalogue.ts';
import { compareVersions } from '../contract/prompt-id.ts';
import type { PromptSnapshot, PromptVersion } from '../contract/snapshot.ts';
import { systemClock } from '../kernel/clock.ts';
import { RequestError, UsageError } from '../kernel/errors.ts';
import { parseUsd, perToken } from '../kernel/money.ts';
import { priceRowAt } from '../models/price-usage.ts';
import { countTokens, vocabularyOf } from '../models/tokens.ts';
import type { TokenPrices } from '../prompts/compare-versions.ts';
import { resolvePrompt } from '../prompts/resolve.ts';
import { compilePrompts } from '../workspace/compile-snapshot.ts';
import { findWorkspace } from '../workspace/find-workspace.ts';
import { openWorkspace } from '../workspace/open-workspace.ts';
import type { OpenedWorkspace } from '../workspace/open-workspace.ts';
import { formatProblem } from '../workspace/problem.ts';
import type { CommandLine, GlobalOptions } from './command.ts';

export interface CommandWorkspace {
  readonly opened: OpenedWorkspace;
  readonly prompts: Readonly<Record<string, PromptSnapshot>>;
}

/** The workspace of --workspace, else the nearest one at or above the working directory. */
export async function commandWorkspace(options: GlobalOptions, line: CommandLine): Promise<CommandWorkspace> {
  const directory =
    options.workspace === undefined
      ? await findWorkspace(line.workingDirectory)
      : await onlyWorkspace(resolve(line.workingDirectory, options.workspace));
  const opened = await openWorkspace(directory, { clock: systemClock, cataloguePrices: shippedPrices });
  return { opened, prompts: compilePrompts(opened.workspace, opened.history) };
}

async function onlyWorkspace(directory: string): Promise<string> {
  if ((await findWorkspace(directory)) === directory) return directory;
  throw new UsageError(
    `There is no binnacle.yaml in ${directory}. Name a workspace, or make one with "binnacle init DIR".`,
  );
}

/** As `commandWorkspace`, with errors of the files told on standard error: what could be read goes on. */
export async function promptWorkspace(
  command: Command,
  line: CommandLine,
): Promise<CommandWorkspace & { readonly isJson: boolean }> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const workspace = await commandWorkspace(options, line);
  const errors = workspace.opened.problems.filter(
    (problem) => problem.severity === 'error' || problem.file === '.git',
  );
  for (const problem of errors) line.err(`${formatProblem(problem)}\n`);
  return { ...workspace, isJson: options.json === true };
}

/** The version a command names; without one the newest. Throws a UsageError with the nearest name. */
export function namedVersion(workspace: CommandWorkspace, name: string, version?: string): PromptVersion {
  try {
    const known = Object.hasOwn(workspace.prompts, name) ? workspace.prompts[name] : undefined;
    return resolvePrompt(workspace, name, version ?? versionsOf(known)[0] ?? 'production');
  } catch (error) {
    if (error instanceof RequestError) throw new UsageError(error.message, error.param);
    throw error;
  }
}

/** Versions, newest first. */
export function versionsOf(prompt: PromptSnapshot | undefined): string[] {
  return Object.keys(prompt?.versions ?? {}).sort((a, b) => compareVersions(b, a));
}

/** Labels that lead to a version. */
export function labelsOf(prompt: PromptSnapshot | undefined, version: string): string[] {
  return Object.entries(prompt?.labels ?? {})
    .filter(([, target]) => target === version)
    .map(([label]) => label);
}

/** What a version's model charges per token now; null when it is not known before the request (the router's choice) or at all. */
export function tokenPrices(
  workspace: CommandWorkspace,
  version: PromptVersion,
  now: number,
): TokenPrices | null {
  const models = workspace.opened.snapshot?.models ?? {};
  const model = Object.hasOwn(models, version.model) ? models[version.model] : undefined;
  const rates = model === undefined ? null : (priceRowAt(model.prices, now)?.rates ?? null);
  return rates === null
    ? null
    : { input: perToken(parseUsd(rates.input)), output: perToken(parseUsd(rates.output)) };
}

/** Tokens of a text in the vocabulary of a version's model. */
export function countVersionTokens(text: string, version: PromptVersion): number {
  return countTokens(text, vocabularyOf(version.model));
}

// `binnacle route explain TEXT`: the decision that `model: auto` would get for a text by the rules of the workspace, offline.
import type { Command } from 'commander';
import { UsageError } from '../../kernel/errors.ts';
import { loadLanguageDetector } from '../../routing/detect-language.ts';
import { decideByRules, rulesNeedLanguage, type RoutingFacts } from '../../routing/rules.ts';
import { formatProblem } from '../../workspace/problem.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { commandWorkspace } from '../opened-workspace.ts';

interface ExplainOptions extends GlobalOptions {
  readonly tags?: string;
  readonly key?: string;
  readonly sensitive?: boolean;
  readonly workload?: string;
}

function factsOf(text: string, options: ExplainOptions): RoutingFacts {
  const workload = options.workload ?? 'interactive';
  if (workload !== 'interactive' && workload !== 'batch')
    throw new UsageError(`--workload is interactive or batch, not "${workload}".`, '--workload');
  return {
    text,
    tags: (options.tags ?? '').split(',').flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()])),
    keys: options.key === undefined ? [] : [options.key],
    sensitive: options.sensitive === true,
    workload,
  };
}

export function registerExplain(parent: Command, line: CommandLine): void {
  parent
    .command('explain')
    .argument('<text>', "the end user's question")
    .description('the model that "auto" gives this text by the rules, and why')
    .option('--tags <list>', 'tags of the request, separated by commas')
    .option('--key <name>', 'name or id of the key that asks')
    .option('--sensitive', 'the request is marked sensitive')
    .option('--workload <kind>', 'interactive or batch')
    .exitOverride()
    .action(async (text: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ExplainOptions>();
      const { opened } = await commandWorkspace(options, line);
      if (opened.snapshot === undefined) {
        for (const problem of opened.problems) line.err(`${formatProblem(problem)}\n`);
        throw new UsageError('The workspace has errors, so no route can be explained.');
      }
      const rules = opened.snapshot.routing;
      const detect = rulesNeedLanguage(rules) ? await loadLanguageDetector() : (): string => '';
      const decision = decideByRules(rules, factsOf(text, options), detect);
      if (decision === undefined) {
        line.err('No rule of routing.yaml holds for this text: a request for "auto" would be refused.\n');
        return line.exit(1);
      }
      line.out(
        options.json === true ? `${JSON.stringify(decision)}\n` : `${decision.model}: ${decision.reason}\n`,
      );
    });
}

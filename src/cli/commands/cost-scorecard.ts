// `binnacle cost scorecard`: models side by side, from evaluation runs and, where an installation runs, from live scores.
import { InvalidArgumentError, type Command } from 'commander';
import { listRuns, readRun } from '../../app/evaluation-results.ts';
import { readInstallation, workspaceFolderOf } from '../../app/installation.ts';
import { liveScoresSchema } from '../../contract/api-evaluation.ts';
import type { RunResult } from '../../evaluation/run/run-result.ts';
import {
  evidenceOf,
  makeScorecard,
  type ModelEvidence,
  type Scorecard,
} from '../../evaluation/scorecard/scorecard.ts';
import { UsageError } from '../../kernel/errors.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { meanText, millisecondsText, usdText } from '../evaluation/run-report.ts';
import { runningConsole } from '../running-console.ts';
import { formatTable } from '../table.ts';

interface ScorecardOptions {
  readonly suite?: string;
  readonly run?: string;
  readonly bar?: number;
  readonly live?: string;
}

/** Runs looked through for the newest of each model. */
const MOST_RUNS = 50;

function bar(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('a quality from 0 to 1.');
}

export function registerScorecard(command: Command, line: CommandLine): void {
  command
    .command('scorecard')
    .description(
      'model × cost per request, quality with interval, latency, best for; the cheapest that meets the bar',
    )
    .option('--suite <name>', 'runs of this suite (default: of the newest run)')
    .option('--run <id>', 'one run alone')
    .option('--bar <quality>', 'quality to be reached, 0 to 1 (default: pass_threshold of the suite)', bar)
    .option(
      '--live <scorer>',
      'live scores of this scorer instead, such as judge:helpfulness; asks the running installation',
    )
    .exitOverride()
    .action(async (options: ScorecardOptions, own: Command) => {
      const globals = own.optsWithGlobals<GlobalOptions>();
      const { evidence, threshold } =
        options.live === undefined
          ? await fromRuns(options, globals, line)
          : await fromLive(options.live, globals, line);
      const card = makeScorecard(evidence, options.bar ?? threshold);
      line.out(globals.json === true ? `${JSON.stringify(card)}\n` : report(card));
    });
}

interface Found {
  readonly evidence: readonly ModelEvidence[];
  readonly threshold: number | null;
}

async function fromRuns(
  options: ScorecardOptions,
  globals: GlobalOptions,
  line: CommandLine,
): Promise<Found> {
  const folder = await workspaceFolderOf(globals.workspace, line.workingDirectory);
  const { dataFolder } = await readInstallation(folder);
  if (options.run !== undefined) return told([await readRun(dataFolder, options.run)]);
  const runs: RunResult[] = [];
  for (const id of (await listRuns(dataFolder)).slice(0, MOST_RUNS)) {
    const run = await readRun(dataFolder, id);
    if (run.suite === (options.suite ?? runs[0]?.suite ?? run.suite)) runs.push(run);
  }
  if (runs.length === 0)
    throw new UsageError(
      'There is no run to read from. Make one with "binnacle eval run SUITE --model A --model B".',
      'suite',
    );
  return told(runs);
}

/** The newest evidence of each model, for the prompt versions of the newest run. */
function told(runs: readonly RunResult[]): Found {
  const versionOf = (one: RunResult['targets'][number] | undefined): string =>
    `${one?.prompt}@${one?.version}`;
  const wanted = new Set(runs[0]?.targets.map(versionOf));
  const newest = new Map<string, ModelEvidence>();
  for (const run of runs)
    for (const [index, one] of evidenceOf(run).entries()) {
      const version = versionOf(run.targets[index]);
      const key = `${version} ${one.model}`;
      if (wanted.has(version) && !newest.has(key) && one.cases.length > 0) newest.set(key, one);
    }
  return { evidence: [...newest.values()], threshold: runs[0]?.pass_threshold ?? null };
}

async function fromLive(scorer: string, globals: GlobalOptions, line: CommandLine): Promise<Found> {
  const client = await runningConsole(line, globals);
  const query = new URLSearchParams({ scorer });
  const live = await client.get(`/api/evaluation/live-scores?${query.toString()}`, liveScoresSchema);
  const evidence = live.models.map((one): ModelEvidence => ({
    model: one.model,
    source: `live, ${one.prompt === '' ? 'no prompt' : one.prompt}`,
    cases: one.scores.map((quality) => ({ tags: [], quality })),
    costs: one.costs_usd,
    latencies: one.latencies_ms,
    simulated: one.simulated,
  }));
  return { evidence, threshold: null };
}

function report(card: Scorecard): string {
  const left = (title: string) => ({ title, align: 'left' as const });
  const right = (title: string) => ({ title, align: 'right' as const });
  const rows = card.lines.map((one) => [
    one.model + (one.simulated ? ' (simulated)' : ''),
    one.source,
    usdText(one.cost_per_request_usd),
    meanText(one.quality),
    millisecondsText(one.latency_p50_ms),
    millisecondsText(one.latency_p99_ms),
    one.meets_bar ?? '-',
    one.best_for.join(', '),
  ]);
  const table = formatTable(
    [
      left('model'),
      left('from'),
      right('cost/request'),
      left('quality (95 %)'),
      right('p50'),
      right('p99'),
      left('meets bar'),
      left('best for'),
    ],
    rows,
  );
  return `${table}\n${card.verdict}\n`;
}

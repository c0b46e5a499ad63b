// A run's result as a person reads it: a table of targets, each scorer, and what failed, apart from all numbers.
import type { MeanEstimate } from '../../evaluation/run/estimate-mean.ts';
import type { RunResult, TargetSummary } from '../../evaluation/run/run-result.ts';
import { shownUsd } from '../../kernel/money.ts';
import { formatTable } from '../table.ts';

export function meanText(estimate: MeanEstimate | null): string {
  if (estimate === null) return '-';
  const [low, high] = estimate.interval;
  return `${estimate.mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

export function usdText(amount: string | null): string {
  return amount === null ? 'no price' : shownUsd(amount);
}

export function millisecondsText(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(0)} ms`;
}

function row(one: TargetSummary): string[] {
  const left = one.blocked + one.failed + one.not_asked;
  return [
    one.target,
    meanText(one.quality),
    String(one.answered),
    String(left),
    usdText(one.cost_per_request_usd),
    millisecondsText(one.latency_p50_ms),
    millisecondsText(one.latency_p99_ms),
    one.output_tokens === null ? '-' : one.output_tokens.toFixed(0),
  ];
}

function scorerRows(one: TargetSummary): string[][] {
  return one.scorers.map(({ scorer, score, scored, passed, failed }) => [
    one.target,
    scorer,
    meanText(score),
    passed === null ? '-' : `${passed}/${scored}`,
    String(failed),
  ]);
}

const left = (title: string) => ({ title, align: 'left' as const });
const right = (title: string) => ({ title, align: 'right' as const });

function troubles(result: RunResult): string[] {
  return result.summaries.flatMap((one) => {
    const told = Object.entries(one.failures).map(([code, count]) => `${count} × ${code}`);
    const first = result.answers.find(
      ({ outcome, target }) => outcome.status === 'failed' && result.targets[target]?.name === one.target,
    );
    const example = first?.outcome.status === 'failed' ? `; the first: ${first.outcome.message}` : '';
    return [
      ...(told.length === 0 ? [] : [`${one.target}: failed ${told.join(', ')}${example}`]),
      ...(one.blocked === 0 ? [] : [`${one.target}: ${one.blocked} answers were blocked by guardrails`]),
      ...(one.unsafe === 0 ? [] : [`${one.target}: a safety scorer failed on ${one.unsafe} answers`]),
    ];
  });
}

export function runReport(result: RunResult): string {
  const simulated = result.summaries.some((one) => one.simulated);
  const head = `Run ${result.run} of suite ${result.suite}: ${result.cases.length} cases × ${result.targets.length} × ${result.repeats}${simulated ? ' (simulated answers)' : ''}`;
  const targets = formatTable(
    [
      left('target'),
      left('quality (95 %)'),
      ...['answered', 'not', 'cost/request', 'p50', 'p99', 'tokens out'].map(right),
    ],
    result.summaries.map(row),
  );
  const scorers = formatTable(
    [left('target'), left('scorer'), left('score (95 %)'), right('passed'), right('no score')],
    result.summaries.flatMap(scorerRows),
  );
  const status =
    result.status === 'complete'
      ? ''
      : `The run ${result.status === 'stopped' ? 'was stopped' : 'ended at its cost ceiling'}: go on with --resume.\n`;
  const spent = `Spent ${usdText(result.spent_usd)} on ${result.calls_made} calls in ${(result.elapsed_ms / 1000).toFixed(2)} s; ${result.calls_kept} kept from before.\n`;
  const told = troubles(result).map((text) => `${text}\n`);
  return `${head}\n\n${targets}\n${scorers}\n${told.join('')}${status}${spent}`;
}

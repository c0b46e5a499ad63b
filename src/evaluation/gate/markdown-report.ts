// The gate as Markdown for a pull request: the verdict first, then the numbers, then the worst cases side by side. Model output is
// escaped: it must not write into the report.
import { shownUsd } from '../../kernel/money.ts';
import type { MeanEstimate } from '../run/estimate-mean.ts';
import type { TargetSummary } from '../run/run-result.ts';
import type { Comparison } from './gate-decision.ts';
import type { GatedPrompt, GateResult, WorstCase } from './gate-result.ts';

const MARK = { approve: '✅ approve', block: '⛔ block', inconclusive: '❔ inconclusive' } as const;
const MOST_CHARACTERS = 700;

/** A cell of a Markdown table: no markup, no line ends, bounded. */
export function cell(text: string, most = MOST_CHARACTERS): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]()|~#@!]/g, (mark) => `&#${mark.codePointAt(0)};`)
    .replaceAll(/\r?\n/g, '<br>');
}

export function gateMarkdown(result: GateResult): string {
  const passes = result.passes && result.decision !== 'approve' ? ' (the policy lets it pass)' : '';
  const head = [
    `# Binnacle gate: ${MARK[result.decision]}${passes}`,
    '',
    result.prompts.length === 0
      ? `No prompt changed since \`${cell(result.base, 100)}\`.`
      : `Against \`${cell(result.base, 100)}\` (${result.base_commit.slice(0, 10)}), the same cases on both versions, through the same stages as live traffic.`,
    '',
  ];
  return `${[...head, ...result.prompts.flatMap(promptSection)].join('\n').trimEnd()}\n`;
}

function promptSection(one: GatedPrompt): string[] {
  const { verdict } = one;
  const from = one.base_id === null ? 'new' : cell(one.base_id, 200);
  return [
    `## ${MARK[verdict.decision]}: ${from} → ${cell(one.new_id, 200)}`,
    '',
    ...verdict.reasons.map((reason) => `- ${cell(reason)}`),
    ...(verdict.moreCases === null ? [] : [`- about ${verdict.moreCases} more cases would settle it`]),
    ...lengthNote(one),
    ...(one.simulated ? ['- **simulated**: answers come from a recording, no model was called'] : []),
    '',
    ...numbers(one),
    ...worst(one),
  ];
}

function lengthNote({ at_equal_length: controlled }: GatedPrompt): string[] {
  if (controlled === null) return [];
  const { difference, interval, per_doubling: slope } = controlled;
  return [
    `- at equal length the judge's scores differ by ${points(difference)} [${points(interval[0])}, ${points(interval[1])}]; an answer twice as long gains ${points(slope)}`,
  ];
}

function points(share: number): string {
  return `${share >= 0 ? '+' : '−'}${(100 * Math.abs(share)).toFixed(1)} points`;
}

function numbers({ base, new: fresh, verdict, suite, cases }: GatedPrompt): string[] {
  if (fresh === null) return [];
  const rows: [string, (one: TargetSummary) => string, string][] = [
    ['quality', ({ quality }) => estimateText(quality), changeText(verdict.quality, 1)],
    ['cost per request', ({ cost_per_request_usd: cost }) => usdText(cost), changeText(verdict.cost, 100)],
    ['latency p50', ({ latency_p50_ms: value }) => millisecondsText(value), ''],
    ['latency p99', ({ latency_p99_ms: value }) => millisecondsText(value), ''],
    ['tokens in', ({ input_tokens: value }) => countText(value), ''],
    ['tokens out', ({ output_tokens: value }) => countText(value), ''],
    ['answered', ({ answered }) => String(answered), ''],
    ['failed, blocked', ({ failed, blocked }) => `${failed}, ${blocked}`, ''],
    ['unsafe', ({ unsafe }) => String(unsafe), ''],
  ];
  const lines = rows.map(
    ([name, text, change]) => `| ${name} | ${base === null ? '' : text(base)} | ${text(fresh)} | ${change} |`,
  );
  return [
    `Suite \`${cell(suite ?? '', 100)}\`, ${cases} cases.`,
    '',
    '| | before | after | change |',
    '|---|---|---|---|',
    ...lines,
    '',
  ];
}

function estimateText(estimate: MeanEstimate | null): string {
  if (estimate === null) return '–';
  const [low, high] = estimate.interval;
  return `${estimate.mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

function changeText(comparison: Comparison | null, relative: 1 | 100): string {
  if (comparison === null) return '';
  const { difference, interval, base } = comparison;
  if (relative === 1) return `${signed(difference)} [${signed(interval.low)}, ${signed(interval.high)}]`;
  if (base === 0) return difference === 0 ? 'none' : 'from nothing';
  const share = (value: number): string =>
    `${value >= 0 ? '+' : '−'}${Math.abs((100 * value) / base).toFixed(1)} %`;
  return `${share(difference)} [${share(interval.low)}, ${share(interval.high)}]`;
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(3)}`;
}

function usdText(amount: string | null): string {
  return amount === null ? 'no price' : shownUsd(amount);
}

function millisecondsText(value: number | null): string {
  return value === null ? '–' : `${value.toFixed(0)} ms`;
}

function countText(value: number | null): string {
  return value === null ? '–' : value.toFixed(0);
}

function worst({ worst: cases }: GatedPrompt): string[] {
  if (cases.length === 0) return [];
  return [
    '<details><summary>Cases that lost most</summary>',
    '',
    '| case | before | after |',
    '|---|---|---|',
    ...cases.map(worstRow),
    '',
    '</details>',
    '',
  ];
}

function worstRow({ name, variables, base, new: fresh }: WorstCase): string {
  const asked = Object.entries(variables)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${cell(value, 200)}`);
  const score = (value: number | null): string => (value === null ? 'no score' : value.toFixed(3));
  return `| **${cell(name, 100)}**<br>${asked.join('<br>')} | **${score(base.quality)}** ${cell(base.text)} | **${score(fresh.quality)}** ${cell(fresh.text)} |`;
}

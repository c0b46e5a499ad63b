// `binnacle prompt diff NAME A B`: what changed, word by word, with tokens and estimated cost beside it.
import type { Command } from 'commander';
import { styleText } from 'node:util';
import { systemClock } from '../../kernel/clock.ts';
import { compareVersionContents } from '../../prompts/compare-versions.ts';
import type { VersionComparison } from '../../prompts/compare-versions.ts';
import type { DiffPiece } from '../../prompts/word-diff.ts';
import type { CommandLine } from '../command.ts';
import { countVersionTokens, namedVersion, promptWorkspace, tokenPrices } from '../opened-workspace.ts';
import { formatTable } from '../table.ts';
import type { TableColumn } from '../table.ts';

export function registerDiff(parent: Command, line: CommandLine): void {
  parent
    .command('diff')
    .argument('<name>', 'the prompt')
    .argument('<before>', 'version or label')
    .argument('<after>', 'version or label')
    .description('what changed between two versions, word by word, with tokens and estimated cost')
    .exitOverride()
    .action(async (name: string, before: string, after: string, _options: unknown, command: Command) => {
      const workspace = await promptWorkspace(command, line);
      const now = systemClock.now();
      const [a, b] = [before, after].map((asked) => {
        const version = namedVersion(workspace, name, asked);
        return { version, prices: tokenPrices(workspace, version, now) };
      }) as [Side, Side];
      const comparison = compareVersionContents(a, b, countVersionTokens);
      if (workspace.isJson) {
        return line.out(
          `${JSON.stringify({ name, from: a.version.version, to: b.version.version, ...comparison })}\n`,
        );
      }
      line.out(comparisonText(comparison, [a.version.version, b.version.version], line.isTerminal));
    });
}

type Side = Parameters<typeof compareVersionContents>[0];

function comparisonText(
  comparison: VersionComparison,
  names: readonly [string, string],
  hasColours: boolean,
): string {
  const parts = comparison.texts.map(
    ({ part, pieces }) =>
      `${part}\n${indent(pieces.map((piece) => pieceText(piece, hasColours)).join(''))}\n`,
  );
  const settings = comparison.settings.map(({ setting, before, after }) => [
    setting,
    before ?? '–',
    after ?? '–',
  ]);
  const { before, after } = comparison;
  const weights = [
    [
      'prompt tokens, without variables',
      String(before.promptTokens),
      String(after.promptTokens),
      signed(after.promptTokens - before.promptTokens),
    ],
    [
      'US$ per 1,000 requests for them',
      before.promptCostPerThousand ?? 'unknown',
      after.promptCostPerThousand ?? 'unknown',
      '',
    ],
    [
      '  and with the longest answers',
      before.mostCostPerThousand ?? 'unknown',
      after.mostCostPerThousand ?? 'unknown',
      '',
    ],
  ];
  const nothing =
    comparison.texts.length === 0 && settings.length === 0 ? 'Nothing that serves differs.\n\n' : '';
  return [
    nothing,
    ...parts.map((part) => `${part}\n`),
    settings.length === 0 ? '' : `${formatTable(columns(['SETTING', ...names]), settings)}\n`,
    formatTable(columns(['ESTIMATE', ...names, 'CHANGE']), weights),
  ].join('');
}

function pieceText(piece: DiffPiece, hasColours: boolean): string {
  const text = piece.text.replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD');
  if (piece.kind === 'same') return text;
  const marked = piece.kind === 'removed' ? `[-${text}-]` : `{+${text}+}`;
  if (!hasColours) return marked;
  return styleText(piece.kind === 'removed' ? 'red' : 'green', marked, { validateStream: false });
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((one) => `  ${one}`)
    .join('\n');
}

function signed(change: number): string {
  return change > 0 ? `+${change}` : String(change);
}

function columns(titles: readonly string[]): TableColumn[] {
  return titles.map((title, index) => ({ title, align: index === 0 ? 'left' : 'right' }));
}

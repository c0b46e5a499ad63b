// `binnacle cost price --input F`: the price of raw usage objects, line by line, by the shipped price list.
import type { Command } from 'commander';
import { z } from 'zod';
import type { UsageDetail } from '../../contract/usage.ts';
import { messageOf } from '../../kernel/errors.ts';
import { readJsonLines } from '../../kernel/jsonl.ts';
import { formatUsd } from '../../kernel/money.ts';
import { describeIssues } from '../../kernel/schema-issues.ts';
import { cataloguePrices } from '../../models/catalogue.ts';
import { priceUsage } from '../../models/price-usage.ts';
import { readAnyUsage } from '../../wire/usage/any-usage.ts';
import type { CommandLine } from '../command.ts';

const priceLine = z.object({
  model: z.string().min(1).max(500),
  provider: z.string().min(1).max(200),
  usage: z.unknown(),
  /** ISO date-time or milliseconds since the epoch; absent: now. */
  at: z.union([z.string(), z.number()]).nullish(),
  /** True for work sent through the vendor's batch API. */
  batch: z.boolean().nullish(),
});

/** Adds the subcommand to `cost`. */
export function registerPrice(command: Command, line: CommandLine): void {
  command
    .command('price')
    .description(
      'price raw usage objects: lines {model, provider, usage, at?, batch?} → {index, cost_usd}, null for an unknown model',
    )
    .requiredOption('--input <file>', 'JSONL file, - for standard input')
    .exitOverride()
    .action(async (options: { input: string }) => {
      const now = Date.now();
      for await (const read of readJsonLines(options.input)) {
        const answer =
          'error' in read
            ? { index: read.index, error: read.error }
            : { index: read.index, ...priceOf(read.value, now) };
        line.out(`${JSON.stringify(answer)}\n`);
      }
    });
}

/** One line's answer. `now` prices a line without `at`. */
export function priceOf(value: unknown, now: number): { cost_usd: string | null } | { error: string } {
  const parsed = priceLine.safeParse(value);
  if (!parsed.success) return { error: describeIssues(parsed.error, value) };
  const { model, provider, at, batch } = parsed.data;
  const moment = at === undefined || at === null ? now : typeof at === 'number' ? at : Date.parse(at);
  if (!Number.isFinite(moment))
    return {
      error: `at: ${JSON.stringify(at)} is not a date: write ISO 8601, such as "2026-03-01T12:00:00Z".`,
    };
  const usage = readAnyUsage(parsed.data.usage);
  if (usage === null)
    return {
      error:
        'usage: not a usage object of the chat-completions, Responses, Anthropic or Gemini format with whole, non-negative token counts.',
    };
  try {
    const cost = priceUsage(cataloguePrices(provider, model), usage, {
      at: moment,
      batch: batch ?? isBatchTier(usage),
    });
    return { cost_usd: cost === null ? null : formatUsd(cost) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

/** Anthropic says in the usage itself that its batch API answered. */
function isBatchTier({ raw }: UsageDetail): boolean {
  return typeof raw === 'object' && raw !== null && 'service_tier' in raw && raw.service_tier === 'batch';
}

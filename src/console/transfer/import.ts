// Interactions from a file into the ledger: each line validated, each interaction once however often it is imported. Lines need `at` and
// `model`; what else an export writes is taken where it is there.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ImportResult } from '../../contract/api.ts';
import { endRowSchema, type EndRow } from '../../contract/interaction.ts';
import { BinnacleError, messageOf } from '../../kernel/errors.ts';
import { parseJsonLine } from '../../kernel/jsonl.ts';
import { parseUsd } from '../../kernel/money.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { encodeFrame } from '../../storage/spool/frame.ts';

const instant = z
  .union([z.number(), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))])
  .pipe(
    z
      .number()
      .int()
      .min(0)
      .max(Date.UTC(2200, 0, 1)),
  );

/** An amount that is a plain decimal and not below zero; null where it is not known. */
const usd = z
  .string()
  .nullable()
  .refine((text) => {
    if (text === null) return true;
    try {
      return parseUsd(text) >= 0n;
    } catch {
      return false;
    }
  }, 'is not an amount such as "0.0012"');

const shape = endRowSchema.shape;
const text = z.string().max(4096).default('');

const lineSchema = z.strictObject({
  ...shape,
  row: z.literal('end').default('end'),
  id: z
    .string()
    .regex(/^int_[0-9a-f]{32}$/, 'is not an id such as int_ and 32 hexadecimal digits')
    .optional(),
  at: instant,
  ended_at: instant.optional(),
  model: z.string().min(1).max(256),
  workspace: text,
  key: text,
  shape: z.string().max(64).default('openai-chat'),
  streamed: shape.streamed.default(false),
  prompt: text,
  version: text,
  variant: text,
  route: text,
  end_user: text,
  session: text,
  tags: shape.tags.default([]),
  workload: shape.workload.default('interactive'),
  sensitive: shape.sensitive.default(false),
  reserved_usd: usd.default(null),
  status: shape.status.default('ok'),
  http_status: z.number().int().min(0).max(999).default(200),
  error_kind: text,
  error_message: text,
  provider: text,
  answered_model: text,
  fingerprint: text,
  finish_reason: text,
  cache: shape.cache.default('off'),
  usage: shape.usage.default(null),
  cost_usd: usd.default(null),
  saved_usd: usd.default(null),
  latency_ms: z.number().nonnegative().default(0),
  ttft_ms: z.number().nonnegative().nullable().default(null),
  response_characters: z.number().int().nonnegative().default(0),
  refused: shape.refused.default(false),
  attempts: shape.attempts.default([]),
  findings: shape.findings.default([]),
  scores: shape.scores.default({}),
  not_scanned: shape.not_scanned.default([]),
  request_payload: z.string().default(''),
  response_payload: z.string().default(''),
});

/** The id of a line that has none: the same line always gets the same one. */
function derivedId(at: number, line: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(line)).digest('hex');
  return `int_${at.toString(16).padStart(12, '0').slice(-12)}${digest.slice(0, 20)}`;
}

export type ImportLine = { readonly row: EndRow } | { readonly error: string };

/** One parsed line as a row for the ledger, or why it can't be one. */
export function readImportLine(value: unknown): ImportLine {
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { error: `${issue?.path.join('.') || 'the line'}: ${issue?.message ?? 'is not valid'}` };
  }
  const { id, ended_at, ...line } = parsed.data;
  const endedAt = ended_at ?? line.at + line.latency_ms;
  return { row: { ...line, id: id ?? derivedId(line.at, value), ended_at: Math.round(endedAt) } };
}

async function known(ledger: LedgerClient, ids: readonly string[]): Promise<Set<string>> {
  const rows = await ledger.query<{ id: string }>(
    'SELECT id FROM ledger.interactions WHERE id IN {ids:Array(String)}',
    { ids },
  );
  return new Set(rows.map((row) => row.id));
}

/**
 * Imports the lines of one JSONL text. `firstIndex` is the index of its first line in the file. A failure of the ledger throws; trying
 * again adds nothing twice.
 */
export async function importLines(
  ledger: LedgerClient,
  body: string,
  firstIndex: number,
): Promise<ImportResult> {
  const rejected: { index: number; error: string }[] = [];
  const rows = new Map<string, EndRow>();
  let duplicates = 0;
  for (const [offset, line] of body.split('\n').entries()) {
    if (line.trim() === '') continue;
    const index = firstIndex + offset;
    const parsed = parseJsonLine(line, index);
    const read: ImportLine = 'error' in parsed ? parsed : readImportLine(parsed.value);
    if ('error' in read) rejected.push({ index, error: read.error });
    else if (rows.has(read.row.id)) duplicates += 1;
    else rows.set(read.row.id, read.row);
  }
  const there = rows.size === 0 ? new Set<string>() : await known(ledger, [...rows.keys()]);
  const fresh = [...rows.values()].filter((row) => !there.has(row.id));
  duplicates += rows.size - fresh.length;
  if (fresh.length > 0) {
    const frames = Buffer.concat(fresh.map(encodeFrame));
    const name = `import/${createHash('sha256').update(frames).digest('hex')}`;
    const report = await ledger.ingest({ name, frames, onlyMissing: true });
    if (report.rejected.length > 0)
      throw new BinnacleError({
        code: 'import_refused',
        message: `The ledger refused ${report.rejected.length} of ${fresh.length} lines (${messageOf(report.rejected[0]?.reason)}). Mend them and import the file again: what is in already is left out.`,
        httpStatus: 422,
      });
  }
  return { accepted: fresh.length, duplicates, rejected };
}

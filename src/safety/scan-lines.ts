// Scanning a file of texts on shipped defaults: every guardrail that needs no configuration, on every line, whatever its direction says
// only narrowing. Lines are scanned many at a time, so that embeddings come in batches.
import type { JsonLine } from '../kernel/jsonl.ts';
import { messageOf } from '../kernel/errors.ts';
import type { ActiveGuardrail } from './active-guardrail.ts';
import { activateGuardrail, scanText, type Verdict } from './engine.ts';
import type { Direction, GuardrailServices } from './guardrail.ts';
import { GUARDRAIL_NAMES, loadGuardrail } from './registry.ts';

const AT_ONCE = 256;
/** Options where "all types" is wider than what a gateway replaces unasked. */
const WIDEST: Readonly<Record<string, Record<string, unknown>>> = {
  pii: {
    dates: 'all',
    types: [
      'EMAIL_ADDRESS',
      'PHONE_NUMBER',
      'CREDIT_CARD',
      'IBAN_CODE',
      'US_SSN',
      'US_ITIN',
      'IP_ADDRESS',
      'URL',
      'DATE_TIME',
      'MEDICAL_RECORD_NUMBER',
      'US_PASSPORT',
      'US_DRIVER_LICENSE',
      'US_BANK_NUMBER',
      'CRYPTO',
    ],
  },
  names: { types: ['PERSON', 'LOCATION', 'ORGANIZATION', 'NRP', 'AGE', 'DATE_TIME'] },
};
/** Guardrails whose score is wanted on every text, whatever its direction. */
const ALWAYS = new Set(['prompt-injection', 'hate', 'groundedness']);

/** Every guardrail that works unconfigured. */
export async function activateAll(services: GuardrailServices): Promise<ActiveGuardrail[]> {
  const active: ActiveGuardrail[] = [];
  for (const name of GUARDRAIL_NAMES)
    if ((await loadGuardrail(name)).worksUnconfigured)
      active.push(
        await activateGuardrail({ guardrail: name, options: WIDEST[name] ?? {} }, 'closed', services),
      );
  return active;
}

interface ScanLine {
  readonly text: string;
  readonly context?: string;
  readonly direction?: Direction;
}

function readLine(value: unknown): ScanLine | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'a line is an object {text, context?, direction?}';
  const { text, context, direction } = value as Record<string, unknown>;
  if (typeof text !== 'string') return '"text" must be a string';
  if (context !== undefined && context !== null && typeof context !== 'string')
    return '"context" must be a string';
  if (direction !== undefined && direction !== null && direction !== 'input' && direction !== 'output')
    return '"direction" must be "input" or "output"';
  return {
    text,
    ...(typeof context === 'string' ? { context } : {}),
    ...(direction === 'input' || direction === 'output' ? { direction } : {}),
  };
}

async function scanLine(
  line: JsonLine,
  active: readonly ActiveGuardrail[],
): Promise<Record<string, unknown>> {
  if ('error' in line) return line;
  const read = readLine(line.value);
  if (typeof read === 'string') return { index: line.index, error: read };
  const { direction } = read;
  const scored = active.filter(
    ({ guardrail }) =>
      direction === undefined || guardrail.directions.includes(direction) || ALWAYS.has(guardrail.name),
  );
  try {
    const verdict = await scanText(scored, { ...read, direction: direction ?? 'output' });
    return { index: line.index, ...shown(verdict, direction) };
  } catch (error) {
    return { index: line.index, error: messageOf(error) };
  }
}

/** The verdict as a line. Scores always stand; findings of guardrails for the other direction don't. */
function shown(verdict: Verdict, direction: Direction | undefined): Record<string, unknown> {
  const wrongWay =
    direction === 'output' ? 'prompt-injection' : direction === 'input' ? 'groundedness' : null;
  const findings = verdict.findings.filter(({ guardrail }) => guardrail !== wrongWay);
  const strongest = ['block', 'redact', 'flag'].find((action) =>
    findings.some((finding) => finding.action === action),
  );
  return {
    action: verdict.notScanned.length > 0 ? verdict.action : (strongest ?? 'allow'),
    findings: findings.map(({ guardrail, type, start, end, score }) => ({
      guardrail,
      type,
      start,
      end,
      score,
    })),
    scores: verdict.scores,
    ...(verdict.notScanned.length > 0 ? { not_scanned: verdict.notScanned } : {}),
  };
}

/** One answer a line, in order. */
export async function* scanLines(
  lines: AsyncIterable<JsonLine>,
  active: readonly ActiveGuardrail[],
): AsyncGenerator<Record<string, unknown>> {
  let batch: JsonLine[] = [];
  for await (const line of lines) {
    batch.push(line);
    if (batch.length < AT_ONCE) continue;
    yield* await Promise.all(batch.map((one) => scanLine(one, active)));
    batch = [];
  }
  yield* await Promise.all(batch.map((one) => scanLine(one, active)));
}

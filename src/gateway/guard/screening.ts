// What guardrails know of one exchange: which of them screen it, what was found, and the values that were found, so that what is stored
// can leave them out. The values are personal data and secrets: they live as long as the exchange and go nowhere.
import type { Finding } from '../../contract/interaction.ts';
import { BinnacleError } from '../../kernel/errors.ts';
import type { CompiledGuardrails, Verdict } from '../../safety/engine.ts';
import type { AppliedFinding } from '../../safety/findings.ts';
import type { Asker, Direction } from '../../safety/guardrail.ts';
import { Pseudonyms } from '../../safety/pseudonyms.ts';

/** The part of an exchange that says what was found. */
export interface FoundRecord {
  readonly findings: Finding[];
  readonly scores: Record<string, number>;
  readonly notScanned: string[];
}

/** Findings recorded of one interaction, at most. */
const MOST_FINDINGS = 500;
/** Values remembered of one interaction, at most; beyond, its payloads are not stored where they would have to be redacted. */
const MOST_VALUES = 500;

export class Screening {
  readonly guardrails: CompiledGuardrails;
  /** Where personal data is replaced by placeholders and restored in the answer. */
  readonly pseudonyms: Pseudonyms | null;
  /** Whom a model that is asked costs; undefined where none is. */
  readonly asker: Asker | undefined;
  /** Value → what stands for it in stored texts. */
  readonly values = new Map<string, string>();
  #isOverfull = false;

  constructor(guardrails: CompiledGuardrails, asker?: Asker) {
    this.guardrails = guardrails;
    this.asker = asker;
    this.pseudonyms = guardrails.pseudonymise ? new Pseudonyms() : null;
  }

  /** More values were found than are remembered: no stored text can be trusted to be free of them. */
  get isOverfull(): boolean {
    return this.#isOverfull;
  }

  /** Takes a verdict on one text into the exchange's record. */
  note(exchange: FoundRecord, verdict: Verdict, place: string, direction: Direction, text: string): void {
    this.noteFindings(exchange, verdict.findings, place, direction, text);
    Object.assign(exchange.scores, worse(exchange.scores, verdict.scores));
    noteNotScanned(exchange, verdict, direction);
  }

  noteFindings(
    exchange: FoundRecord,
    findings: readonly AppliedFinding[],
    place: string,
    direction: Direction,
    text: string,
  ): void {
    for (const finding of findings) {
      const { guardrail, type, start, end, score, action } = finding;
      if (exchange.findings.length < MOST_FINDINGS)
        exchange.findings.push({ guardrail, type, direction, start, end, score, action, place });
      this.#remember(finding, text);
    }
  }

  #remember({ type, start, end, action }: AppliedFinding, text: string): void {
    if (action === 'allow' || (start === 0 && end >= text.length && end > 200)) return;
    const value = text.slice(start, end);
    if (value.trim().length < 3 || this.values.has(value)) return;
    if (this.values.size >= MOST_VALUES) this.#isOverfull = true;
    else this.values.set(value, this.pseudonyms?.placeholder(type, value) ?? `<${type}>`);
  }
}

/** Of two scores under one name the more worrying stands: low for groundedness, high for the others. */
function worse(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, score]) => {
      const known = before[name];
      if (known === undefined) return [name, score];
      return [name, name === 'grounded' ? Math.min(known, score) : Math.max(known, score)];
    }),
  );
}

/** Names what could not run; never silently. */
export function noteNotScanned(
  exchange: FoundRecord,
  verdict: Pick<Verdict, 'notScanned'>,
  direction: Direction,
): void {
  for (const { guardrail } of verdict.notScanned) addNotScanned(exchange, `${direction}:${guardrail}`);
}

export function addNotScanned(exchange: FoundRecord, what: string): void {
  if (!exchange.notScanned.includes(what)) exchange.notScanned.push(what);
}

/** The refusal a caller gets: 400 with the policy's message; says so when it is for a guardrail that could not run. */
export function blockedBy(
  guardrails: CompiledGuardrails,
  cause: Pick<Verdict, 'notScanned'> & { readonly findings: readonly Finding[] | readonly AppliedFinding[] },
): BinnacleError {
  const failed = cause.notScanned.find(({ onError }) => onError === 'closed');
  const found = cause.findings.some(({ action }) => action === 'block');
  const because =
    failed === undefined || found ? '' : ` (The guardrail "${failed.guardrail}" could not run.)`;
  return new BinnacleError({
    code: 'blocked_by_guardrail',
    message: guardrails.message + because,
    httpStatus: 400,
  });
}

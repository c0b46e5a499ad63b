// One pass over a text for everything that has a form: personal data and secrets. The pass looks at each character once, through a
// table of classes, and calls a recogniser only where something can begin (a digit, an @, a colon, a long token). Recognisers look
// at a bounded piece of text, so the whole is linear whatever the text; clean prose costs one table look-up a character.
import { bareDomainAt, emailAt, ipv6At, urlAt } from './network.ts';
import { ibanAt, numberAt } from './numbers.ts';
import { assignedSecretAt, secretToken } from './secret-rules.ts';
import type { StructuredFinding } from './finding.ts';

const OTHER = 0;
const LETTER = 1;
const DIGIT = 2;
const AT = 3;
const COLON = 4;
const DOT = 5;
const EQUALS = 6;
const DASH = 7;

const CLASS = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_]/.test(character)) CLASS[code] = LETTER;
  else if (/\d/.test(character)) CLASS[code] = DIGIT;
}
CLASS[0x40] = AT;
CLASS[0x3a] = COLON;
CLASS[0x2e] = DOT;
CLASS[0x3d] = EQUALS;
CLASS[0x2d] = DASH;

/** The shortest token that can be a secret or a wallet address by itself. */
const SHORTEST_TOKEN = 16;
/** The dashes and the first word of a PEM block. */
const PEM_MARK = '-----BEGIN'.length;

interface Progress {
  readonly findings: StructuredFinding[];
  index: number;
  wordStart: number;
  afterDigit: boolean;
  /** Numbers and domains before this index belong to something already found. */
  taken: number;
}

const begin = (): Progress => ({ findings: [], index: 0, wordStart: -1, afterDigit: false, taken: 0 });

/** All that has a form in `text`, in no particular order; findings may overlap. Linear in the text's length. */
export function scanStructured(text: string): StructuredFinding[] {
  const progress = begin();
  advance(text, progress, text.length);
  return finish(text, progress);
}

/** Texts up to this length are scanned in one go: a millisecond at most, whatever they hold. */
const SLICE = 2048;
const PATIENCE_MILLISECONDS = 8;

/** As `scanStructured`, letting the event loop breathe every few milliseconds: for texts of any length. */
export async function scanStructuredPatiently(text: string): Promise<StructuredFinding[]> {
  const progress = begin();
  let since = performance.now();
  while (progress.index < text.length) {
    advance(text, progress, Math.min(text.length, progress.index + SLICE));
    if (performance.now() - since < PATIENCE_MILLISECONDS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
  return finish(text, progress);
}

function finish(text: string, { findings, wordStart }: Progress): StructuredFinding[] {
  if (wordStart >= 0 && isLongToken(text, wordStart, text.length))
    secretToken(text, wordStart, text.length, findings);
  return findings;
}

function isLongToken(text: string, start: number, end: number): boolean {
  const length = end - start;
  return length >= SHORTEST_TOKEN || (length === PEM_MARK && text.charCodeAt(start) === 0x2d);
}

/** Looks at the characters up to `until`; recognisers may look further. */
function advance(text: string, progress: Progress, until: number): void {
  let { wordStart, afterDigit, taken } = progress;
  const { findings } = progress;
  for (let index = progress.index; index < until; index += 1) {
    const code = text.charCodeAt(index);
    const kind = code < 128 ? (CLASS[code] as number) : code === 0xa0 ? OTHER : LETTER;
    if (kind === LETTER || kind === DASH) {
      if (wordStart < 0) wordStart = index;
      afterDigit = false;
      continue;
    }
    if (kind === DIGIT) {
      if (!afterDigit && index >= taken) taken = digit(text, index, wordStart, taken, findings);
      if (wordStart < 0) wordStart = index;
      afterDigit = true;
      continue;
    }
    afterDigit = false;
    if (wordStart >= 0) {
      if (isLongToken(text, wordStart, index)) secretToken(text, wordStart, index, findings);
      wordStart = -1;
    }
    if (kind !== OTHER) taken = punctuation(text, index, kind, taken, findings);
  }
  progress.index = until;
  progress.wordStart = wordStart;
  progress.afterDigit = afterDigit;
  progress.taken = taken;
}

/** What begins at the first digit of a run; returns up to where the text is taken now. */
function digit(
  text: string,
  index: number,
  wordStart: number,
  taken: number,
  findings: StructuredFinding[],
): number {
  const iban = wordStart >= 0 && index - wordStart === 2 ? ibanAt(text, wordStart) : undefined;
  const found = iban ?? numberAt(text, index, findings);
  if (found === undefined) return taken;
  findings.push(found);
  return found.end;
}

/** What begins at, or around, an @ : . or =; returns up to where the text is taken now. */
function punctuation(
  text: string,
  index: number,
  kind: number,
  taken: number,
  findings: StructuredFinding[],
): number {
  if (kind === EQUALS) {
    assignedSecretAt(text, index, findings);
    return taken;
  }
  if (kind === COLON) {
    assignedSecretAt(text, index, findings);
  }
  if (index < taken) return taken;
  const found =
    kind === AT
      ? emailAt(text, index)
      : kind === DOT
        ? bareDomainAt(text, index)
        : (urlAt(text, index) ?? ipv6At(text, index));
  if (found === undefined) return taken;
  findings.push(found);
  return Math.max(taken, found.end);
}

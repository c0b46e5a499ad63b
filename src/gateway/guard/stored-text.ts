// What is stored of texts where privacy says `redacted`, and of blocked requests everywhere: personal data and secrets of a recognisable
// form replaced, and every value that a guardrail of this exchange found, also where it was only flagged. Pure.
import { redactText, resolveOverlaps } from '../../safety/findings.ts';
import { scanStructured } from '../../safety/structured/scan.ts';
import type { Screening } from './screening.ts';

/** A text is looked at up to here; what is stored of it ends before that. */
const LOOKED_AT = 272 * 1024;
/** Dates are kept unless something near calls them a date of birth. */
const SURE = 0.5;

/** Personal data and secrets of a recognisable form, replaced by their types. The text is cut at 272 Ki characters. */
export function redactStructured(text: string): string {
  const looked = text.length > LOOKED_AT ? text.slice(0, LOOKED_AT) : text;
  const found = scanStructured(looked)
    .filter(({ type, score }) => type !== 'URL' && score >= SURE)
    .map(({ type, start, end, score, family }) => ({
      type,
      start,
      end,
      score,
      guardrail: family,
      action: 'redact' as const,
    }));
  return found.length === 0 ? looked : redactText(looked, resolveOverlaps(found));
}

/** Values found in this exchange, wherever they stand, by what stands for them. Longer ones first. */
function withoutValues(text: string, values: ReadonlyMap<string, string>): string {
  let left = text;
  const byLength = [...values].sort(([one], [other]) => other.length - one.length);
  for (const [value, placeholder] of byLength)
    if (left.includes(value)) left = left.replaceAll(value, () => placeholder);
  return left;
}

/** For privacy `redacted`. */
export function redactStored(screening: Screening | undefined): (text: string) => string {
  if (screening?.isOverfull === true) return () => '';
  const values = screening?.values ?? new Map<string, string>();
  return (text) => redactStructured(values.size === 0 ? text : withoutValues(text, values));
}

/** For privacy `full` where something was blocked or pseudonymised: only what guardrails found is left out. */
export function withoutFound(screening: Screening): (text: string) => string {
  if (screening.isOverfull) return () => '';
  return (text) => (screening.values.size === 0 ? text : withoutValues(text, screening.values));
}

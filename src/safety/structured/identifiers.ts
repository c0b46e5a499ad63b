// Numbers that only their context gives a meaning: medical record, passport, driver licence, bank account, social security without
// dashes. The word that names the number must stand within fifty characters before it.
import { personal, type StructuredFinding } from './finding.ts';

interface ContextRule {
  readonly type: string;
  readonly words: RegExp;
  readonly shape: RegExp;
}

const BETWEEN = String.raw`[\s:#.=-]*(?:(?:number|no|nr|id|is|was|card|code)\b[\s:#.=-]*){0,3}(?:of[\s:]+)?$`;
const words = (pattern: string): RegExp => new RegExp(`\\b(?:${pattern})${BETWEEN}`, 'i');

const RULES: readonly ContextRule[] = [
  {
    type: 'MEDICAL_RECORD_NUMBER',
    words: words(
      String.raw`mrn|medical record|patient(?: record)?(?: id| number| no)|health record|chart|hospital number`,
    ),
    shape: /^(?=(?:\D*\d){4})[A-Z0-9-]{5,15}$/i,
  },
  { type: 'US_PASSPORT', words: words(String.raw`passport`), shape: /^(?:[A-Z]{1,2}\d{6,8}|\d{8,9})$/i },
  {
    type: 'US_DRIVER_LICENSE',
    words: words(String.raw`driver'?s?'? licen[cs]e|driving licen[cs]e|dl|dln|licen[cs]e`),
    shape: /^(?=(?:\D*\d){5})[A-Z0-9-]{6,16}$/i,
  },
  {
    type: 'US_SSN',
    words: words(String.raw`ssn|social security|social insurance|sin`),
    shape: /^\d{3}[- ]?\d{2,3}[- ]?\d{3,4}$/,
  },
  {
    type: 'US_BANK_NUMBER',
    words: words(String.raw`(?:bank |checking |savings )account|account|acct|routing|sort code`),
    shape: /^\d{8,17}$/,
  },
];

const WORD = /[A-Za-z0-9-]{1,20}/y;
const NEAR = 50;
const NAMED =
  /(?:mrn|record|patient|health|chart|hospital|passport|licen[cs]e|dl|ssn|social|sin|account|acct|routing|sort)/i;

/** The number around the digit at `digit`, when a word before it says what it is. */
export function identifierAt(text: string, digit: number): StructuredFinding | undefined {
  let start = digit;
  while (start > 0 && digit - start < 5 && /[A-Za-z]/.test(text[start - 1] as string)) start -= 1;
  if (/[\p{L}\p{N}_]/u.test(text[start - 1] ?? '')) return undefined;
  const before = text.slice(Math.max(0, start - NEAR), start);
  if (!NAMED.test(before)) return undefined;
  WORD.lastIndex = start;
  const word = (WORD.exec(text)?.[0] ?? '').replace(/-+$/, '');
  const rule = RULES.find((rule) => rule.shape.test(word) && rule.words.test(before));
  return rule === undefined ? undefined : personal(rule.type, start, start + word.length, 0.85);
}

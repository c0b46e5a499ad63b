// Calendar dates written out in full: ISO, with slashes or dots, with a month's name on either side. Bare years are left to the
// recogniser of names, which knows what stands around them.
import { personal, type StructuredFinding } from './finding.ts';

const ISO =
  /(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?(?!\d)/y;
const NUMERIC = /(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/-]|\.\d)/y;
const MONTH_NAME =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
const DAY_FIRST = new RegExp(
  `\\d{1,2}(?:st|nd|rd|th)?(?: of)?[ -]${MONTH_NAME}\\.?,?[ -]\\d{4}(?!\\d)`,
  'iy',
);
const MONTH_BEFORE = new RegExp(`(?<![\\p{L}])${MONTH_NAME}\\.? $`, 'iu');
const REST_OF_MONTH_FIRST = /\d{1,2}(?:st|nd|rd|th)?,? \d{4}(?!\d)/y;
const BIRTH = /\b(?:birth|born|dob|d\.o\.b|birthday|birthdate)\b/i;

/** Score of a date that nothing near it calls a date of birth. */
export const PLAIN_DATE_SCORE = 0.6;

/** The date that the digits at `start` begin, or belong to after a month's name. `reach` is the piece of digits and separators there. */
export function dateAt(text: string, start: number, reach: string): StructuredFinding | undefined {
  if (/[\d/.-]/.test(text[start - 1] ?? '') && /\d/.test(text[start - 2] ?? '')) return undefined;
  if (/[\p{L}_]/u.test(text[start - 1] ?? '')) return undefined;
  const end = numericDateEnd(text, start, reach) ?? endOf(DAY_FIRST, text, start);
  if (end !== undefined) return scored(text, start, end);
  const rest = endOf(REST_OF_MONTH_FIRST, text, start);
  if (rest === undefined) return undefined;
  const month = MONTH_BEFORE.exec(text.slice(Math.max(0, start - 12), start));
  return month === null ? undefined : scored(text, start - month[0].length, rest);
}

function scored(text: string, start: number, end: number): StructuredFinding {
  const isBirth = BIRTH.test(text.slice(Math.max(0, start - 50), start));
  return personal('DATE_TIME', start, end, isBirth ? 0.95 : PLAIN_DATE_SCORE);
}

function endOf(expression: RegExp, text: string, start: number): number | undefined {
  expression.lastIndex = start;
  const match = expression.exec(text);
  return match === null ? undefined : start + match[0].length;
}

function numericDateEnd(text: string, start: number, reach: string): number | undefined {
  if (!/[-/.]/.test(reach)) return undefined;
  ISO.lastIndex = start;
  const iso = ISO.exec(text);
  if (iso !== null && isMonth(iso[2]) && isDay(iso[3])) return start + iso[0].length;
  NUMERIC.lastIndex = start;
  const numeric = NUMERIC.exec(text);
  if (numeric === null) return undefined;
  const plausible = (isMonth(numeric[1]) && isDay(numeric[3])) || (isDay(numeric[1]) && isMonth(numeric[3]));
  const year = Number(numeric[4]);
  return plausible && (numeric[4]?.length === 2 || (year >= 1800 && year <= 2200))
    ? start + numeric[0].length
    : undefined;
}

function isMonth(part: string | undefined): boolean {
  const value = Number(part);
  return value >= 1 && value <= 12;
}

function isDay(part: string | undefined): boolean {
  const value = Number(part);
  return value >= 1 && value <= 31;
}

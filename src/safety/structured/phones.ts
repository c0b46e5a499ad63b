// Phone numbers of the world. With a country code the numbering plan decides; without one, the way the digits are grouped and what
// stands before them, since a number written for neighbours names no country.
import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { personal, type StructuredFinding } from './finding.ts';

const INTERNATIONAL = /(?:\+|00)[1-9](?:[ .\-/]{0,2}(?:\(\d{1,4}\)[ .\-/]{0,2})?\d){6,14}(?![\d])/y;
const LOCAL = /\(?\d{1,5}\)?(?:(?: ?- ?|[ ./])?\(?\d{1,8}\)?){0,6}(?!\d)/y;
const EXTENSION = /(?: ?(?:x|ext\.?|extension) ?)\d{1,6}(?!\d)/iy;
const CALL_WORD =
  /\b(?:phone|tel|mobile|cell|fax|call|whatsapp|sms|text|dial|number|contact|ring|desk|office|home|work|direct|reach|line|message)/i;
const NOT_CALL_WORD =
  /(?:[$€£¥#№]|\b(?:order|invoice|account|case|ticket|id|ref|reference|sku|isbn|no)\.?:?) ?$/i;

/** The phone number whose first digit is at `digit` (a plus or bracket before it belongs to it). */
export function phoneAt(text: string, digit: number): StructuredFinding | undefined {
  const start = startOf(text, digit);
  if (/[\p{L}\p{N}_=&%]/u.test(text[start - 1] ?? '')) return undefined;
  if (/[-./]/.test(text[start - 1] ?? '') && /[\p{L}\p{N}]/u.test(text[start - 2] ?? '')) return undefined;
  if (text[start] === '0' && /\d $/.test(text.slice(Math.max(0, start - 2), start))) return undefined;
  const end = internationalEnd(text, start) ?? localEnd(text, start);
  return extended(text, start, end);
}

function extended(text: string, start: number, end: number | undefined): StructuredFinding | undefined {
  if (end === undefined) return undefined;
  EXTENSION.lastIndex = end;
  const extension = EXTENSION.exec(text)?.[0].length ?? 0;
  if (extension === 0 && /[\p{L}_%]/u.test(text[end] ?? '')) return undefined;
  const isCalled = CALL_WORD.test(text.slice(Math.max(0, start - 40), start));
  return personal('PHONE_NUMBER', start, end + extension, isCalled ? 0.9 : 0.7);
}

function startOf(text: string, digit: number): number {
  let start = digit;
  if (text[start - 1] === '(') start -= 1;
  if (text[start - 1] === '+') start -= 1;
  if (text[start] === '+' && text[start - 1] === '(') start -= 1;
  return start;
}

function internationalEnd(text: string, start: number): number | undefined {
  INTERNATIONAL.lastIndex = start;
  const match = INTERNATIONAL.exec(text)?.[0];
  if (match === undefined) return undefined;
  const digits = match.replace(/\(0\)|\D/g, '').replace(/^00/, '');
  const isPossible = digits.length >= 8 && digits.length <= 15 && hasCallingCode(digits);
  return isPossible ? start + match.length : undefined;
}

const CALLING_CODES: ReadonlySet<string> = new Set(
  getCountries().map((country) => getCountryCallingCode(country)),
);

/** Whether the number begins with a calling code that is in use. */
function hasCallingCode(digits: string): boolean {
  return [1, 2, 3].some((length) => CALLING_CODES.has(digits.slice(0, length)));
}

/** How neighbours write numbers: groups of digits, joined by one kind of separator. */
const SHAPES: readonly RegExp[] = [
  /^(?:1[-. ])?\(?\d{3}\)?[-. ]{0,2}\d{3}[-. ]\d{4}$/, // 212-555-0100, (212) 555 0100
  /^\(\d{2,5}\)[-. ]{0,2}\d{2,4}(?:[-. ]\d{2,4}){0,3}$/, // (64) 3591-3246
  /^0\d{1,4}(?:[-. /]\d{2,8}){1,4}$/, // 0341 8387176
  /^\d{2,4}(?:([-. ])\d{2,4})(?:\1\d{2,4}){1,3}$/, // 416 60 039
  /^\d{3,4}[- ]\d{4}$/, // 781 1704
  /^\d{2}[- ]\d{5,6}$/, // 99 577450
];

function localEnd(text: string, start: number): number | undefined {
  LOCAL.lastIndex = start;
  const match = LOCAL.exec(text)?.[0];
  if (match === undefined) return undefined;
  const digits = match.replace(/\D/g, '');
  if (digits.length < 7 || digits.length > 11) return undefined;
  const before = text.slice(Math.max(0, start - 40), start);
  const isGrouped = SHAPES.some((shape) => shape.test(match)) && !looksOtherwise(match);
  if (isGrouped && isHouseNumber(text, start + match.length, match) && !CALL_WORD.test(before))
    return undefined;
  if (isGrouped) return NOT_CALL_WORD.test(before) ? undefined : start + match.length;
  if (match.length !== digits.length || digits.length < 9) return undefined;
  if (NOT_CALL_WORD.test(before)) return undefined;
  const isCalled = CALL_WORD.test(before);
  return isCalled || isNorthAmerican(digits) ? start + match.length : undefined;
}

function isNorthAmerican(digits: string): boolean {
  return digits.length === 10 && parsePhoneNumberFromString(digits, 'US')?.isValid() === true;
}

/** Two groups with a space, and a word after them: more likely a unit and house number before a street's name. */
function isHouseNumber(text: string, end: number, match: string): boolean {
  return /^\d+ \d+$/.test(match) && /^ \p{L}/u.test(text.slice(end, end + 2));
}

/** Spans of years, round thousands and amounts that share a phone number's grouping. */
function looksOtherwise(match: string): boolean {
  if (/^(?:1[89]|20)\d{2}[- ](?:1[89]|20)\d{2}$/.test(match)) return true;
  return /^\d{1,3}(?:[ .]\d{3})*[ .]000$/.test(match);
}

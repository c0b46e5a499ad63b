// Everything that begins with a digit: dates, IPv4 addresses, social security numbers, payment cards, phone numbers, IBANs and
// numbers that only their context gives a meaning. Each try is a sticky expression over at most some fifty characters.
import { isIPv4 } from 'node:net';
import { countrySpecs, isValidIBAN } from 'ibantools';
import { dateAt } from './dates.ts';
import { personal, type StructuredFinding } from './finding.ts';
import { identifierAt } from './identifiers.ts';
import { isCardRange, passesLuhn } from './luhn.ts';
import { phoneAt } from './phones.ts';

const SOME_NUMBER = /\d[\d ().\-/:]{0,24}/y;

/** What the digits beginning at `start` are, or undefined. Whole longer numbers are passed over. */
export function numberAt(
  text: string,
  start: number,
  findings: StructuredFinding[],
): StructuredFinding | undefined {
  SOME_NUMBER.lastIndex = start;
  const reach = (SOME_NUMBER.exec(text) as RegExpExecArray)[0];
  const digits = countDigits(reach);
  if (digits < 4) return dateAt(text, start, reach);
  const before = text[start - 1] ?? '';
  if (/[\p{L}_]/u.test(before)) return identifierAt(text, start);
  const short = dateAt(text, start, reach) ?? (reach.includes('.') ? ipv4At(text, start) : undefined);
  if (short !== undefined) return short;
  return digits >= 6 ? longNumberAt(text, start, reach, findings) : identifierAt(text, start);
}

function longNumberAt(
  text: string,
  start: number,
  reach: string,
  findings: StructuredFinding[],
): StructuredFinding | undefined {
  const found = socialSecurityAt(text, start, reach) ?? cardAt(text, start);
  if (found !== undefined) return found;
  const identifier = identifierAt(text, start);
  if (identifier !== undefined) return identifier;
  return withoutOverlap(phoneAt(text, start), findings);
}

/** A number that starts inside the finding before it (an e-mail's digits, say) is not a find of its own. */
function withoutOverlap(
  found: StructuredFinding | undefined,
  findings: readonly StructuredFinding[],
): StructuredFinding | undefined {
  const last = findings.at(-1);
  return found !== undefined && last !== undefined && last.family === 'pii' && found.start < last.end
    ? undefined
    : found;
}

function countDigits(piece: string): number {
  let count = 0;
  for (let index = 0; index < piece.length; index += 1) {
    const code = piece.charCodeAt(index);
    if (code >= 48 && code <= 57) count += 1;
  }
  return count;
}

const IPV4 = /\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)/y;

function ipv4At(text: string, start: number): StructuredFinding | undefined {
  if (text[start - 1] === '.') return undefined;
  IPV4.lastIndex = start;
  const match = IPV4.exec(text)?.[0];
  if (match === undefined || !isIPv4(match)) return undefined;
  if (/(?:version|release|build|\bv)\s*$/i.test(text.slice(Math.max(0, start - 10), start))) return undefined;
  return personal('IP_ADDRESS', start, start + match.length, 0.95);
}

const DASHED = /(\d{3})([- ])(\d{2})\2(\d{4})(?![\d-])/y;

function socialSecurityAt(text: string, start: number, reach: string): StructuredFinding | undefined {
  if (reach.length < 11 || text[start - 1] === '-') return undefined;
  DASHED.lastIndex = start;
  const match = DASHED.exec(text);
  if (match === null) return undefined;
  const [whole, area, separator, group, serial] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
  ];
  if (area === '000' || area === '666' || group === '00' || serial === '0000') return undefined;
  if (separator === ' ' && !/ssn|social/i.test(text.slice(Math.max(0, start - 40), start))) return undefined;
  return personal(area.startsWith('9') ? 'US_ITIN' : 'US_SSN', start, start + whole.length, 0.95);
}

const CARD = /\d(?:[ -]?\d){11,18}(?![ -]?\d)/y;

function cardAt(text: string, start: number): StructuredFinding | undefined {
  if (/[-.]/.test(text[start - 1] ?? '') && /\d/.test(text[start - 2] ?? '')) return undefined;
  CARD.lastIndex = start;
  const match = CARD.exec(text)?.[0];
  if (match === undefined) return undefined;
  const digits = match.replace(/[ -]/g, '');
  if (!isCardRange(digits) || !passesLuhn(digits)) return undefined;
  return personal('CREDIT_CARD', start, start + match.length, 1);
}

const IBAN_PIECE = /[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}/y;

/** The IBAN whose two letters begin at `start`; exactly as many characters as its country's have. */
export function ibanAt(text: string, start: number): StructuredFinding | undefined {
  if (start > 0 && /[\p{L}\p{N}_]/u.test(text[start - 1] as string)) return undefined;
  const wanted = countrySpecs[text.slice(start, start + 2).toUpperCase()]?.chars ?? 0;
  if (wanted === 0) return undefined;
  IBAN_PIECE.lastIndex = start;
  const piece = IBAN_PIECE.exec(text)?.[0];
  if (piece === undefined) return undefined;
  let end = 0;
  let taken = 0;
  for (; end < piece.length && taken < wanted; end += 1)
    if (/[A-Za-z0-9]/.test(piece[end] as string)) taken += 1;
  if (taken < wanted || /[A-Za-z0-9]/.test(text[start + end] ?? '')) return undefined;
  const electronic = piece.slice(0, end).replace(/[ -]/g, '').toUpperCase();
  return isValidIBAN(electronic) ? personal('IBAN_CODE', start, start + end, 1) : undefined;
}

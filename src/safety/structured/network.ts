// Addresses on the network: e-mail, URL, bare domain, IPv6. Each recogniser starts at the one character that gives the form away and
// looks a bounded way to both sides.
import { isIPv6 } from 'node:net';
import { personal, type StructuredFinding } from './finding.ts';

const LOCAL_LIMIT = 64;
const DOMAIN_LIMIT = 253;
const URL_LIMIT = 2048;

const LOCAL = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]/u;
const DOMAIN_TAIL = /[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})){1,8}/uy;
const TOP_LEVEL = /\.(?:\p{L}{2,24}|xn--[a-z0-9-]{2,59})$/u;

/** The e-mail address around the @ at `at`. */
export function emailAt(text: string, at: number): StructuredFinding | undefined {
  let start = at;
  while (start > 0 && at - start <= LOCAL_LIMIT && LOCAL.test(text[start - 1] as string)) start -= 1;
  while (start < at && /[.'*/=`{|?]/.test(text[start] as string)) start += 1;
  if (start === at || at - start > LOCAL_LIMIT) return undefined;
  const piece = text.slice(at + 1, at + 1 + DOMAIN_LIMIT);
  DOMAIN_TAIL.lastIndex = 0;
  const domain = DOMAIN_TAIL.exec(piece)?.[0];
  if (domain === undefined) return undefined;
  const host = domain.replace(/-+$/, '');
  return TOP_LEVEL.test(host) ? personal('EMAIL_ADDRESS', start, at + 1 + host.length, 1) : undefined;
}

const SCHEME = /(?:https?|ftps?|wss?)$/i;

/** The URL whose scheme ends at the colon at `colon`. */
export function urlAt(text: string, colon: number): StructuredFinding | undefined {
  if (text.charCodeAt(colon + 1) !== 0x2f || text.charCodeAt(colon + 2) !== 0x2f) return undefined;
  const scheme = SCHEME.exec(text.slice(Math.max(0, colon - 5), colon))?.[0];
  if (scheme === undefined) return undefined;
  const start = colon - scheme.length;
  const end = urlEnd(text, colon + 3);
  return end - colon < 5 ? undefined : personal('URL', start, end, 1);
}

function urlEnd(text: string, from: number): number {
  const limit = Math.min(text.length, from + URL_LIMIT);
  let end = from;
  while (end < limit && !/[\s<>"'`|\\^{}]/.test(text[end] as string)) end += 1;
  while (end > from && /[.,;:!?)\]*_]/.test(text[end - 1] as string)) end -= 1;
  return end;
}

/** Endings under which a bare name is taken for a domain. Names of files and code (`index.ts`, `main.py`) are not among them. */
const BARE_ENDINGS = new Set(
  (
    'com org net edu gov mil int info biz io ai app dev cloud online site store tech xyz eu uk de fr it es nl be ch at ' +
    'se no fi dk pl cz hu ie pt br mx ar cl co.uk com.au com.br co.jp jp cn in ca au nz za ru ua tr gr ro'
  ).split(' '),
);
const LABEL = /[A-Za-z0-9-]/;
const BARE_LIMIT = 128;

/** The domain without a scheme around the dot at `dot`: `www.` followed by anything, or a name under a well-known ending. */
export function bareDomainAt(text: string, dot: number): StructuredFinding | undefined {
  if (!LABEL.test(text[dot + 1] ?? '') || !LABEL.test(text[dot - 1] ?? '')) return undefined;
  let start = dot;
  while (start > 0 && dot - start < BARE_LIMIT && LABEL.test(text[start - 1] as string)) start -= 1;
  if (text[start - 1] === '@' || text[start - 1] === '.' || text[start - 1] === '/') return undefined;
  let end = dot;
  const limit = Math.min(text.length, dot + BARE_LIMIT);
  while (
    end < limit &&
    (LABEL.test(text[end] as string) || (text[end] === '.' && LABEL.test(text[end + 1] ?? '')))
  )
    end += 1;
  const name = text.slice(start, end).toLowerCase();
  const labels = name.split('.');
  const isWorldWideWeb = labels[0] === 'www' && labels.length >= 3;
  const ending = labels.at(-1) as string;
  if (!/[a-z]/.test(labels.at(-2) as string) && !isWorldWideWeb) return undefined;
  if (!isWorldWideWeb && !BARE_ENDINGS.has(ending)) return undefined;
  if (/\p{Lu}/u.test(text[end - ending.length] as string) && !isWorldWideWeb) return undefined;
  if (/[\p{L}\p{N}_]/u.test(text[end] ?? '')) return undefined;
  return personal('URL', start, text[end] === '/' ? urlEnd(text, end) : end, isWorldWideWeb ? 0.9 : 0.7);
}

const IPV6_CHARACTER = /[0-9A-Fa-f:.]/;

/** The IPv6 address around the colon at `colon`. */
export function ipv6At(text: string, colon: number): StructuredFinding | undefined {
  if (!/[0-9A-Fa-f:]/.test(text[colon + 1] ?? '')) return undefined;
  let start = colon;
  while (start > 0 && colon - start < 5 && /[0-9A-Fa-f]/.test(text[start - 1] as string)) start -= 1;
  if (text[start - 1] === ':') return undefined;
  let end = colon;
  while (end < text.length && end - start < 46 && IPV6_CHARACTER.test(text[end] as string)) end += 1;
  while (end > colon && text[end - 1] === '.') end -= 1;
  const name = text.slice(start, end);
  if (name.length < 6 || !isIPv6(name) || /[\p{L}\p{N}]/u.test(text[end] ?? '')) return undefined;
  if (/[\p{L}\p{N}_]/u.test(text[start - 1] ?? '')) return undefined;
  return personal('IP_ADDRESS', start, end, 0.95);
}

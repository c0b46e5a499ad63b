// Exact US dollars: integers of 10^-18 dollars (atto-dollars) in a bigint, decimal strings at every edge. Never a binary float.
import { BinnacleError } from './errors.ts';

/** US dollars in units of 10^-18 (as the ledger's Decimal(38, 18) holds them). */
export type Usd = bigint;

const SCALE = 18;
const UNIT = 10n ** 18n;
const MILLION = 1_000_000n;
const ZERO = 0x30;
const ROUGH = new Intl.NumberFormat('en-US', {
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
  useGrouping: false,
});
const DECIMAL = /^([+-]?)(\d{1,20})(?:\.(\d*))?$/;

/** Parses a plain decimal ("0.075", "12"). Throws `bad_money` for anything else, more than 18 decimals, or 20 digits before the point. */
export function parseUsd(text: string): Usd {
  const match = DECIMAL.exec(text.trim());
  const fraction = (match?.[3] ?? '').replace(/0+$/, '');
  if (match === null || fraction.length > SCALE) {
    throw new BinnacleError({
      code: 'bad_money',
      message: `"${text.slice(0, 60)}" is not an amount: write a plain decimal with at most ${SCALE} decimals, such as "0.075".`,
      httpStatus: 400,
    });
  }
  const magnitude = BigInt(match[2] as string) * UNIT + BigInt(fraction.padEnd(SCALE, '0'));
  return match[1] === '-' ? -magnitude : magnitude;
}

/** The shortest exact decimal: no exponent, no trailing zeros ("0.00123", "3"). */
export function formatUsd(amount: Usd): string {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(SCALE + 1, '0');
  const point = digits.length - SCALE;
  let end = digits.length;
  while (end > point && digits.charCodeAt(end - 1) === ZERO) end -= 1;
  const whole = sign + digits.slice(0, point);
  return end === point ? whole : `${whole}.${digits.slice(point, end)}`;
}

/** An amount for people's eyes: "$0.00170", three significant digits, never an exponent. Nothing is computed from it. */
export function shownUsd(decimal: string): string {
  return `$${ROUGH.format(Number(decimal))}`;
}

/** Price of one token from a price per million. Throws when a token would cost a fraction of 10^-18 dollars. */
export function perToken(perMillion: Usd): Usd {
  if (perMillion % MILLION !== 0n) {
    throw new BinnacleError({
      code: 'bad_money',
      message: `A price of ${formatUsd(perMillion)} per million tokens has more than 12 decimals and can't be kept exact.`,
      httpStatus: 400,
    });
  }
  return perMillion / MILLION;
}

/** Sum of exact amounts. */
export function sumUsd(amounts: Iterable<Usd>): Usd {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

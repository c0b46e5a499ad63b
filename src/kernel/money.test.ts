// Exact amounts: what is written is read back to the last digit, as people write it, and nothing else is taken for an amount.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatUsd, parseUsd, perToken, shownUsd, sumUsd } from './money.ts';

const MOST = 10n ** 38n - 1n;
const amount = fc.bigInt({ min: -MOST, max: MOST });

test('an amount is read back as it was written', () => {
  fc.assert(
    fc.property(amount, (usd) => {
      const text = formatUsd(usd);
      expect(text).toMatch(/^-?\d+(\.\d*[1-9])?$/);
      expect(parseUsd(text)).toBe(usd);
    }),
  );
});

test('a decimal keeps its value: digits are moved, never rounded', () => {
  const digits = (most: number): fc.Arbitrary<string> =>
    fc.stringMatching(new RegExp(String.raw`^\d{1,${most}}$`));
  fc.assert(
    fc.property(digits(20), digits(18), (whole, fraction) => {
      const usd = parseUsd(`${whole}.${fraction}`);
      expect(usd).toBe(BigInt(whole + fraction.padEnd(18, '0')));
      expect(formatUsd(usd)).toBe(
        `${BigInt(whole)}${fraction.replace(/0+$/, '') === '' ? '' : `.${fraction.replace(/0+$/, '')}`}`,
      );
      expect(parseUsd(`-${whole}.${fraction}`)).toBe(-usd);
    }),
  );
});

test('sums do not depend on the order, and lose nothing that is small beside something large', () => {
  fc.assert(
    fc.property(fc.array(amount), (amounts) => {
      expect(sumUsd(amounts)).toBe(sumUsd(amounts.toReversed()));
    }),
  );
  expect(formatUsd(sumUsd([parseUsd('10000000000000'), parseUsd('0.000000000000000001')]))).toBe(
    '10000000000000.000000000000000001',
  );
});

test.each(['', '.5', '1e3', '1,5', '0x10', 'NaN', 'Infinity', '1.2.3', '1 2', '٣', '123456789012345678901'])(
  'no amount: %j',
  (text) => {
    expect(() => parseUsd(text)).toThrow(/is not an amount/);
  },
);

test('more than eighteen decimals are no amount; zeros behind them change nothing', () => {
  expect(() => parseUsd('0.0000000000000000001')).toThrow(/at most 18 decimals/);
  expect(parseUsd('0.1000000000000000000000')).toBe(parseUsd('0.1'));
});

test('a price per million is shared out over its tokens exactly, or refused', () => {
  expect(formatUsd(perToken(parseUsd('0.075')))).toBe('0.000000075');
  expect(() => perToken(parseUsd('0.0000000000001'))).toThrow(/more than 12 decimals/);
});

test('what people see has three digits that count and no exponent', () => {
  expect(['0.0017', '0.00000000123456', '12345.678', '0'].map(shownUsd)).toEqual([
    '$0.00170',
    '$0.00000000123',
    '$12300',
    '$0.00',
  ]);
});

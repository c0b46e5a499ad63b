// The checksum of payment cards (ISO/IEC 7812-1, annex B) and the number ranges of their networks.

/** Whether the digits pass the Luhn check. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  let double = false;
  for (let index = digits.length - 1; index >= 0; index -= 1) {
    let digit = digits.charCodeAt(index) - 48;
    if (double) {
      digit *= 2;
      if (digit > 9) digit -= 9;
    }
    sum += digit;
    double = !double;
  }
  return sum % 10 === 0;
}

/** First digits and lengths of Visa, Mastercard, American Express, Discover, Diners, JCB, Maestro, UnionPay. */
const NETWORKS: readonly [RegExp, readonly number[]][] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(?:6011|64[4-9]|65|622)/, [16, 17, 18, 19]],
  [/^3(?:0[0-5]|095|6|8|9)/, [14, 15, 16, 17, 18, 19]],
  [/^35/, [16, 17, 18, 19]],
  [/^(?:2131|1800)/, [15]],
  [/^(?:50|5[6-9]|6)/, [12, 13, 14, 15, 16, 17, 18, 19]],
];

/** Whether a number of this length and beginning is given out by a card network. */
export function isCardRange(digits: string): boolean {
  return NETWORKS.some(([first, lengths]) => lengths.includes(digits.length) && first.test(digits));
}

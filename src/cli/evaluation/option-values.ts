// Values of options that several evaluation commands take.
import { InvalidArgumentError } from 'commander';
import { parseUsd } from '../../kernel/money.ts';

export function positive(text: string): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('a whole number from 1 up.');
}

export function atLeastZero(text: string): number {
  return text === '0' ? 0 : positive(text);
}

export function usdAmount(text: string): string {
  try {
    parseUsd(text);
    return text;
  } catch {
    throw new InvalidArgumentError('an amount in US$ such as 0.50.');
  }
}

export function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('a share above 0 and up to 1, such as 0.05.');
}

// Hand-written reading of JSON values with precise error paths: what requests are validated with on the hot path, where a schema
// library would cost more than everything else together.
import { RequestError } from '../kernel/errors.ts';

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value is, in words for an error message; never the value itself. */
export function describeType(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  const type = typeof value;
  return type === 'object' ? 'an object' : `a ${type}`;
}

/** A 400 naming the field, as OpenAI words it: `Invalid type for 'messages[0].content'`. */
export function invalid(param: string, expected: string, got: unknown): RequestError {
  const missing = got === undefined;
  return new RequestError({
    code: missing ? 'missing_required_parameter' : 'invalid_type',
    message: missing
      ? `Missing required parameter: '${param}' (${expected}).`
      : `Invalid type for '${param}': expected ${expected}, but got ${describeType(got)} instead.`,
    param,
  });
}

/** A 400 for a value of the right type that can't be. */
export function invalidValue(param: string, message: string): RequestError {
  return new RequestError({
    code: 'invalid_value',
    message: `Invalid value for '${param}': ${message}`,
    param,
  });
}

/** A 400 for a parameter that the provider's shape has no place for. */
export function unsupported(param: string, by: string): RequestError {
  return new RequestError({
    code: 'unsupported_parameter',
    message: `'${param}' can't be carried out by ${by}: leave it out or choose a model of another provider.`,
    param,
  });
}

export function requireRecord(value: unknown, param: string): JsonRecord {
  if (!isRecord(value)) throw invalid(param, 'an object', value);
  return value;
}

export function requireArray(value: unknown, param: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(param, 'an array', value);
  return value;
}

export function requireString(value: unknown, param: string): string {
  if (typeof value !== 'string') throw invalid(param, 'a string', value);
  return value;
}

/** A string or, for null and absent, undefined. */
export function optionalString(value: unknown, param: string): string | undefined {
  return value === undefined || value === null ? undefined : requireString(value, param);
}

export function optionalNumber(value: unknown, param: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(param, 'a number', value);
  return value;
}

export function optionalInteger(
  value: unknown,
  param: string,
  least: number,
  most: number,
): number | undefined {
  const number = optionalNumber(value, param);
  if (number === undefined) return undefined;
  if (!Number.isInteger(number) || number < least || number > most)
    throw invalidValue(param, `it must be a whole number from ${least} to ${most}.`);
  return number;
}

export function optionalBoolean(value: unknown, param: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw invalid(param, 'a boolean', value);
  return value;
}

/** An object without prototype, safe to fill with keys from outside (`__proto__` is a key like any other). */
export function bareRecord<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

/** A count a vendor reported, or 0 for whatever is not a whole number from 0. */
export function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/** The value if it is a string, else undefined: tolerant reading of answers. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The value if it is an array, else an empty one: tolerant reading of answers. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Parses a vendor's JSON text; undefined when it is none. */
export function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

// Hostile bodies: too deep, too large, not UTF-8, not JSON; and that ordinary ones are not refused.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDeeperThan, parseBoundedJson } from './bounded-json.ts';
import { RequestError } from './errors.ts';

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof RequestError) return `${error.httpStatus} ${error.code}`;
    throw error;
  }
  return 'accepted';
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('parseBoundedJson', () => {
  it('refuses deep nesting at once, whatever the brackets', () => {
    const started = performance.now();
    expect(codeOf(() => parseBoundedJson('['.repeat(100_000) + ']'.repeat(100_000)))).toBe(
      '400 json_too_deep',
    );
    expect(codeOf(() => parseBoundedJson('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)))).toBe(
      '400 json_too_deep',
    );
    expect(performance.now() - started).toBeLessThan(100);
  });

  it('does not count brackets inside strings or side by side', () => {
    expect(parseBoundedJson(JSON.stringify(['['.repeat(1000), '\\"[[['.repeat(100)]))).toHaveLength(2);
    expect(parseBoundedJson(`[${'[],'.repeat(1000)}1]`)).toHaveLength(1001);
  });

  it('measures depth as a recursive walk does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.integer({ min: 0, max: 9 }), (value, limit) => {
        expect(isDeeperThan(JSON.stringify(value), limit)).toBe(depthOf(value) > limit);
      }),
    );
  });

  it('refuses what is too large, not UTF-8 or not JSON without quoting it', () => {
    expect(codeOf(() => parseBoundedJson('"aaaa"', { maxBytes: 4, maxDepth: 9 }))).toBe('413 body_too_large');
    expect(codeOf(() => parseBoundedJson(Buffer.from([0x22, 0xff, 0x22])))).toBe('400 invalid_json');
    expect(() => parseBoundedJson('{"key": sk-secret}')).toThrow(/not valid JSON/);
    expect(() => parseBoundedJson('{"key": sk-secret}')).not.toThrow(/secret/);
    expect(codeOf(() => parseBoundedJson(''))).toBe('400 invalid_json');
  });
});

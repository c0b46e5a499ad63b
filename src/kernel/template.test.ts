// Logic-less templates: places, literal braces, faults with their position, and that values are never rendered again.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTemplate, isTemplateFault, joinTemplate } from './template.ts';

function render(text: string, values: Record<string, string>): string {
  const template = compileTemplate(text);
  if (isTemplateFault(template)) throw new Error(template.fault);
  return joinTemplate(template, (name) => values[name] ?? '?');
}

describe('template', () => {
  it('replaces names and keeps doubled braces as single ones', () => {
    expect(render('a {x} b {{y}} {x}{z}', { x: '1', z: '2' })).toBe('a 1 b {y} 12');
    expect(render('{{{x}}}', { x: '1' })).toBe('{1}');
  });

  it('never reads a value as a template', () => {
    expect(render('{x} {y}', { x: '{y}', y: '{{x}} $1 $&' })).toBe('{y} {{x}} $1 $&');
  });

  it('names the place of a lone brace', () => {
    expect(compileTemplate('one\ntwo { three')).toEqual({
      offset: 8,
      fault: expect.stringContaining('line 2') as string,
    });
    expect(isTemplateFault(compileTemplate('a } b'))).toBe(true);
    expect(isTemplateFault(compileTemplate('{a b}'))).toBe(true);
    expect(isTemplateFault(compileTemplate('{}'))).toBe(true);
  });

  it('gives any text back when its braces are doubled', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(render(text.replaceAll(/[{}]/g, '$&$&'), {})).toBe(text);
      }),
    );
  });

  it('puts any value in as it is', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(render('<{a}|{b}>', { a, b })).toBe(`<${a}|${b}>`);
      }),
    );
  });

  it('is linear in hostile texts', () => {
    const started = performance.now();
    for (const text of [
      '{'.repeat(1 << 17),
      '{a'.repeat(1 << 16),
      '}'.repeat(1 << 17),
      `{${'a'.repeat(1 << 17)}}`,
    ])
      compileTemplate(text);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

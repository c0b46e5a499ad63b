// Whoever has read one provider has read them all: each folder holds NAME.ts with its provider and NAME.test.ts beside it, and each shape
// folder the same doors.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));
const folders = (path: string): string[] =>
  readdirSync(root(path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

describe('provider folders', () => {
  const names = folders('providers');

  it('are all here', () => {
    expect(names).toEqual(
      expect.arrayContaining(['anthropic', 'azure', 'compatible', 'google', 'local', 'openai', 'replay']),
    );
  });

  it.each(names)('%s', (name) => {
    const files = readdirSync(root(`providers/${name}`));
    expect(files).toContain(`${name}.ts`);
    expect(files).toContain(`${name}.test.ts`);
    expect(readFileSync(root(`providers/${name}/${name}.ts`), 'utf8')).toMatch(
      new RegExp(`export (?:async )?(?:function|const|class) ${name}Provider\\b`, 'i'),
    );
  });
});

describe('shape folders', () => {
  const SHAPES = ['anthropic-messages', 'google-generate-content', 'openai-chat', 'openai-responses'];

  it.each(SHAPES)('%s', (name) => {
    const files = readdirSync(root(`wire/${name}`));
    expect(files).toEqual(expect.arrayContaining(['outbound.ts', 'write-request.ts', 'read-response.ts']));
    // Google's shape is spoken towards the vendor alone.
    if (name !== 'google-generate-content') expect(files).toContain('inbound.ts');
  });
});

// The table of dependencies stays true: a row for each package needed to run, with the version that is pinned and the licence that is
// installed, and every install script of the lockfile listed and decided on.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { installScripts } from '../../scripts/list-dependencies.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly allowScripts: Record<string, boolean>;
}
const manifest = JSON.parse(read('package.json')) as Manifest;
const page = read('docs/dependencies.md');
const rows = page.split('\n').filter((line) => line.startsWith('| `'));
const renew = 'run "npm run dependencies"';

describe('docs/dependencies.md', () => {
  it.each(Object.entries(manifest.dependencies))('has a row for %s %s', (name, version) => {
    const row = rows.find((line) => line.startsWith(`| \`${name}\` ${version} `));
    expect(row, renew).toBeDefined();
    const { license } = JSON.parse(read(`node_modules/${name}/package.json`)) as { license?: string };
    if (license !== undefined) expect(row).toContain(license);
    const cells = (row ?? '').split('|').map((cell) => cell.trim());
    expect(cells[6], 'the date of the last release').toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(cells.slice(1, -1).every((cell) => cell !== '')).toBe(true);
  });

  it('has no row for a package that is not needed', () => {
    const scripts = page.indexOf('## Install scripts');
    const listed = page.slice(0, scripts).match(/^\| `[^`]+`/gm) ?? [];
    expect(listed.length, renew).toBe(Object.keys(manifest.dependencies).length);
  });

  it('lists every install script, and package.json decides on each', () => {
    const found = installScripts(read('package-lock.json'));
    expect(found.length).toBeGreaterThan(0);
    const listed = page.slice(page.indexOf('## Install scripts'));
    for (const { name } of found) {
      expect(listed, renew).toContain(`| \`${name}\``);
      expect(manifest.allowScripts[name], `${name} in allowScripts of package.json`).toBeTypeOf('boolean');
    }
  });

  it('finds an install script that nobody listed', () => {
    const planted = { packages: { '': {}, 'node_modules/a/node_modules/@b/c': { hasInstallScript: true } } };
    expect(installScripts(JSON.stringify(planted))).toEqual([{ name: '@b/c', development: false }]);
  });
});

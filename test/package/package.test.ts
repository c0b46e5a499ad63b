// Packs the package as it would be published, installs it in a scratch folder as a user would, and runs it there: from dist/, on whatever
// Node the machine has.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const MINUTES = 60_000;

describe('the published package', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'binnacle-package-'));
  const program = join(scratch, 'node_modules/.bin/binnacle');

  beforeAll(() => {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'pipe' });
    execFileSync('npm', ['pack', '--silent', '--pack-destination', scratch], { cwd: root, stdio: 'pipe' });
    const tarball = readdirSync(scratch).find((name) => name.endsWith('.tgz')) ?? '';
    writeFileSync(
      join(scratch, 'package.json'),
      JSON.stringify({ name: 'scratch', private: true, allowScripts: { node: true } }),
    );
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', join(scratch, tarball)], {
      cwd: scratch,
      stdio: 'pipe',
    });
  }, 8 * MINUTES);

  afterAll(() => {
    rmSync(scratch, { recursive: true, force: true });
    rmSync(join(root, 'dist'), { recursive: true, force: true });
  });

  function run(...arguments_: string[]): { status: number | null; stdout: string; stderr: string } {
    return spawnSync(program, arguments_, { cwd: scratch, encoding: 'utf8', timeout: 2 * MINUTES });
  }

  it('holds JavaScript and no TypeScript sources', () => {
    const installed = join(scratch, 'node_modules/binnacle');
    expect(existsSync(join(installed, 'dist/cli/main.js'))).toBe(true);
    expect(existsSync(join(installed, 'src'))).toBe(false);
  });

  it('tells its version and its commands', () => {
    expect(run('--version').stdout.trim()).toBe('0.1.0');
    expect(run('--help').stdout).toContain('check');
  });

  it('scaffolds a workspace that checks', () => {
    const made = run('init', 'desk');
    expect(made.stderr + made.stdout).not.toContain('Error');
    expect(made.status).toBe(0);
    const checked = run('check', '--workspace', join(scratch, 'desk'));
    expect(checked.status, checked.stdout + checked.stderr).toBe(0);
  });

  it('decides offline from a file, weights and all', () => {
    writeFileSync(join(scratch, 'texts.jsonl'), '{"text":"Write to ann.lee@example.com"}\n');
    const scanned = run('guard', 'scan', '--input', 'texts.jsonl');
    expect(JSON.parse(scanned.stdout)).toMatchObject({
      index: 0,
      findings: [{ type: 'EMAIL_ADDRESS', start: 9, end: 28 }],
    });
  });
});

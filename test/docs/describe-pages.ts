// Running what a page of the documents shows, every command in the order it stands, in an example workspace with a running installation.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, scratchFolder, startUp, stopUp, type Started } from '../end-to-end/installation.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));
/** Every page, from the root of the repository. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The pages whose commands take as long as those of all others. */
export const longestPages: readonly string[] = ['README.md', 'docs/evaluation.md'];

/** What is not run: the install and test commands themselves (this test is part of them), and starting what already runs. */
const NOT_RUN =
  /^(npm (install|start|test|run)\b.*|cd .*|(\.\.\/bin\/)?binnacle up\b.*|bin\/binnacle init .*)$/;

/** Readers have told Git who they are. */
const READER = {
  GIT_AUTHOR_NAME: 'Reader',
  GIT_AUTHOR_EMAIL: 'reader@example.com',
  GIT_COMMITTER_NAME: 'Reader',
  GIT_COMMITTER_EMAIL: 'reader@example.com',
};

function shellBlocks(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap((match) => {
    const lines = (match[1] as string).split('\n').map((line) => line.replace(/\s+# .*$/, ''));
    const kept = lines.filter((line) => line.trim() !== '' && !NOT_RUN.test(line.trim()));
    return kept.length === 0 ? [] : [kept.join('\n')];
  });
}

/** Tests for all commands of some pages, each in an installation of its own: none stands on what another page did. */
export function describePages(some: readonly string[]): void {
  it('commands are found', () => expect(some.flatMap(shellBlocks).length).toBeGreaterThan(10));
  describe.each(some.filter((page) => shellBlocks(page).length > 0))('commands in %s', describePage);
}

function describePage(page: string): void {
  const scratch = scratchFolder();
  const desk = join(scratch.path, 'desk');
  let started: Started;
  let interaction = '';

  beforeAll(async () => {
    symlinkSync(join(root, 'bin'), join(scratch.path, 'bin'));
    const made = await runCommand(scratch.path, ['init', 'desk']);
    expect(made.code, made.err).toBe(0);
    started = await startUp(desk, ['--port', '0', '--console-port', '0']);
    const answer = await fetch(`${started.running.gateway}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'Where is my order?' }] }),
    });
    interaction = answer.headers.get('x-binnacle-interaction') ?? '';
  });

  afterAll(async () => {
    await stopUp(started);
    scratch[Symbol.dispose]();
  });

  it.each(shellBlocks(page))(
    '%s',
    (block) => {
      const script = block
        .replaceAll('http://127.0.0.1:7070', started.running.gateway)
        .replaceAll('http://127.0.0.1:7071', started.running.console)
        .replace(/int_[0-9a-f]{32}/g, interaction);
      const run = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
        cwd: desk,
        encoding: 'utf8',
        env: { ...process.env, ...READER, PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}` },
        timeout: 120_000,
      });
      expect(run.status, `${run.stdout}\n${run.stderr}`).toBe(0);
      expect(run.stdout).not.toMatch(/^\{"error":/);
    },
    120_000,
  );
}

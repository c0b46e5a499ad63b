// Every command that README and docs show is run, in the order it stands, in an example workspace with a running installation: what a reader
// copies must work. Also: every link between the documents leads somewhere.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, scratchFolder, startUp, stopUp, type Started } from '../end-to-end/installation.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

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

const commands = pages.flatMap((page) => shellBlocks(page).map((block) => [page, block] as const));

it('commands are found', () => expect(commands.length).toBeGreaterThan(10));

// Each page has an installation of its own: none stands on what another page did.
describe.each(pages.filter((page) => shellBlocks(page).length > 0))('commands in %s', (page) => {
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
});

describe('links in the documents', () => {
  const links = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(
      (match) => [page, match[1] as string] as const,
    ),
  );
  it.each(links)('%s → %s', (page, link) => {
    expect(existsSync(join(root, dirname(page), link))).toBe(true);
  });
});

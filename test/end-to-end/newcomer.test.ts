// What a newcomer runs into, each told in one line that says what to do: no Git, no Git folder, an old Node, packages without their install
// scripts, a full disk, a wrong key. (A taken port and a folder in use are held in up.test.ts.)
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runCommand, scratchFolder, startUp, stopUp } from './installation.ts';

const launcher = fileURLToPath(new URL('../../bin/binnacle', import.meta.url));

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

function run(
  binary: string,
  program: string,
  arguments_: readonly string[],
  folder: string,
  environment: NodeJS.ProcessEnv = process.env,
) {
  const ended = spawnSync(binary, [program, ...arguments_], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: ended.status, err: ended.stderr };
}

function oldNode(): string | undefined {
  return ['/usr/bin/node', '/usr/local/bin/node'].find((path) => {
    if (!existsSync(path)) return false;
    const version = execFileSync(path, ['--version'], { encoding: 'utf8' });
    return Number(/^v(\d+)/.exec(version)?.[1]) < 24;
  });
}

it('no Git: one line that names it', () => {
  using folder = scratchFolder();
  const { code, err } = run(process.execPath, launcher, ['up', '--demo', '--port', '0'], folder.path, {
    ...process.env,
    PATH: folder.path,
  });
  expect(code).toBe(2);
  expect(lastLine(err)).toMatch(/^binnacle: Git is not installed; .*Install Git and start again\.$/);
}, 60_000);

it('no workspace: one line that names three ways on', async () => {
  using folder = scratchFolder();
  const { code, err } = await runCommand(folder.path, ['up', '--port', '0']);
  expect(code).toBe(2);
  expect(err.trim().split('\n')).toHaveLength(1);
  expect(err).toMatch(/There is no binnacle\.yaml.*--workspace DIR.*binnacle init DIR/);
}, 60_000);

it('a workspace that is no Git folder is served, and check says what is missing', async () => {
  using folder = scratchFolder();
  const workspace = join(folder.path, 'ws');
  expect((await runCommand(folder.path, ['init', workspace])).code).toBe(0);
  rmSync(join(workspace, '.git'), { recursive: true });
  const { out, err } = await runCommand(workspace, ['check']);
  expect(`${out}${err}`).toMatch(/\.git: warning: .*[Gg]it/);
}, 60_000);

it('an old Node and packages without their install scripts: one line that says which and how', () => {
  const node = oldNode();
  if (node === undefined) return console.log('skipped: no Node older than 24 is installed');
  using folder = scratchFolder();
  mkdirSync(join(folder.path, 'bin'));
  cpSync(launcher, join(folder.path, 'bin', 'binnacle'));
  const { code, err } = run(node, join(folder.path, 'bin', 'binnacle'), ['--help'], folder.path);
  expect(code).toBe(2);
  expect(err.trim().split('\n')).toHaveLength(1);
  expect(err).toMatch(/Node 24 or newer is needed, this is v\d+.*--ignore-scripts.*Run "npm install" again/);
}, 60_000);

it('a full disk: one line that says how much is needed', async () => {
  using folder = scratchFolder();
  const small = join(folder.path, 'small');
  mkdirSync(small);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', small]);
  if (mounted.status !== 0) return console.log('skipped: a small disk can only be mounted by root');
  try {
    const { code, err } = await runCommand(small, ['up', '--demo', '--port', '0', '--console-port', '0']);
    expect(code).toBe(2);
    expect(lastLine(err)).toMatch(/Only \d+ MiB are free where .*Free some space, or set data_dir/);
  } finally {
    spawnSync('umount', [small]);
  }
}, 60_000);

it('a wrong key: 401 with what to do', async () => {
  using folder = scratchFolder();
  const started = await startUp(folder.path, ['--demo', '--port', '0', '--console-port', '0']);
  try {
    const made = await runCommand(started.running.workspace, ['key', 'create', 'first', '--owner', 'ann']);
    expect(made.code, made.err).toBe(0);
    const ask = () =>
      fetch(`${started.running.gateway}/v1/models`, { headers: { authorization: 'Bearer bk_wrong' } });
    await expect.poll(async () => (await ask()).status, { timeout: 15_000 }).toBe(401);
    const { error } = (await (await ask()).json()) as { error: { message: string; code: string } };
    expect(error.message).toMatch(/key/i);
    expect(error.message.split('\n')).toHaveLength(1);
  } finally {
    await stopUp(started);
  }
}, 120_000);

// What a newcomer runs into, each told in one line that says what to do: no Git, no Git folder, an old Node, packages without their install
// scripts, a full disk, a wrong key of ours or of a vendor's. (A taken port and a folder in use are held in up.test.ts.)
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

/** A vendor on loopback that takes no key. */
async function refusingVendor(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((_request, response) => {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"Incorrect API key provided: sk-pl***.","code":"invalid_api_key"}}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    [Symbol.asyncDispose]: () => new Promise<void>((done) => void server.close(() => done())),
  };
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

it("a vendor's key that is not set, then a wrong one: told at the start, with the call, and by the doctor", async () => {
  using folder = scratchFolder();
  await using vendor = await refusingVendor();
  const workspace = join(folder.path, 'ws');
  expect((await runCommand(folder.path, ['init', workspace])).code).toBe(0);
  const ports = ['--port', '0', '--console-port', '0'];
  const ask = async (gateway: string): Promise<string> => {
    const body = JSON.stringify({ model: 'real', messages: [{ role: 'user', content: 'Hello' }] });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${gateway}/v1/chat/completions`, { method: 'POST', headers, body });
    return ((await answer.json()) as { error: { message: string } }).error.message;
  };
  // A first run, so that the second starts from a snapshot that knows nothing of the vendor.
  await stopUp(await startUp(workspace, ports));
  const models = join(workspace, 'models.yaml');
  const edited = readFileSync(models, 'utf8')
    .replace(
      'providers:\n',
      `providers:\n  vendor: { kind: openai, base_url: "${vendor.url}", api_key: "\${FIRST_KEY}", allow_private: true }\n`,
    )
    .replace('models:\n', 'models:\n  real: { provider: vendor, prices: [{ input: "1", output: "2" }] }\n');
  writeFileSync(models, edited);
  const unset = await startUp(workspace, ports);
  try {
    expect(unset.running.notes.join('\n')).toMatch(
      /vendor fail: FIRST_KEY is not set; set it and start again/,
    );
    expect(await ask(unset.running.gateway)).toBe(
      'Provider "vendor" needs FIRST_KEY in the gateway\'s environment.',
    );
    expect((await runCommand(workspace, ['doctor'])).out).toMatch(
      /FAULT {4}provider vendor: FIRST_KEY is not set\n +→ Set/,
    );
  } finally {
    await stopUp(unset);
  }
  const wrong = await startUp(workspace, ports, { ...process.env, FIRST_KEY: 'sk-planted-wrong' });
  try {
    const said = await ask(wrong.running.gateway);
    expect(said).toMatch(/^vendor refused our credentials \(401\): check its api_key in models\.yaml\.$/);
  } finally {
    await stopUp(wrong);
  }
}, 120_000);

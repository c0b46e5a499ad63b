// Routes are explained from the workspace alone, as the gateway would decide them.
import { Command } from 'commander';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { register as registerInit } from './init.ts';
import { register } from './route.ts';

const root = mkdtempSync(join(tmpdir(), 'route-command-'));
const directory = join(root, 'desk');
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ out: string; err: string; exit: number }> {
  const ran = { out: '', err: '', exit: 0 };
  const program = new Command('binnacle').exitOverride();
  for (const [name, add] of [
    ['init', registerInit],
    ['route', register],
  ] as const) {
    const command = program.command(name).exitOverride().option('--json').option('--workspace <dir>');
    add(command, {
      out: (text) => void (ran.out += text),
      err: (text) => void (ran.err += text),
      environment: {},
      workingDirectory: root,
      isTerminal: false,
      exit: (code) => void (ran.exit = code),
    });
  }
  await program.parseAsync(argv, { from: 'user' });
  return ran;
}

beforeAll(async () => {
  await run('init', directory);
});

it('explains which model auto gives a text, by the shipped example', async () => {
  const short = await run('route', 'explain', 'Where is it?', '--workspace', directory, '--json');
  const decision = JSON.parse(short.out) as { model: string; reason: string; rule: number };
  const long = await run('route', 'explain', 'word '.repeat(40), '--workspace', directory, '--json');
  expect(decision.reason).toContain('12 characters, 3 words');
  expect((JSON.parse(long.out) as { model: string }).model).not.toBe(decision.model);
});

it('says no where no rule holds', async () => {
  writeFileSync(join(directory, 'routing.yaml'), 'rules: []\n');
  expect((await run('route', 'explain', 'x', '--workspace', directory)).exit).toBe(1);
});

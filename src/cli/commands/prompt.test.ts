// The prompt commands on an example workspace: what they print, and how they refuse.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NOTES_REF } from '../../contract/version-note.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { CommandModule } from '../command.ts';
import * as check from './check.ts';
import * as init from './init.ts';
import * as prompt from './prompt.ts';

const MODULES: Record<string, CommandModule> = { check, init, prompt };
const root = mkdtempSync(join(tmpdir(), 'prompt-command-'));
const directory = join(root, 'desk');

interface Ran {
  readonly out: string;
  readonly err: string;
  readonly exit: number;
}

async function run(...argv: string[]): Promise<Ran> {
  const ran = { out: '', err: '', exit: 0 };
  const program = new Command('binnacle').exitOverride().configureOutput({ writeErr: () => undefined });
  for (const [name, module] of Object.entries(MODULES)) {
    const command = program.command(name).exitOverride().option('--json').option('--workspace <dir>');
    module.register(command, {
      out: (text) => void (ran.out += text),
      err: (text) => void (ran.err += text),
      environment: {},
      workingDirectory: directory,
      isTerminal: false,
      exit: (code) => {
        ran.exit = code;
      },
    });
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    ran.err += messageOf(error);
    ran.exit = 2;
  }
  return ran;
}

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.invalid'];
  return execFileSync('git', [...identity, ...args], { cwd: directory, encoding: 'utf8' });
}

function edit(file: string, change: (text: string) => string): void {
  writeFileSync(join(directory, file), change(readFileSync(join(directory, file), 'utf8')));
}

beforeAll(async () => {
  const made = await run('init', directory);
  expect(made.exit).toBe(0);
});
beforeEach(() => {
  git('reset', '-q', '--hard', 'main');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('init', () => {
  it('refuses a folder that is not empty', async () => {
    expect(await run('init', directory)).toMatchObject({
      exit: 2,
      err: expect.stringContaining('is not empty') as string,
    });
  });

  it('makes three versions with reasons and tags', () => {
    expect(git('log', '--format=%s').trim().split('\n')).toHaveLength(4);
    expect(git('tag').split('\n')).toEqual(
      expect.arrayContaining(['customer-support-v3.0', 'customer-support-v3.1', 'customer-support-v3.2']),
    );
  });
});

describe('check', () => {
  it('exits 0 on the example, 1 on an error, 2 outside of a workspace', async () => {
    expect(await run('check')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('0 errors, 0 warnings') as string,
    });
    edit('routing.yaml', (text) => text.replace('model: gpt-4-turbo', 'model: gpt-4-tubro'));
    const broken = await run('check');
    expect(broken.exit).toBe(1);
    expect(broken.out).toMatch(
      /^routing\.yaml:6:12: error: there is no model "gpt-4-tubro"\. Did you mean "gpt-4-turbo"\?$/m,
    );
    const json = JSON.parse((await run('check', '--json')).out) as { ok: boolean; problems: unknown[] };
    expect(json).toMatchObject({
      ok: false,
      errors: 1,
      problems: [{ file: 'routing.yaml', line: 6, column: 12, nearest: 'gpt-4-turbo' }],
    });
    expect((await run('check', '--workspace', root)).exit).toBe(2);
  });

  it('takes the prompt of the contract in place of the example without an error', async () => {
    edit('prompts/customer-support.yaml', (text) => text.slice(0, text.indexOf('suite:')));
    const checked = await run('check');
    expect(checked).toMatchObject({ exit: 0 });
    expect(checked.out).toContain('warning: customer-support-v3.2 does not say under "documentation"');
  });

  it('exits 1 on a version whose serving text changed', async () => {
    edit('prompts/customer-support.yaml', (text) => text.replace('helpful', 'kind'));
    expect(await run('check')).toMatchObject({
      exit: 1,
      out: expect.stringContaining('a version never changes') as string,
    });
  });
});

describe('prompt', () => {
  it('lists prompts with labels', async () => {
    const json = JSON.parse((await run('prompt', 'list', '--json')).out) as { name: string }[];
    expect(json[0]).toMatchObject({
      name: 'customer-support',
      newest: '3.2',
      versions: ['3.2', '3.1', '3.0'],
      labels: { production: '3.1', staging: '3.2' },
    });
    expect((await run('prompt', 'list')).out).toContain('production=3.1 staging=3.2');
  });

  it('shows an old version from history, by version and by label', async () => {
    expect((await run('prompt', 'show', 'customer-support@3.0')).out).toContain('temperature: 1\n');
    const json = JSON.parse(
      (await run('prompt', 'show', 'customer-support@production', '--json')).out,
    ) as object;
    expect(json).toMatchObject({
      version: '3.1',
      labels: ['production'],
      documentation: { owner: 'support-team' },
    });
    expect((await run('prompt', 'show', 'customer-support@3.3')).err).toContain(
      'has no version "3.3". Did you mean "3.2"?',
    );
  });

  it('shows what was measured from notes, and says where nothing was', async () => {
    const note = {
      prompt_id: 'customer-support-v3.2',
      quality: { score: 0.86, interval: [0.81, 0.9], cases: 120, suite: 'support-answers' },
      monthly_cost_change_usd: '-12.5',
      simulated: true,
    };
    git('notes', `--ref=${NOTES_REF}`, 'add', '-m', JSON.stringify(note), 'HEAD');
    const { out } = await run('prompt', 'log', 'customer-support');
    expect(out).toMatch(
      /customer-support-v3\.2 \(staging, tag customer-support-v3\.2\)\n {2}commit {3}[0-9a-f]{10}/,
    );
    expect(out).toContain('reason   Name the company and cap answers at 500 tokens');
    expect(out).toContain('quality  0.86 (0.81 to 0.90, 120 cases, simulated)\n  cost     -12.5 US$ a month');
    expect(out.match(/not measured/g)).toHaveLength(4);
  });

  it('compares versions by words, tokens and cost', async () => {
    const { out } = await run('prompt', 'diff', 'customer-support', '3.1', 'staging');
    expect(out).toContain('agent{+ for Acme Corp+}.');
    expect(out).toMatch(/max_tokens +800 +500/);
    expect(out).toMatch(/prompt tokens, without variables +30 +34 +\+4/);
    // 34 tokens × 1,000 requests × $10 per million
    expect(out).toMatch(/US\$ per 1,000 requests for them +0\.3 +0\.34/);
  });

  it('renders, and names what is missing', async () => {
    const variables = ['--var', 'question=Why {context}?', '--var', 'context=a=b', '--var', 'history='];
    const { out } = await run('prompt', 'render', 'customer-support@3.1', ...variables, '--json');
    expect((JSON.parse(out) as { messages: { content: string }[] }).messages[1]?.content).toBe(
      'Customer question: Why {context}?\nPrevious conversation: \nYour response:\n',
    );
    expect((await run('prompt', 'render', 'customer-support')).err).toContain('needs the variable "context"');
    expect((await run('prompt', 'render', 'customer-support', '--var', 'x')).exit).toBe(2);
  });

  it('tags the commit that brought a version', async () => {
    git('tag', '-d', 'customer-support-v3.1');
    const { out } = await run('prompt', 'tag', 'customer-support@3.1', '--json');
    expect(JSON.parse(out)).toMatchObject({ tag: 'customer-support-v3.1', is_new: true });
    expect(git('log', '-1', '--format=%s', 'customer-support-v3.1').trim()).toBe(
      'Give the agent the conversation so far',
    );
    expect((await run('prompt', 'tag', 'customer-support@3.1')).out).toContain('Already tagged');
    edit('prompts/customer-support.yaml', (text) =>
      text.replace('customer-support-v3.2', 'customer-support-v3.3'),
    );
    expect((await run('prompt', 'tag', 'customer-support@3.3')).err).toContain('not committed');
  });

  it('writes pages and an index, with no markup from the texts', async () => {
    edit('prompts/order-status.yaml', (text) =>
      text
        .replace('  purpose: Says', '  purpose: "<b>a|b</b> Says')
        .replace('record alone.', 'record alone."')
        .replace('  owner: support-team\n', ''),
    );
    const out = join(root, 'pages');
    expect((await run('prompt', 'docs', '--out', out)).exit).toBe(0);
    const page = readFileSync(join(out, 'order-status.md'), 'utf8');
    expect(page).toContain('**Owner:** _not stated_');
    expect(page).toContain('\\<b\\>a\\|b\\</b\\> Says');
    expect(readFileSync(join(out, 'index.md'), 'utf8')).toMatch(
      /\[order-status\]\(order-status\.md\) \| 1\.0 \| – \| .*1 missing/,
    );
  });
});

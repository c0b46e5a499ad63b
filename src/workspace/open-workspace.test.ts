// Workspaces in and outside of Git: versions from history, and what is said where there is none.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Snapshot } from '../contract/snapshot.ts';
import { ManualClock } from '../kernel/clock.ts';
import { silentLogger } from '../kernel/logger.ts';
import { createExample } from './create-example.ts';
import { openWorkspace } from './open-workspace.ts';
import type { OpenedWorkspace, WorkspaceSurroundings } from './open-workspace.ts';
import { formatProblem } from './problem.ts';
import { watchWorkspace } from './watch-workspace.ts';

const NOW = Date.UTC(2026, 0, 15);
const around: WorkspaceSurroundings = { clock: new ManualClock(NOW), cataloguePrices: () => [] };
const root = mkdtempSync(join(tmpdir(), 'workspace-'));
const example = join(root, 'example');

beforeAll(async () => {
  await createExample(example, NOW);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function git(directory: string, ...args: string[]): string {
  const identity = [
    '-c',
    'user.name=Test',
    '-c',
    'user.email=test@example.invalid',
    '-c',
    'commit.gpgsign=false',
  ];
  return execFileSync('git', [...identity, ...args], {
    cwd: directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

let copies = 0;
function copy(): string {
  copies += 1;
  const directory = join(root, `copy-${copies}`);
  cpSync(example, directory, { recursive: true });
  return directory;
}

function edit(directory: string, file: string, change: (text: string) => string): void {
  writeFileSync(join(directory, file), change(readFileSync(join(directory, file), 'utf8')));
}

function commit(directory: string, message: string): string {
  git(directory, 'add', '--all');
  git(directory, 'commit', '-q', '-m', message);
  return git(directory, 'rev-parse', 'HEAD').trim();
}

const lines = (opened: OpenedWorkspace): string[] => opened.problems.map(formatProblem);
const prompts = (opened: OpenedWorkspace): Snapshot['prompts'] => opened.snapshot?.prompts ?? {};

describe('the example', () => {
  it('is without any problem and serves versions of its history under labels', async () => {
    const opened = await openWorkspace(example, around);
    expect(lines(opened)).toEqual([]);
    const support = prompts(opened)['customer-support'];
    expect(Object.keys(support?.versions ?? {})).toEqual(['3.0', '3.1', '3.2']);
    expect(support?.labels).toEqual({ production: '3.1', staging: '3.2' });
    expect(support?.versions['3.0']?.systemPrompt).toContain('customer support agent.\n');
    expect(support?.versions['3.1']?.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(opened.history?.tags.get(support?.versions['3.2']?.commit ?? '')).toEqual([
      'customer-support-v3.2',
    ]);
    expect(prompts(opened)['order-status']?.versions['1.0']?.policies.map((policy) => policy.name)).toEqual([
      'tone',
      'promises',
    ]);
  });

  it('has a recorded answer of both simulated models for every question of its suite', () => {
    const read = (file: string) =>
      readFileSync(join(example, file), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    const recorded = read('recordings/support-desk.jsonl');
    const questions = read('suites/support-questions.jsonl').map(
      (row) => (row['variables'] as Record<string, string>)['question'],
    );
    expect(new Set(questions).size).toBeGreaterThanOrEqual(40);
    for (const model of ['simulated-large', 'simulated-small']) {
      const known = new Set(recorded.filter((row) => row['model'] === model).map((row) => row['question']));
      expect(questions.filter((question) => !known.has(question))).toEqual([]);
    }
  });
});

describe('versions', () => {
  it('calls a changed serving text an error and keeps serving the committed one', async () => {
    const directory = copy();
    edit(directory, 'prompts/customer-support.yaml', (text) => text.replace('helpful', 'very helpful'));
    const opened = await openWorkspace(directory, around);
    expect(lines(opened)).toEqual([
      expect.stringContaining(
        'prompts/customer-support.yaml:1:12: error: what "customer-support-v3.2" serves differs',
      ) as string,
    ]);
    expect(prompts(opened)['customer-support']?.versions['3.2']?.systemPrompt).toContain('a helpful');
    commit(directory, 'Change it in place');
    const after = await openWorkspace(directory, around, opened);
    expect(lines(after)).toEqual([
      expect.stringMatching(
        /error: commit [0-9a-f]{10} .* changed what "customer-support-v3.2" serves/,
      ) as string,
    ]);
    git(directory, 'revert', '--no-edit', 'HEAD');
    expect(lines(await openWorkspace(directory, around, after))).toHaveLength(1);
  });

  it('lets documentation, suite, key_metrics, comments and order change', async () => {
    const directory = copy();
    edit(directory, 'prompts/customer-support.yaml', (text) => {
      const moved = text
        .replace('temperature: 0.7\n', '')
        .replace('suite: support-answers\n', '')
        .replace('owner: support-team', 'owner: someone');
      return `# another comment\n${moved}temperature: 0.70\n`;
    });
    expect(lines(await openWorkspace(directory, around))).toEqual([]);
  });

  it('indexes only the default branch, along first parents', async () => {
    const directory = copy();
    git(directory, 'checkout', '-q', '-b', 'draft');
    const version = (text: string) => text.replace('customer-support-v3.2', 'customer-support-v3.3');
    edit(directory, 'prompts/customer-support.yaml', (text) =>
      version(text).replace('helpful', 'first draft'),
    );
    commit(directory, 'First draft of 3.3');
    edit(directory, 'prompts/customer-support.yaml', (text) => text.replace('first draft', 'second draft'));
    commit(directory, 'Second draft of 3.3');
    const onBranch = await openWorkspace(directory, around);
    expect(onBranch.history?.branch).toBe('main');
    expect(prompts(onBranch)['customer-support']?.versions['3.3']?.commit).toBeNull();
    git(directory, 'checkout', '-q', 'main');
    git(directory, 'merge', '-q', '--no-ff', '--no-edit', 'draft');
    const merged = await openWorkspace(directory, around, onBranch);
    expect(lines(merged)).toEqual([]);
    const served = prompts(merged)['customer-support']?.versions['3.3'];
    expect(served?.systemPrompt).toContain('second draft');
    expect(served?.commit).toBe(git(directory, 'rev-parse', 'HEAD').trim());
  });

  it('keeps a policy as it stood when the version was made', async () => {
    const directory = copy();
    edit(directory, 'policies/tone.yaml', (text) => text.replace('plainly', 'formally'));
    commit(directory, 'Another tone');
    const opened = await openWorkspace(directory, around);
    expect(lines(opened)).toEqual([
      expect.stringContaining('warning: the policy "tone" has changed since "order-status-v1.0"') as string,
    ]);
    expect(prompts(opened)['order-status']?.versions['1.0']?.policies[0]?.text).toContain('plainly');
  });

  it('works in a subfolder of a repository, and without Git says so', async () => {
    const outer = join(root, 'outer');
    mkdirSync(join(outer, 'ai', 'desk'), { recursive: true });
    for (const folder of [
      'binnacle.yaml',
      'models.yaml',
      'prompts',
      'suites',
      'judges',
      'policies',
      'guardrails.yaml',
      'routing.yaml',
      'recordings',
    ]) {
      cpSync(join(example, folder), join(outer, 'ai', 'desk', folder), { recursive: true });
    }
    const bare = await openWorkspace(join(outer, 'ai', 'desk'), around);
    expect(lines(bare)).toEqual([
      expect.stringMatching(
        /^\.git: warning: the workspace is in no Git repository .*only the current versions/,
      ) as string,
    ]);
    expect(prompts(bare)['customer-support']?.labels).toEqual({ production: '3.2' });
    writeFileSync(
      join(outer, 'ai', 'desk', 'releases.yaml'),
      'customer-support: { production: "3.1", staging: "3.2" }\n',
    );
    const labelled = await openWorkspace(join(outer, 'ai', 'desk'), around);
    expect(lines(labelled)[1]).toContain('the label leads nowhere meanwhile');
    expect(prompts(labelled)['customer-support']?.labels).toEqual({ staging: '3.2' });
    rmSync(join(outer, 'ai', 'desk', 'releases.yaml'));
    git(outer, 'init', '-q', '-b', 'trunk');
    expect(lines(await openWorkspace(join(outer, 'ai', 'desk'), around))[0]).toContain(
      'nothing is committed yet',
    );
    const head = commit(outer, 'All');
    const opened = await openWorkspace(join(outer, 'ai', 'desk'), around);
    expect(lines(opened)).toEqual([]);
    expect(opened.history?.branch).toBe('HEAD');
    expect(prompts(opened)['customer-support']?.versions['3.2']?.commit).toBe(head);
  });

  it('warns of missing documentation points and an overdue review', async () => {
    const directory = copy();
    edit(directory, 'prompts/customer-support.yaml', (text) =>
      text.replace('  owner: support-team\n', '').replace('2026-01-15', '2025-11-01'),
    );
    expect(lines(await openWorkspace(directory, around))).toEqual([
      expect.stringContaining('does not say under "documentation": owner.') as string,
      expect.stringContaining(
        'was last reviewed 75 days ago; its cadence ("monthly") asks for at most 31',
      ) as string,
    ]);
  });

  it('starts over when history was rewritten', async () => {
    const directory = copy();
    const before = await openWorkspace(directory, around);
    git(directory, 'reset', '-q', '--hard', 'HEAD~1');
    const after = await openWorkspace(directory, around, before);
    expect(after.history?.versions.has('customer-support-v3.2')).toBe(false);
  });
});

describe('watching', () => {
  async function until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + 15_000;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error('it did not come');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  it('takes changes and commits, and keeps the last good snapshot while the files are broken', async () => {
    const directory = copy();
    const watched = await watchWorkspace({
      directory,
      around,
      logger: silentLogger,
      onChange: () => undefined,
      debounceMs: 20,
    });
    const first = watched.serving();
    expect(first).toBeDefined();
    edit(directory, 'releases.yaml', (text) => text.replace('"3.1"', '"3.2"'));
    await until(() => watched.serving()?.prompts['customer-support']?.labels['production'] === '3.2');
    const good = watched.serving();
    edit(directory, 'models.yaml', (text) => text.replace('models:', 'modles:'));
    await until(() => watched.opened().problems.some((problem) => problem.code === 'unknown_key'));
    expect(watched.serving()).toBe(good);
    git(directory, 'checkout', '-q', '--', 'models.yaml');
    await until(() => watched.opened().problems.length === 0);
    const head = commit(directory, 'Release 3.2');
    await until(() => watched.serving()?.workspace.commit === head);
    git(directory, 'tag', 'live');
    await until(() => watched.opened().history?.tags.get(head)?.includes('live') === true);
    watched.close();
  });
});

describe('size', () => {
  it('indexes 200 prompts over 500 commits in seconds, and a further commit in a fraction', async () => {
    const directory = join(root, 'large');
    mkdirSync(join(directory, 'prompts'), { recursive: true });
    const text = (prompt: number, version: number): string =>
      `prompt_id: "prompt-${prompt}-v${version}.0"\nmodel: "m"\nsystem_prompt: |\n  ${'You help people with many things. '.repeat(30)}${version}\nuser_prompt_template: "{question}"\n`;
    const blob = (content: string): string => `data ${Buffer.byteLength(content)}\n${content}\n`;
    let stream = '';
    for (let number = 0; number < 500; number += 1) {
      stream += `commit refs/heads/main\ncommitter T <t@example.invalid> ${1_700_000_000 + number} +0000\n${blob(`Commit ${number}`)}`;
      if (number === 0) {
        stream += `M 100644 inline binnacle.yaml\n${blob('name: large\n')}`;
        stream += `M 100644 inline models.yaml\n${blob('providers: { p: { kind: replay } }\nmodels: { m: { provider: p, prices: [{ per_request: 1 }] } }\n')}`;
        for (let prompt = 0; prompt < 200; prompt += 1)
          stream += `M 100644 inline prompts/prompt-${prompt}.yaml\n${blob(text(prompt, 0))}`;
      } else {
        const prompt = number % 200;
        stream += `M 100644 inline prompts/prompt-${prompt}.yaml\n${blob(text(prompt, number))}`;
      }
    }
    git(directory, 'init', '-q', '-b', 'main');
    execFileSync('git', ['fast-import', '--quiet'], { cwd: directory, input: stream });
    git(directory, 'reset', '-q', '--hard', 'main');
    const started = performance.now();
    const opened = await openWorkspace(directory, around);
    const whole = performance.now() - started;
    expect(opened.history?.versions.size).toBe(699);
    expect(opened.snapshot).toBeDefined();
    edit(directory, 'prompts/prompt-7.yaml', () => text(7, 900));
    const head = commit(directory, 'One more');
    const again = performance.now();
    const next = await openWorkspace(directory, around, opened);
    const increment = performance.now() - again;
    expect(next.snapshot?.prompts['prompt-7']?.versions['900.0']?.commit).toBe(head);
    process.stdout.write(
      `200 prompts, 500 commits: ${Math.round(whole)} ms; one more commit: ${Math.round(increment)} ms\n`,
    );
    expect(whole).toBeLessThan(10_000);
    expect(increment).toBeLessThan(whole + 1000);
  });
});

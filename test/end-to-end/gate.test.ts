// The way of a newcomer to a gate, without a key: an example workspace, a run, a proposal approved and one blocked, each with exit code,
// reports and Git notes. In well under the five minutes it may take.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, scratchFolder } from './installation.ts';

const folder = scratchFolder();
const desk = join(folder.path, 'desk');
const startedAt = performance.now();

function git(...arguments_: string[]): string {
  return execFileSync('git', arguments_, {
    cwd: desk,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

async function gate(branch: string, ...more: string[]) {
  git('switch', branch);
  const options = ['--base', 'main', '--concurrency', '40', '--report', 'gate.md', '--junit', 'gate.xml'];
  const ended = await runCommand(desk, ['gate', ...options, ...more]);
  const read = (name: string): string => readFileSync(join(desk, name), 'utf8');
  return { ...ended, report: read('gate.md'), junit: read('gate.xml') };
}

beforeAll(async () => {
  const made = await runCommand(folder.path, ['init', 'desk']);
  expect(made.code, made.err).toBe(0);
}, 60_000);
afterAll(() => folder[Symbol.dispose]());

describe('the keyless way to a gate', { timeout: 120_000 }, () => {
  it('runs the suite and says that its answers are simulated', async () => {
    const { code, out, err } = await runCommand(desk, [
      'eval',
      'run',
      'support-answers',
      '--concurrency',
      '40',
    ]);
    expect(code, err).toBe(0);
    expect(out).toMatch(/44 cases.*simulated answers/);
    expect(out).toMatch(/customer-support@3\.1 on gpt-4-turbo +0\.\d{3} \[0\.\d{3}, 0\.\d{3}\] +44 +0/);
  });

  it('approves the proposal that says the same in fewer words', async () => {
    const { code, out, report, junit } = await gate('shorter-prompt');
    expect(code, out).toBe(0);
    expect(report).toMatch(/^# Binnacle gate: ✅ approve\n/);
    for (const row of ['quality', 'cost per request', 'latency p50', 'tokens in'])
      expect(report).toContain(`| ${row} | `);
    expect(report).toContain('**simulated**');
    expect(junit).toContain('failures="0"');
  });

  it('says how many more cases would settle what ten can not', async () => {
    const { code, out, report, junit } = await gate('shorter-prompt', '--limit', '10', '--no-notes');
    expect(code, out).toBe(1);
    expect(report).toMatch(/^# Binnacle gate: \S+ inconclusive\n/);
    expect(report).toContain('- 10 cases were scored, the policy asks for 40');
    expect(report).toContain('- about 30 more cases would settle it');
    expect(junit).toContain('errors="1"');
  });

  it('blocks the small model, with its worst cases side by side', async () => {
    const { code, out, report, junit } = await gate('small-model', '--monthly-requests', '100000');
    expect(code, out).toBe(1);
    expect(out).toMatch(/BLOCK.*\n.*quality is down by/);
    expect(report).toMatch(/^# Binnacle gate: \S+ block\n/);
    expect(report).toMatch(/Cases that lost most[^]*\| \*\*0\.\d{3}\*\* .* \| \*\*0\.\d{3}\*\* /);
    expect(junit).toContain('failures="1"');
  });

  it('keeps what it measured where plain Git and prompt log show it', async () => {
    const plain = git('log', '--notes', '-2');
    expect(plain.match(/"prompt_id":"customer-support-v3\.\d","quality":\{"score":0\.\d+/g)).toHaveLength(2);
    expect(plain).toMatch(/"monthly_cost_change_usd":"-\d+\.\d\d"/);
    const { out } = await runCommand(desk, ['prompt', 'log', 'customer-support']);
    expect(out).toMatch(
      /v3\.3\n.*not merged yet\n +quality +0\.2\d \(.*44 cases, simulated\)\n +cost +\$0\.\d+ a request, -\d+\.\d\d US\$ a month/,
    );
    git('switch', 'main');
    const back = await runCommand(desk, ['gate', '--base', 'main']);
    expect(back).toMatchObject({ code: 0 });
    expect(back.out).toContain('no prompt changed since main');
  });

  it('takes less than five minutes', () => {
    expect(performance.now() - startedAt).toBeLessThan(300_000);
  });
});

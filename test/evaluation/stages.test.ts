// What a gate asks goes the way of live traffic: routed by the rules, with the content policies in the prompt, screened by the guardrails
// (also one behind HTTP), priced and journalled. Through the command, a Git repository, an upstream and a webhook of real HTTP.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GateResult } from '../../src/evaluation/gate/gate-result.ts';
import type { RunResult } from '../../src/evaluation/run/run-result.ts';
import { runCommand, scratchFolder } from '../end-to-end/installation.ts';

const folder = scratchFolder();
const servers: Server[] = [];
const asked: { model: string; system: string; question: string }[] = [];
const screened: string[] = [];

/** Serves one answer a posted JSON body; answers its URL. */
async function serve(answer: (body: unknown) => unknown): Promise<string> {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer(JSON.parse(text))));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function model(body: unknown): unknown {
  const { model: name, messages } = body as { model: string; messages: { role: string; content: string }[] };
  const of = (role: string): string => messages.find((one) => one.role === role)?.content ?? '';
  asked.push({ model: name, system: of('system'), question: of('user') });
  const message = { role: 'assistant', content: `Answer to ${of('user')}` };
  const usage = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 };
  return {
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: name,
    usage,
    choices: [{ index: 0, finish_reason: 'stop', message }],
  };
}

function guard(body: unknown): unknown {
  const { text } = body as { text: string };
  screened.push(text);
  const findings = text.includes('forbidden') ? [{ type: 'FORBIDDEN', start: 0, end: text.length }] : [];
  return { findings };
}

const LONG = 'a much longer question that goes to the large model because of its many words';
const QUESTIONS = ['short one', 'short two', LONG, 'forbidden thing'];

function write(name: string, text: string): void {
  mkdirSync(join(folder.path, name, '..'), { recursive: true });
  writeFileSync(join(folder.path, name), text);
}

function git(...arguments_: string[]): void {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.invalid'];
  execFileSync('git', [...identity, ...arguments_], { cwd: folder.path, stdio: 'ignore' });
}

function prompt(version: string, policies: string): string {
  return `prompt_id: "ask-v${version}"\nmodel: auto\nsystem_prompt: "You answer."\nuser_prompt_template: "{question}"\nmax_tokens: 20\nsuite: asked\n${policies}`;
}

beforeAll(async () => {
  const upstream = await serve(model);
  const webhook = await serve(guard);
  write('binnacle.yaml', 'name: stages\n');
  const prices = 'prices: [{ input: "1", output: "2" }]';
  write(
    'models.yaml',
    `providers:\n  here: { kind: openai, base_url: "${upstream}/v1", allow_private: true }\nmodels:\n  small: { provider: here, ${prices} }\n  large: { provider: here, ${prices} }\n`,
  );
  write(
    'routing.yaml',
    'rules:\n  - { name: short question, when: { characters_below: 50 }, model: small }\n  - { name: everything else, model: large }\n',
  );
  write(
    'guardrails.yaml',
    `sets:\n  default:\n    output:\n      - { guardrail: webhook, action: block, options: { url: "${webhook}", allow_private: true, headers: { authorization: "\${GUARD_KEY}" } } }\n`,
  );
  write('policies/tone.yaml', 'text: Never promise a refund.\n');
  const cases = QUESTIONS.map((question) => ({ variables: { question } }));
  write(
    'suites/asked.yaml',
    JSON.stringify({
      cases,
      scorers: [{ scorer: 'length', options: { least: 1 } }],
      gate: { minimum_cases: 2 },
    }),
  );
  write('prompts/ask.yaml', prompt('1.0', ''));
  git('init', '-b', 'main');
  git('add', '.');
  git('commit', '-m', 'One');
  git('switch', '-c', 'change');
  write('prompts/ask.yaml', prompt('1.1', 'policies: [tone]\n'));
  git('commit', '-am', 'Two');
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  folder[Symbol.dispose]();
});

it('takes both versions through routing, policies and guardrails', { timeout: 60_000 }, async () => {
  process.env['GUARD_KEY'] = 'a-key';
  const { code, out, err } = await runCommand(folder.path, [
    'gate',
    '--base',
    'main',
    '--json',
    '--no-notes',
  ]);
  delete process.env['GUARD_KEY'];
  expect(code, err).toBe(0);
  const [gated] = (JSON.parse(out) as GateResult).prompts;
  expect(gated?.base).toMatchObject({ answered: 3, blocked: 1, failed: 0 });
  expect(gated?.new).toMatchObject({ answered: 3, blocked: 1, failed: 0 });
  // Routed: each question to the model the rules choose, and the reason is kept.
  for (const { model: name, question } of asked) expect(name).toBe(question === LONG ? 'large' : 'small');
  const runs = join(folder.path, '.binnacle/runs');
  const file = readdirSync(runs).find((name) => name.endsWith('.json')) ?? '';
  const { answers } = JSON.parse(readFileSync(join(runs, file), 'utf8')) as RunResult;
  const routes = answers.flatMap(({ outcome }) => ('route' in outcome ? [outcome.route] : []));
  expect(routes.filter((route) => route.includes('everything else'))).toHaveLength(2);
  // The policy stands in what the new version asks, and only there.
  expect(asked.filter(({ system }) => system.includes('Never promise a refund.'))).toHaveLength(
    QUESTIONS.length,
  );
  expect(asked).toHaveLength(2 * QUESTIONS.length);
  // Screened by the service of the operator, with what it found beside the interaction.
  expect(screened.filter((text) => text.includes('forbidden'))).toHaveLength(2);
  const blocked = answers.filter(({ outcome }) => outcome.status === 'blocked');
  expect(blocked.map(({ outcome }) => JSON.stringify(outcome))).toEqual([
    expect.stringContaining('FORBIDDEN'),
    expect.stringContaining('FORBIDDEN'),
  ]);
  expect(readdirSync(join(folder.path, '.binnacle/run-spools'))).toHaveLength(1);
});

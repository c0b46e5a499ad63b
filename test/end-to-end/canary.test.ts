// The canary: keys, secrets and personal data planted in every corner of requests are found afterwards in no file of the data folder, no
// log line, no error, no console answer and no export, where privacy says `redacted`.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand, scratchFolder, startUp, stopUp, type Started } from './installation.ts';

const PLANTS = {
  mail: 'canary.bird@example.org',
  card: '4242 4242 4242 4242',
  phone: '+44 20 7946 0958',
  openai: `sk-proj-${'Zq9xWv8uTs7rQp6oNm5l'.repeat(2)}`,
  aws: 'AKIAQ3EGRZ7WXYP2LMNA',
  iban: 'GB82 WEST 1234 5698 7654 32',
  bearer: `sk-ant-api03-${'Hj4kLp8mNq2rStUvWx'.repeat(2)}`,
};

const folder = scratchFolder();
const output: string[] = [];
let started: Started;
let workspace: string;

beforeAll(async () => {
  workspace = join(folder.path, 'desk');
  expect((await runCommand(folder.path, ['init', workspace])).code).toBe(0);
  const settings = join(workspace, 'binnacle.yaml');
  const before = readFileSync(settings, 'utf8').replace(/^privacy:.*\n(?:[ \t].*\n)*/m, '');
  writeFileSync(settings, `${before}\nprivacy: { payloads: redacted }\n`);
  const uses = [{ guardrail: 'pii' }, { guardrail: 'secrets' }];
  const sets = { default: { input: uses, output: uses }, strict: { input: uses, output: uses } };
  writeFileSync(join(workspace, 'guardrails.yaml'), JSON.stringify({ sets }));
  started = await startUp(workspace, ['--port', '0', '--console-port', '0']);
  started.child.stderr?.on('data', (text: string) => output.push(text));
}, 60_000);

afterAll(async () => {
  await stopUp(started);
  folder[Symbol.dispose]();
}, 60_000);

async function post(path: string, body: unknown): Promise<string> {
  const answer = await fetch(`${started.running.gateway}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${PLANTS.bearer}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return answer.text();
}

/** `what: where` for every planted text found in these texts. */
function sightings(where: string, text: string): string[] {
  return Object.entries(PLANTS)
    .filter(([, value]) => text.includes(value))
    .map(([name]) => `${name}: ${where}`);
}

function inFiles(path: string): string[] {
  return readdirSync(path).flatMap((name) => {
    const file = join(path, name);
    if (statSync(file).isDirectory()) return inFiles(file);
    return statSync(file).isFile() ? sightings(file, readFileSync(file, 'latin1')) : [];
  });
}

it('nothing planted is found again', async () => {
  const all = Object.values(PLANTS).join(' and ');
  const model = 'gpt-4-turbo';
  const messages = [
    { role: 'system', content: `Owner: ${all}` },
    { role: 'user', content: [{ type: 'text', text: `I am ${all}` }] },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'c', type: 'function', function: { name: 'f', arguments: JSON.stringify({ all }) } },
      ],
    },
    { role: 'tool', tool_call_id: 'c', content: all },
  ];
  const errors = [
    await post('/v1/chat/completions', {
      model,
      messages,
      user: PLANTS.mail,
      metadata: { session_id: PLANTS.phone, tags: PLANTS.mail },
    }),
    await post('/v1/chat/completions', { model, messages, stream: true }),
    await post('/v1/chat/completions', {
      prompt: { id: 'customer-support', variables: { context: all, question: all, history: all } },
    }),
    await post('/v1/chat/completions', { model: PLANTS.openai, messages }),
    await post('/v1/responses', { model: 'auto', input: all }),
    await post('/v1/messages', { model, max_tokens: 5, messages: [{ role: 'user', content: all }] }),
    await post('/v1/embeddings', { model, input: [all] }),
    await post('/v1/chat/completions', `{"model": "${all}`),
  ];
  expect(errors.flatMap((text, index) => sightings(`answer ${index}`, text))).toEqual([]);

  const { console: url } = started.running;
  const list = async (): Promise<{ interactions: { id: string }[] }> =>
    (await (await fetch(`${url}/api/interactions`)).json()) as { interactions: { id: string }[] };
  await expect
    .poll(async () => (await list()).interactions.length, { timeout: 20_000 })
    .toBeGreaterThanOrEqual(7);
  const answers = [JSON.stringify(await list())];
  for (const { id } of (await list()).interactions)
    answers.push(await (await fetch(`${url}/api/interactions/${id}`)).text());
  answers.push(await (await fetch(`${started.running.gateway}/metrics`)).text());
  for (const format of ['jsonl', 'csv']) {
    const exported = await runCommand(workspace, ['export', 'interactions', '--format', format]);
    expect(exported.code, exported.err).toBe(0);
    answers.push(exported.out);
  }
  answers.push((await runCommand(workspace, ['audit', 'export'])).out);
  expect(answers.join('\n')).toContain('EMAIL_ADDRESS');
  expect(answers.flatMap((text, index) => sightings(`console ${index}`, text))).toEqual([]);
  expect(sightings('logs', output.join(''))).toEqual([]);
  expect(inFiles(started.running.data)).toEqual([]);
}, 60_000);

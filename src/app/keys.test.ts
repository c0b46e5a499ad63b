// Keys from creation to end, and that each sees only its own: every route of the console API is walked with two keys.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { InteractionPage } from '../contract/api.ts';
import { ManualClock } from '../kernel/clock.ts';
import { encodeFrame, SEGMENT_MAGIC } from '../storage/spool/frame.ts';
import { sampleBegin, sampleEnd } from '../storage/testing/sample-rows.ts';
import type { ComposedConsole } from './compose-console.ts';
import { composeScratchConsole } from './testing/scratch-console.ts';

const START = Date.UTC(2026, 2, 10, 12);
const admin = { authorization: 'Bearer the-admin-token', host: '127.0.0.1:7071' };
const MODELS = `providers:
  here: { kind: openai, base_url: "http://127.0.0.1:9/v1", allow_private: true }
models:
  amber-model: { provider: here, upstream_model: a, prices: [{ input: "1", output: "2" }], fallbacks: [birch-model] }
  birch-model: { provider: here, upstream_model: b, prices: [{ input: "1", output: "2" }] }
`;

let folder: string;
let composed: ComposedConsole;
const clock = new ManualClock(START);
const keys: { id: string; key: string; mark: string }[] = [];

async function call(
  method: 'GET' | 'POST',
  url: string,
  headers: Record<string, string>,
  payload?: object,
): Promise<{ statusCode: number; body: string }> {
  return composed.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
}

async function create(body: object): Promise<{ id: string; key: string }> {
  const answer = await call('POST', '/api/keys', admin, body);
  expect(answer.statusCode, answer.body).toBe(200);
  return JSON.parse(answer.body) as { id: string; key: string };
}

async function push(): Promise<void> {
  const rows = keys.flatMap(({ id, mark }, index) =>
    [1, 2, 3].map((count) =>
      sampleEnd(
        sampleBegin(`int_${`${index}${count}`.repeat(16)}`, START + count, {
          key: id,
          model: `${mark}-model`,
          prompt: `${mark}-prompt`,
          end_user: `${mark}-user`,
          session: `${mark}-session`,
          tags: [`${mark}-tag`],
        }),
        7n,
      ),
    ),
  );
  const frames = Buffer.concat(rows.map((row) => encodeFrame(row)));
  const from = SEGMENT_MAGIC.length;
  const answer = await composed.app.inject({
    method: 'POST',
    url: `/internal/spool?gateway=gw_${'1'.repeat(32)}&segment=seg_${'1'.repeat(32)}&from=${from}&to=${from + frames.length}&sealed=0`,
    headers: { authorization: 'Bearer the-internal-token', 'content-type': 'application/octet-stream' },
    payload: frames,
  });
  expect(answer.statusCode, answer.body).toBe(200);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-keys-'));
  writeFileSync(join(folder, 'binnacle.yaml'), 'name: test-desk\n');
  writeFileSync(join(folder, 'models.yaml'), MODELS);
  mkdirSync(join(folder, 'prompts'));
  for (const mark of ['amber', 'birch'])
    writeFileSync(
      join(folder, 'prompts', `${mark}-prompt.yaml`),
      `prompt_id: "${mark}-prompt-v1.0"\nmodel: "${mark}-model"\nuser_prompt_template: "{question}"\n`,
    );
  composed = await composeScratchConsole(folder, clock);
  expect(composed.workspace.opened().problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  for (const mark of ['amber', 'birch'])
    keys.push({
      mark,
      ...(await create({ name: mark, models: [`${mark}-model`], prompts: [`${mark}-prompt`] })),
    });
  await push();
});

afterAll(async () => {
  await composed.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Described {
  readonly paths: Record<string, Record<string, unknown>>;
}

it('every route of the API tells a key nothing of another key', async () => {
  const document = JSON.parse((await call('GET', '/api/openapi.json', admin)).body) as Described;
  let answered = 0;
  for (const [own, other] of [keys, keys.toReversed()] as { id: string; key: string; mark: string }[][]) {
    if (own === undefined || other === undefined) throw new Error('two keys');
    const headers = { authorization: `Bearer ${own.key}`, host: 'localhost:7071' };
    const otherId = `int_${(other.mark === 'amber' ? '01' : '11').repeat(16)}`;
    for (const [path, methods] of Object.entries(document.paths))
      for (const method of Object.keys(methods)) {
        if (!path.startsWith('/api/') || path === '/api/openapi.json') continue;
        for (const value of [`${other.mark}-prompt`, otherId, other.id, other.mark]) {
          const url = path.replaceAll(/\{[^}]+\}/g, value);
          const answer = await composed.app.inject({
            method: method.toUpperCase() as 'GET',
            url,
            headers,
          });
          const where = `${method} ${url} as ${own.mark}: ${answer.body.slice(0, 300)}`;
          const said = answer.body.replaceAll(value, '');
          expect(said, where).not.toContain(other.mark);
          expect(said, where).not.toContain(other.id);
          if (answer.statusCode === 200) answered += 1;
          else expect([400, 401, 403, 404, 415], where).toContain(answer.statusCode);
        }
      }
    const page = JSON.parse((await call('GET', '/api/interactions', headers)).body) as InteractionPage;
    expect(page.interactions.map(({ key }) => key)).toEqual([own.id, own.id, own.id]);
    const filtered = await call('GET', `/api/interactions?key=${other.id}`, headers);
    expect(JSON.parse(filtered.body)).toMatchObject({ interactions: [] });
    expect((await call('GET', '/api/models', headers)).body).toContain(`${own.mark}-model`);
  }
  expect(answered).toBeGreaterThan(8);
});

it('keys are in the snapshot as hashes alone, at once, and end at once; all of it is in the audit chain', async () => {
  const snapshot = async (): Promise<string> =>
    (await call('GET', '/internal/snapshot', { authorization: 'Bearer the-internal-token' })).body;
  const made = await create({ name: 'short-lived', roles: ['call'] });
  const text = await snapshot();
  expect(text).toContain(made.id);
  expect(text).not.toContain(made.key);
  expect((await call('GET', '/api/keys', admin)).body).not.toContain(made.key);
  const headers = { authorization: `Bearer ${made.key}`, host: 'localhost' };
  expect((await call('GET', '/api/interactions', headers)).statusCode).toBe(401);
  const hashOf = async (): Promise<{ hash: string; expiresAt: number | null } | undefined> =>
    (
      JSON.parse(await snapshot()) as { keys: { id: string; hash: string; expiresAt: number | null }[] }
    ).keys.find(({ id }) => id === made.id);
  const before = await hashOf();
  expect((await call('POST', '/api/keys/short-lived/rotate', admin, {})).statusCode).toBe(200);
  expect((await hashOf())?.hash).not.toBe(before?.hash);
  // Also while the workspace does not compile.
  writeFileSync(join(folder, 'models.yaml'), 'nonsense: 1\n');
  expect((await call('POST', '/api/keys/short-lived/revoke', admin, {})).statusCode).toBe(200);
  expect((await hashOf())?.expiresAt).toBe(START);
  writeFileSync(join(folder, 'models.yaml'), MODELS);
  expect((await call('POST', '/api/keys/short-lived/rotate', admin, {})).statusCode).toBe(404);
  const entries = (await call('GET', '/api/audit/entries', admin)).body;
  for (const act of ['key.create', 'key.rotate', 'key.revoke']) expect(entries).toContain(`"act":"${act}"`);
  expect(entries).not.toContain(made.key);
});

it.each([
  [{ name: 'typo', models: ['amber-modle'] }, 400, 'Did you mean \\"amber-model\\"'],
  [{ name: 'amber' }, 409, 'rotate or revoke'],
  [{ name: 'late', expires_at: '2020-01-01T00:00:00Z' }, 400, 'past'],
  [{ name: 'x', roles: ['*'] }, 400, 'roles'],
])('%j is refused with %d', async (body, status, words) => {
  const answer = await call('POST', '/api/keys', admin, body);
  expect(answer.statusCode).toBe(status);
  expect(answer.body).toContain(words);
});

it('a read key ends with its expiry', async () => {
  const made = await create({ name: 'brief', expires_at: new Date(START + 1000).toISOString() });
  const headers = { authorization: `Bearer ${made.key}`, host: 'localhost' };
  expect((await call('GET', '/api/interactions', headers)).statusCode).toBe(200);
  clock.advance(1000);
  expect((await call('GET', '/api/interactions', headers)).statusCode).toBe(401);
});

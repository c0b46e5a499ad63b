// Scorers of the user's own: a module of the workspace and a webhook, by a real file and a real server, and all that can be wrong with them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userScorerParts } from '../../src/app/user-scorer-parts.ts';
import { lineScorer } from '../../src/evaluation/run/line-scorer.ts';
import { userScorer } from '../../src/evaluation/run/user-scorer.ts';

const folder = mkdtempSync(join(tmpdir(), 'own-scorer-'));
const received: unknown[] = [];
let server: Server;
let url: string;
let answer = { status: 200, text: '{"score": 0.5, "reason": "half"}' };

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push(JSON.parse(body));
      response.writeHead(answer.status).end(answer.text);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/score`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

function made(scorer: 'module' | 'webhook', options: Readonly<Record<string, unknown>>, timeoutMs = 30_000) {
  const use = { scorer, weight: 1, safety: false, options };
  return lineScorer(userScorer(use, { ...userScorerParts(folder), timeoutMs }));
}

/** Each text is a module of its own, as a module is loaded once. */
let modules = 0;
function moduleOf(text: string, timeoutMs?: number) {
  modules += 1;
  const path = `own-${modules}.mjs`;
  writeFileSync(join(folder, path), text);
  return made('module', { path }, timeoutMs);
}

const input = { output: 'Paris', reference: 'Paris', question: 'Capital?', context: 'France' };

describe('a module', () => {
  it('is handed the answer and all that is known of the case, and gives a score, at once or later', async () => {
    const text = `export default async ({ output, reference, context, variables, tags }) =>
      ({ score: output === reference ? 1 : 0, reason: [variables.question, context, tags.length].join(' ') });`;
    expect(await moduleOf(text).score(input)).toEqual({ score: 1, reason: 'Capital? France 0' });
    expect(await moduleOf('export default () => ({ score: null })').score(input)).toEqual({
      score: null,
      reason: '',
    });
  });

  it.each([
    ['export default 3', /no default export that is a function/],
    ['export default () => 1', /must answer .*: it must be an object, not the number 1/],
    ['export default () => ({ score: 2 })', /must answer .*: score: .*<=1/],
    ['export default () => ({ reason: "x" })', /must answer .*: score is missing/],
    ['export default () => { throw new Error("broken") }', /broken/],
    ['export default (', /can't be loaded/],
  ])('%s is told for what it is', async (text, message) => {
    await expect(async () => moduleOf(text).score(input)).rejects.toThrow(message);
  });

  it('that never answers is given up', async () => {
    const never = moduleOf('export default () => new Promise(() => undefined)', 50);
    await expect(async () => never.score(input)).rejects.toThrow(/gave no score in 50 ms/);
  });

  it('lies in the workspace', async () => {
    for (const path of ['../own.mjs', '/etc/own.mjs'])
      await expect(async () => made('module', { path }).score(input)).rejects.toThrow(/outside/);
    expect(() => made('module', {})).toThrow(/needs options\.path/);
  });
});

describe('a webhook', () => {
  it('is posted the same, and answers the score', async () => {
    const scorer = made('webhook', { url, allow_private: true });
    expect(await scorer.score(input)).toEqual({ score: 0.5, reason: 'half' });
    const { question: _, ...texts } = input;
    expect(received.at(-1)).toMatchObject({ ...texts, variables: { question: 'Capital?' }, tags: [] });
    await scorer.close?.();
  });

  it.each([
    [{ status: 500, text: '{}' }, /answered 500/],
    [{ status: 200, text: 'fine' }, /not JSON/],
    [{ status: 302, text: '{"score": 1}' }, /answered 302/],
    [{ status: 200, text: '{"score": "1"}' }, /score: it must be a number, not "1"/],
    [{ status: 200, text: `"${'x'.repeat(1_100_000)}"` }, /more than 1 MiB/],
  ])('that answers %o is told for what it is', async (given, message) => {
    answer = given;
    const scorer = made('webhook', { url, allow_private: true });
    await expect(async () => scorer.score(input)).rejects.toThrow(message);
    await scorer.close?.();
  });

  it('reaches no private address unless allowed, and needs one that is a URL', async () => {
    const before = received.length;
    await expect(async () => made('webhook', { url }).score(input)).rejects.toThrow(/private/);
    expect(received.length).toBe(before);
    expect(() => made('webhook', { url: 'example' })).toThrow(/needs options\.url/);
  });
});

// The doctor against real servers on loopback: what it says of keys, endpoints, clocks and consoles, that each finding says what to do, and
// that a key is never shown.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ProviderFile } from '../../workspace/schemas/models.ts';
import type { Finding } from './finding.ts';
import { checkDisk, checkNode } from './machine.ts';
import { checkProvider } from './providers.ts';
import { checkClock, checkConsole, checkGateway } from './running.ts';

const KEY = 'sk-planted-0123456789';
const environment = { VENDOR_KEY: KEY, OTHER_KEY: 'sk-other-0123456789' };
const seen: string[] = [];
let server: Server;
let closed: string;
let url: string;

beforeAll(async () => {
  // Takes the one key, wherever a vendor's dialect puts it; /down is out of order.
  server = createServer((request, response) => {
    seen.push(request.url ?? '');
    const {
      authorization,
      'x-api-key': anthropic,
      'x-goog-api-key': google,
      'api-key': azure,
    } = request.headers;
    const given = authorization ?? anthropic ?? google ?? azure ?? '';
    const status = request.url?.startsWith('/down') === true ? 503 : String(given).endsWith(KEY) ? 200 : 401;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end('{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const other = createServer();
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  closed = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  await new Promise((done) => other.close(done));
});

afterAll(() => new Promise((done) => server.close(done)));

type Given = { [Key in keyof ProviderFile]?: ProviderFile[Key] | undefined };

function provider(more: Given): ProviderFile {
  return { kind: 'openai', api_key: '${VENDOR_KEY}', headers: {}, options: {}, ...more } as ProviderFile;
}

async function finding(more: Given): Promise<Finding> {
  const { finding: found } = await checkProvider('vendor', provider(more), environment, fetch);
  expect(JSON.stringify(found)).not.toContain(KEY);
  expect(JSON.stringify(found)).not.toContain(environment.OTHER_KEY);
  if (found.state !== 'ok') expect(found.advice, found.detail).not.toBe('');
  return found;
}

it.each([
  ['openai', '/v1', '/v1/models'],
  ['anthropic', '', '/v1/models'],
  ['google', '/v1beta', '/v1beta/models'],
  ['azure', '', '/openai/v1/models'],
  ['groq', '/openai/v1', '/openai/v1/models'],
] as const)('a key that %s takes', async (kind, path, asked) => {
  const found = await finding({ kind, base_url: `${url}${path}` });
  expect(found).toMatchObject({
    state: 'ok',
    detail: expect.stringContaining('takes the key in VENDOR_KEY'),
  });
  expect(seen.at(-1)).toBe(asked);
});

it.each([
  ['a wrong key', { api_key: '${OTHER_KEY}' }, 'fault', /refuses the key in OTHER_KEY \(401\)/],
  ['no key where one is wanted', { api_key: undefined }, 'fault', /wants a key/],
  ['a key that is not set', { api_key: '${ABSENT_KEY}' }, 'fault', /ABSENT_KEY is not set/],
  [
    'a header that is not set',
    { headers: { 'x-team': '${ABSENT_TEAM}' } },
    'fault',
    /ABSENT_TEAM is not set/,
  ],
] as const)('%s', async (_name, more, state, says) => {
  const found = await finding({ base_url: `${url}/v1`, ...more });
  expect(found.state).toBe(state);
  expect(found.detail).toMatch(says);
});

it('an endpoint that is down, one that is not there, one without an address', async () => {
  expect(await finding({ base_url: `${url}/down` })).toMatchObject({ state: 'warning' });
  expect((await finding({ base_url: closed })).detail).toMatch(/can not be reached \(.*ECONNREFUSED/);
  expect((await finding({ kind: 'azure' })).detail).toBe('it has no base_url');
  expect((await finding({ kind: 'local' })).detail).toBe('it has no base_url');
});

it('a local server is looked for where it listens by default', async () => {
  const asked: string[] = [];
  const send: typeof fetch = async (input) => {
    asked.push(input instanceof Request ? input.url : String(input));
    return new Response('{}');
  };
  const local = provider({ kind: 'local', api_key: undefined, options: { server: 'ollama' } });
  const report = await checkProvider('mine', local, environment, send);
  expect([report.finding.state, asked]).toEqual(['ok', ['http://127.0.0.1:11434/v1/models']]);
});

it('recorded answers need nothing', async () => {
  expect(await finding({ kind: 'replay' })).toMatchObject({
    state: 'ok',
    detail: expect.stringContaining('simulated'),
  });
});

it('the clock against the date of an answer', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  expect(checkClock('Sun, 01 Mar 2026 12:00:03 GMT', now).state).toBe('ok');
  expect(checkClock('Sun, 01 Mar 2026 11:58:00 GMT', now)).toMatchObject({
    state: 'warning',
    detail: "120 s ahead of a provider's clock",
  });
  expect(checkClock(null, now).detail).toContain('no provider answered');
});

it('what does not run, and what is another program', async () => {
  expect(await checkGateway(closed)).toMatchObject({
    state: 'warning',
    advice: 'Start it with "binnacle up".',
  });
  expect((await checkConsole(closed))[0]).toMatchObject({ check: 'console', state: 'warning' });
  expect((await checkConsole(url))[0]).toMatchObject({
    state: 'fault',
    detail: expect.stringContaining('is no console of this version'),
  });
  expect((await checkGateway(url)).state).toBe('fault');
});

it('the machine: an old Node, and a folder that is not there yet', async () => {
  expect(checkNode('v20.1.0')).toMatchObject({ state: 'fault', advice: expect.stringContaining('24') });
  expect(checkNode('v24.0.0').state).toBe('ok');
  expect((await checkDisk('/no/such/folder/yet')).detail).toMatch(/GiB free|can not be written/);
});

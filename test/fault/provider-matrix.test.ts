// What providers do wrong, one by one, through the real gateway: each is recorded for what it is, no cut stream looks complete, another
// deployment answers where one can, and the upstream is never called much more often than there are requests.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndRow } from '../../src/contract/interaction.ts';
import type { ModelSnapshot, Snapshot } from '../../src/contract/snapshot.ts';
import { scratchSnapshot, startScratchGateway, type ScratchGateway } from '../gateway/scratch-gateway.ts';
import { FaultProxy, type Faults } from './fault-proxy.ts';
import { CUT_STREAMS, FAILURES, FAULT_NAMES, WHOLE_FAILURES } from './provider-faults.ts';
import { startFaultyUpstream, type FaultyUpstream } from './faulty-upstream.ts';

let upstream: FaultyUpstream;
let proxy: FaultProxy;
let gateway: ScratchGateway;
let requests = 0;

function faultySnapshot(): Partial<Snapshot> {
  const base = scratchSnapshot(`http://127.0.0.1:${proxy.port}/v1`);
  const { mock } = base.providers;
  const { small } = base.models;
  if (mock === undefined || small === undefined) throw new Error('the scratch workspace has them');
  const timeouts = { connect: 1000, firstByte: 400, idle: 400, total: 5000 };
  const model = (upstreamModel: string, fallbacks: readonly string[] = []): ModelSnapshot => ({
    ...small,
    deployments: [{ provider: 'proxied', upstreamModel, weight: 1 }],
    fallbacks,
  });
  const direct = { ...mock, timeouts, baseUrl: `http://127.0.0.1:${upstream.port}/v1` };
  return {
    providers: { proxied: { ...direct, baseUrl: `http://127.0.0.1:${proxy.port}/v1` }, direct },
    models: {
      ...Object.fromEntries(FAULT_NAMES.map((name) => [name, model(name)])),
      ...Object.fromEntries(FAULT_NAMES.map((name) => [`${name}-else`, model(name, ['spare'])])),
      spare: { ...small, deployments: [{ provider: 'direct', upstreamModel: 'spare', weight: 1 }] },
      ...Object.fromEntries(
        ['slow', 'slices', 'narrow', 'closing', 'limit', 'rst', 'hole', 'down'].map((name) => [
          name,
          model(name),
        ]),
      ),
    },
  };
}

beforeAll(async () => {
  upstream = await startFaultyUpstream();
  proxy = new FaultProxy(upstream.port);
  await proxy.start();
  gateway = await startScratchGateway(faultySnapshot());
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await proxy.stop();
  await upstream.close();
});

interface Seen {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | null;
  readonly row: EndRow;
}

async function ask(model: string, stream: boolean): Promise<Seen> {
  requests += 1;
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'count' }] }),
  });
  const text = await answer.text();
  const id = answer.headers.get('x-binnacle-interaction');
  const row = (await gateway.ends()).find((one) => one.id === id);
  if (row === undefined) throw new Error(`no row of ${model}`);
  return { status: answer.status, text, retryAfter: answer.headers.get('retry-after'), row };
}

/** Requests that go well, so that there is an allowance for retries. */
async function fine(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1)
    expect((await ask('fine', index % 2 === 1)).status).toBe(200);
}

describe('one provider alone', () => {
  it.each(FAILURES.flatMap((failure) => [[...failure, false] as const, [...failure, true] as const]))(
    '%s is recorded as %s and answered %d, streamed: %s',
    async (model, kind, status, stream) => {
      await fine(7);
      const seen = await ask(model, stream);
      expect([seen.status, seen.row.status]).toEqual([status, 'error']);
      for (const attempt of seen.row.attempts) expect(attempt.error_kind).toBe(kind);
      expect(seen.row.cost_usd).not.toBeNull();
      expect(seen.text).not.toContain('[DONE]');
      if (status === 429 || status === 503) expect(Number(seen.retryAfter)).toBeGreaterThanOrEqual(1);
    },
  );
  it.each(WHOLE_FAILURES)('%s is recorded as %s and answered %d', async (model, kind, status) => {
    await fine(7);
    const seen = await ask(model, false);
    expect(seen.status).toBe(status);
    expect(seen.row.attempts.map((attempt) => attempt.error_kind)).toContain(kind);
  });
  it.each([false, true])('an error inside of a 200 is no answer, streamed: %s', async (stream) => {
    await fine(7);
    const seen = await ask('lying', stream);
    expect(seen.status).toBeGreaterThanOrEqual(500);
    expect(seen.row.status).toBe('error');
  });
  it.each(CUT_STREAMS)(
    '%s after content ends the stream with an error, is never tried again',
    async (model, kind) => {
      const before = upstream.callsOf(model);
      const seen = await ask(model, true);
      expect(seen.status).toBe(200);
      expect(seen.text).toContain('"error"');
      expect(seen.text).not.toContain('[DONE]');
      expect(seen.text).not.toContain('"finish_reason":"stop"');
      expect(seen.row.attempts.map((attempt) => attempt.error_kind)).toEqual([kind]);
      expect(seen.row).toMatchObject({ status: 'error', cost_usd: expect.stringMatching(/^0\.0/) as string });
      expect(upstream.callsOf(model) - before).toBe(1);
    },
  );
  it('a Retry-After is obeyed: until then nobody calls, and callers are told what is left of it', async () => {
    await fine(7);
    await ask('limited-after', false);
    const before = upstream.callsOf('limited-after');
    const seen = await ask('limited-after', false);
    expect([seen.status, upstream.callsOf('limited-after') - before]).toEqual([429, 0]);
    expect(Number(seen.retryAfter)).toBeLessThanOrEqual(2);
  });
});

describe('with a fallback', () => {
  it.each([...FAILURES, ...WHOLE_FAILURES].map(([model]) => [model]))(
    '%s is answered by the other, each attempt recorded and priced',
    async (model) => {
      await fine(14);
      for (const stream of [false, true]) {
        if (stream && !FAILURES.some(([name]) => name === model)) continue;
        const seen = await ask(`${model}-else`, stream);
        expect(seen.status, seen.text).toBe(200);
        expect(seen.text).toContain('three');
        expect(seen.row).toMatchObject({
          status: 'ok',
          model: 'spare',
          route: expect.stringContaining('fallback from') as string,
        });
        expect(seen.row.attempts.at(-1)).toMatchObject({
          provider: 'direct',
          error_kind: null,
          cost_usd: '0.000018',
        });
        expect(seen.row.attempts.every(({ cost_usd }) => cost_usd !== null)).toBe(true);
      }
    },
  );
});

describe('through a bad network', () => {
  const through = async (faults: Faults, model: string, stream: boolean): Promise<Seen> => {
    await proxy.set(faults);
    try {
      return await ask(model, stream);
    } finally {
      await proxy.set({});
    }
  };
  it.each<[string, Faults, string]>([
    ['latency', { latencyMs: 60 }, 'slow'],
    ['pieces of one byte', { sliceBytes: 1 }, 'slices'],
    ['little bandwidth', { bandwidth: 20_000 }, 'narrow'],
    ['a slow close', { slowCloseMs: 200 }, 'closing'],
  ])('%s changes nothing but the time', async (_name, faults, model) => {
    for (const stream of [false, true]) {
      const seen = await through(faults, model, stream);
      expect(seen.status, seen.text).toBe(200);
      expect(seen.row).toMatchObject({ status: 'ok', cost_usd: '0.000018' });
      expect(JSON.parse(seen.row.response_payload)).toEqual({ text: 'one two three four' });
      if (stream) expect(seen.text).toContain('[DONE]');
    }
  });
  it.each<[string, Faults, string, string]>([
    ['a limit of bytes', { limitBytes: 300 }, 'limit', 'bad_answer'],
    ['a reset inside', { resetAfter: 300 }, 'rst', 'bad_answer'],
    ['a black hole', { blackHole: true }, 'hole', 'timeout'],
    ['no listener', { down: true }, 'down', 'connect'],
  ])('%s is told from an answer', async (_name, faults, model, kind) => {
    await fine(7);
    for (const stream of [false, true]) {
      const seen = await through(faults, model, stream);
      expect(seen.row.status).toBe('error');
      expect(seen.text).not.toContain('[DONE]');
      const kinds = seen.row.attempts.map((attempt) => attempt.error_kind);
      expect(
        kinds.every((one) => one === kind || (stream && one === 'cut_stream')),
        kinds.join(),
      ).toBe(true);
    }
  });
});

it('upstream calls are at most 1.2 times the requests', () => {
  expect(requests).toBeGreaterThan(200);
  expect(upstream.calls()).toBeLessThanOrEqual(1.2 * requests);
});

// The two alert rules of the example workspace through a whole console over a real ledger, with a clock that the test turns: they fire when
// their condition was held and not before, a spike does nothing, people are told over a real SMTP server and a webhook, and the incident's
// runbook runs the real evaluation to its end.
import { spawnSync } from 'node:child_process';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { AlertEventBody, AlertReplay, Incident } from '../contract/api-monitoring.ts';
import { newId } from '../kernel/ids.ts';
import { ManualClock } from '../kernel/clock.ts';
import { webhookSignature } from '../console/notifications/channels.ts';
import type { SpoolRow } from '../contract/interaction.ts';
import { encodeFrame, SEGMENT_MAGIC } from '../storage/spool/frame.ts';
import { sampleBegin, sampleEnd, sampleFeedback } from '../storage/testing/sample-rows.ts';
import { createExample } from '../workspace/create-example.ts';
import type { ComposedConsole } from './compose-console.ts';
import { composeScratchConsole } from './testing/scratch-console.ts';

// Hours of a turned clock over real stores: seconds on an idle machine, minutes on a busy one.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Eight o'clock yesterday: the ledger drops stored texts by the real time, after the example's thirty days. */
const START = (Math.floor(Date.now() / DAY) - 1) * DAY + 8 * 60 * MINUTE;
const SECRET = 'a secret of the test';
const admin = { authorization: 'Bearer the-admin-token', host: 'localhost:7071' };

interface Delivery {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const clock = new ManualClock(START);
const deliveries: Delivery[] = [];
const mails: string[] = [];
let folder: string;
let composed: ComposedConsole;
let hook: Server;
let smtp: SMTPServer;
let refusals = 1;

function portOf(server: { address(): unknown }): number {
  return (server.address() as AddressInfo).port;
}

/** The example's files, with channels that lead to this test's receivers. */
async function writeWorkspace(): Promise<void> {
  await createExample(folder, START);
  const path = join(folder, 'binnacle.yaml');
  const settings = readFileSync(path, 'utf8').replace(
    /^ {2}operations: .*$/m,
    [
      `  operations: { kind: webhook, url: "http://127.0.0.1:${portOf(hook)}/alerts", secret: "\${HOOK_SECRET}", allow_private: true }`,
      `  quality: { kind: email, to: [quality@example.com], from: binnacle@example.com, smtp: { host: 127.0.0.1, port: ${portOf(smtp.server)}, allow_private: true } }`,
    ].join('\n'),
  );
  writeFileSync(path, settings);
  const runbook = join(folder, 'runbooks', 'evaluation.yaml');
  writeFileSync(runbook, readFileSync(runbook, 'utf8').replace('channel: operations', 'channel: quality'));
}

async function compose(): Promise<ComposedConsole> {
  return composeScratchConsole(folder, clock, {
    environment: { ...process.env, HOOK_SECRET: SECRET },
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-monitoring-'));
  hook = createServer((request, response) => {
    void text(request).then((body) => {
      refusals -= 1;
      response.statusCode = refusals >= 0 ? 503 : 204;
      if (refusals < 0) deliveries.push({ headers: request.headers, body });
      response.end();
    });
  });
  await new Promise<void>((resolve) => void hook.listen(0, '127.0.0.1', resolve));
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        mails.push(Buffer.concat(parts).toString('utf8'));
        done();
      });
    },
  });
  await new Promise<void>((resolve) => void smtp.listen(0, '127.0.0.1', resolve));
  await writeWorkspace();
  composed = await compose();
  await composed.ledger.query('SELECT 1');
});

afterAll(async () => {
  await composed.close();
  hook.closeAllConnections();
  await new Promise<unknown>((resolve) => hook.close(resolve));
  await new Promise<void>((resolve) => smtp.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

let segments = 0;

const TEXTS = {
  request_payload: JSON.stringify({ messages: [{ role: 'user', content: 'Where is my parcel?' }] }),
  response_payload: JSON.stringify({ text: 'It is on its way.' }),
};

/** One minute of traffic: four requests of so many tokens, and their users' thumbs. */
function minuteOf(begin: number, tokens: number, thumbs: readonly ('up' | 'down')[]): SpoolRow[] {
  const rows: SpoolRow[] = [];
  for (let index = 0; index < 4; index += 1) {
    const at = begin + index;
    const usage = { input: tokens, cache_read: 0, cache_write: 0, output: 0, reasoning: 0 };
    rows.push(sampleEnd(sampleBegin(newId('int', at), at), 1n, 20, { usage, ...TEXTS }));
  }
  for (const [index, thumb] of thumbs.entries()) {
    const about = rows[index] as { id: string };
    rows.push({ ...sampleFeedback(newId('fbk', begin), about.id, begin), thumb });
  }
  return rows;
}

/** As a gateway does. Rows of minutes to come are not looked at before their time. */
async function push(rows: readonly SpoolRow[]): Promise<void> {
  const payload = Buffer.concat(rows.map((row) => encodeFrame(row)));
  const segment = `seg_${String((segments += 1)).padStart(32, '0')}`;
  const [from, to] = [SEGMENT_MAGIC.length, SEGMENT_MAGIC.length + payload.length];
  const answer = await composed.app.inject({
    method: 'POST',
    url: `/internal/spool?gateway=gw_${'1'.repeat(32)}&segment=${segment}&from=${from}&to=${to}&sealed=0`,
    headers: { authorization: 'Bearer the-internal-token', 'content-type': 'application/octet-stream' },
    payload,
  });
  expect(answer.statusCode, answer.body).toBe(200);
}

async function get<Body>(url: string): Promise<Body> {
  const answer = await composed.app.inject({ method: 'GET', url, headers: admin });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<Body>();
}

/** Minutes since the start at which each kind of event happened to a rule. */
async function happened(rule: string): Promise<[type: string, minute: number][]> {
  const { events } = await get<{ events: AlertEventBody[] }>(
    `/api/alerts/events?rule=${encodeURIComponent(rule)}`,
  );
  return events
    .map(({ type, at }): [string, number] => [type, (Date.parse(at) - START) / MINUTE])
    .sort((a, b) => a[1] - b[1]);
}

async function minutes(count: number, tokens: number, thumbs: readonly ('up' | 'down')[]): Promise<void> {
  const now = clock.now();
  const rows = Array.from({ length: count }, (_, minute) => minuteOf(now + minute * MINUTE, tokens, thumbs));
  await push(rows.flat());
  for (let minute = 0; minute < count; minute += 1) {
    clock.advance(MINUTE);
    await composed.schedule.tick();
  }
}

const content = ['up', 'up', 'up', 'up'] as const;
const unhappy = ['up', 'down', 'down', 'down'] as const;

it('nothing happens at a single spike', async () => {
  await minutes(5, 500, content);
  await minutes(1, 100_000, content);
  await minutes(4, 500, content);
  await minutes(1, 500, ['down', 'down', 'down', 'down']);
  await minutes(9, 500, content);
  expect(await happened('High token usage')).toEqual([]);
  expect(await happened('Low user satisfaction')).toEqual([]);
  expect(await get('/api/incidents')).toEqual({ incidents: [] });
});

it('high token usage fires after fifteen minutes of it, is told once under a signature, survives a restart and resolves', async () => {
  // Twenty minutes are over; the window of three minutes is above 2,000 from the second bad minute on.
  await minutes(10, 3_000, content);
  await composed.close();
  composed = await compose();
  await composed.ledger.query('SELECT 1');
  await minutes(6, 3_000, content);
  expect(await happened('High token usage')).toEqual([]);
  await minutes(4, 3_000, content);
  expect(await happened('High token usage')).toEqual([['fired', 37]]);
  await minutes(12, 500, content);
  expect(await happened('High token usage')).toEqual([
    ['fired', 37],
    ['resolved', 45],
  ]);
  expect(deliveries.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual([
    'alert.fired',
    'alert.resolved',
  ]);
  const { headers, body } = deliveries[0] as Delivery;
  const [id, timestamp] = [String(headers['webhook-id']), String(headers['webhook-timestamp'])];
  expect(headers['webhook-signature']).toBe(webhookSignature(SECRET, id, timestamp, body));
  expect(JSON.parse(body)).toMatchObject({ id, facts: { metric: 'avg_tokens_per_request', value: 3000 } });
  expect(await get('/api/incidents')).toEqual({ incidents: [] });
});

it('low user satisfaction opens an incident after an hour, whose runbook runs the evaluation to its end', async () => {
  const from = (clock.now() - START) / MINUTE;
  await minutes(58, 500, unhappy);
  expect(await happened('Low user satisfaction')).toEqual([]);
  await minutes(16, 500, unhappy);
  const [[type, fired] = ['none', 0]] = await happened('Low user satisfaction');
  expect(type).toBe('fired');
  expect(fired).toBeGreaterThanOrEqual(from + 60);
  expect(fired).toBeLessThanOrEqual(from + 72);
  await composed.monitoring.runner.settled();
  await composed.monitoring.causes.settled();
  clock.advance(1_000);
  await composed.schedule.tick();
  const { incidents } = await get<{ incidents: Incident[] }>('/api/incidents?status=open');
  expect(incidents).toHaveLength(1);
  const [incident] = incidents as [Incident];
  expect(incident.title).toBe('Low user satisfaction');
  expect(incident.runbooks[0]?.steps.map(({ step, status, result }) => [step, status, result])).toEqual([
    ['collect_examples', 'done', '10 interactions from before and 10 from after.'],
    ['run_evaluation', 'done', expect.stringMatching(/Run run_\w+ of support-answers is complete/) as string],
    ['raise_sampling', 'done', expect.stringContaining('people 0.2') as string],
    ['notify', 'done', 'On its way to quality.'],
  ]);
  expect(incident.runbooks[0]?.status).toBe('done');
  expect(incident.explanation?.metric).toBe('positive_feedback_percentage');
  expect(incident.examples.after).toHaveLength(10);
  expect(mails).toHaveLength(1);
  expect(mails[0]).toContain('To: quality@example.com');
  expect(mails[0]).toContain('Customer satisfaction is down');
  const acknowledged = await composed.app.inject({
    method: 'POST',
    url: `/api/incidents/${incident.id}`,
    headers: admin,
    payload: { status: 'acknowledged', by: 'anna' },
  });
  expect(acknowledged.json()).toMatchObject({ status: 'acknowledged', owner: 'anna' });
  await minutes(26, 500, content);
  expect(await get(`/api/incidents/${incident.id}`)).toMatchObject({ status: 'resolved', owner: 'anna' });
  // The runbook raised what people are asked to grade to a fifth of the traffic since.
  clock.advance(60 * MINUTE);
  await composed.schedule.tick();
  const { tasks } = await get<{ tasks: unknown[] }>('/api/human/queue?rater=anna&limit=500');
  const [{ n } = { n: 0 }] = await composed.ledger.query<{ n: number }>(
    "SELECT count() AS n FROM ledger.interactions WHERE at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')",
    { from: incident.opened_at, to: clock.now() },
  );
  // Each pass takes a fifth of what there is by then; who was drawn by an earlier one stays.
  expect(tasks.length).toBeGreaterThanOrEqual(Math.ceil(n * 0.2));
  expect(tasks.length).toBeLessThan(n * 0.3);
});

it('tells Prometheus its metrics in a form that promtool finds nothing wrong with', async ({ skip }) => {
  await push(minuteOf(clock.now() - MINUTE, 700, content));
  const answer = await composed.app.inject({ method: 'GET', url: '/metrics', headers: admin });
  expect(answer.body).toContain('binnacle_avg_tokens_per_request{prompt="customer-support",model="small"} ');
  expect(answer.body).toContain(
    'binnacle_positive_feedback_percentage{prompt="customer-support",model="small"} 100',
  );
  expect(answer.body).not.toMatch(/^binnacle_groundedness_percentage\{/m);
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: answer.body, encoding: 'utf8' });
  if (checked.error !== undefined) return skip('promtool is not installed (scripts/install-services.sh)');
  expect(checked.stderr + checked.stdout).toBe('');
  expect(checked.status).toBe(0);
});

it('a rule is replayed over history as it ran live', async () => {
  const query = `rule=${encodeURIComponent('High token usage')}&from=${new Date(START).toISOString()}`;
  const replay = await get<AlertReplay>(`/api/alerts/test?${query}`);
  expect(replay.fired).toBe(1);
  expect(replay.events.map(({ type, at }) => [type, (Date.parse(at) - START) / MINUTE])).toEqual([
    ['fired', 37],
    ['resolved', 45],
  ]);
});

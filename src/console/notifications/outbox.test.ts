// Notifications over real sockets and a real state store: a receiver that does not answer keeps nobody waiting, a retry is signed anew under the
// same id, and reminders stop when somebody has taken the incident up.
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { AlertRule } from '../../contract/alert-rule.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLogger } from '../../kernel/logger.ts';
import type { AlertEventType } from '../../monitoring/alerts/alert-state.ts';
import { openSqliteState } from '../../storage/state/sql-state.ts';
import type { StateStore } from '../../storage/state/state.ts';
import { actOnAlert } from '../monitoring/alert-actions.ts';
import { Incidents } from '../monitoring/incidents.ts';
import { RunbookRunner } from '../monitoring/runbooks/runbook-runner.ts';
import { webhookSignature } from './channels.ts';
import type { Notification } from './notification.ts';
import { Outbox } from './outbox.ts';

const SECRET = 'a secret';
const clock = new ManualClock(Date.UTC(2026, 5, 1));
let folder: string;
let state: StateStore;
let silent: Server;
let answering: Server;
let refusals = 0;
const received: { headers: IncomingHttpHeaders; body: string }[] = [];
let outbox: Outbox;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-outbox-'));
  state = await openSqliteState({ path: join(folder, 'state.sqlite'), clock });
  silent = createServer(() => undefined);
  answering = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ headers: request.headers, body });
      response.statusCode = refusals > 0 ? 500 : 204;
      refusals -= 1;
      response.end();
    });
  });
  for (const server of [silent, answering])
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const channel = (server: Server) => ({
    kind: 'webhook' as const,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    secret: SECRET,
    headers: {},
    allow_private: true,
  });
  outbox = new Outbox({
    jobs: state.jobs,
    clock,
    logger: silentLogger,
    channels: () => ({
      silent: channel(silent),
      answering: channel(answering),
      managers: channel(answering),
    }),
    resolve: (value) => value,
  });
});

beforeEach(() => {
  received.length = 0;
  refusals = 0;
});

afterAll(async () => {
  for (const server of [silent, answering]) {
    server.closeAllConnections();
    await new Promise<unknown>((resolve) => server.close(resolve));
  }
  await state.close();
  rmSync(folder, { recursive: true, force: true });
});

function notification(id: string): Notification {
  return { id, type: 'test', severity: 'info', title: 'A title', text: 'A text', at: clock.now(), facts: {} };
}

it('signs each try with its own time, under one id', async () => {
  refusals = 1;
  await outbox.put('answering', notification('signed'));
  await outbox.send();
  clock.advance(3_600_000);
  await outbox.send();
  await outbox.send();
  const stamps = received.map(({ headers, body }) => {
    const [id, at] = [String(headers['webhook-id']), String(headers['webhook-timestamp'])];
    expect(headers['webhook-signature']).toBe(webhookSignature(SECRET, id, at, body));
    return [id, Number(at)];
  });
  const now = clock.now() / 1000;
  expect(stamps).toEqual([
    ['signed', now - 3_600],
    ['signed', now],
  ]);
});

it('delivers to those who answer while one does not', async () => {
  await outbox.put('silent', notification('first'));
  await outbox.put('answering', notification('second'));
  const begun = performance.now();
  const pass = outbox.send();
  while (received.length === 0 && performance.now() - begun < 5_000)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(received).toHaveLength(1);
  silent.closeAllConnections();
  await pass;
});

const rule: AlertRule = {
  alert_rule: 'Slow',
  condition: { metric: 'latency_p90', operator: 'greater_than', threshold: 1, duration: 60_000, where: {} },
  action: 'notify answering team, create incident',
  severity: 'warning',
  no_data: 'keep',
  renotify_after: 60_000,
  escalate: { after: 60_000, channel: 'managers' },
  enabled: true,
};

async function happen(incidents: Incidents, type: AlertEventType, name: string): Promise<void> {
  const { documents, jobs } = state;
  const runner = new RunbookRunner({
    jobs,
    clock,
    logger: silentLogger,
    incidents,
    act: () => Promise.reject(new Error('no step is expected')),
  });
  await actOnAlert(
    {
      documents,
      logger: silentLogger,
      outbox,
      incidents,
      runner,
      runbooks: () => new Map(),
      explain: () => undefined,
    },
    { id: name, rule, subject: '', event: { type, at: clock.now(), value: 2, silenced: false }, since: 1 },
  );
  await outbox.send();
}

it('reminds and escalates until somebody has acknowledged the incident', async () => {
  const incidents = new Incidents({ documents: state.documents, audit: state.audit, clock });
  const types = (): string[] => received.map(({ body }) => (JSON.parse(body) as { type: string }).type);
  await happen(incidents, 'fired', 'fired');
  await happen(incidents, 'notified-again', 'again 1');
  await happen(incidents, 'escalated', 'escalated 1');
  expect(types()).toEqual(['alert.fired', 'alert.notified-again', 'alert.escalated']);
  const [incident] = await incidents.list();
  await incidents.move(incident?.id ?? '', 'acknowledged', {
    id: 'taken',
    actor: 'anna',
    type: 'acknowledged',
    text: 'I am on it.',
  });
  await happen(incidents, 'notified-again', 'again 2');
  await happen(incidents, 'escalated', 'escalated 2');
  expect(types()).toHaveLength(3);
  await happen(incidents, 'resolved', 'resolved');
  expect(types().at(-1)).toBe('alert.resolved');
});

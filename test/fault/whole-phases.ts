// The phases of the whole-system run, one after another while the load goes on. Each returns what it saw go wrong and how long the worst
// return to service took.
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { HOSTILE_HEADS, sendRaw } from '../gateway/hostile-heads.ts';
import type { FaultProxy, Faults } from './fault-proxy.ts';
import type { MixedLoad, Outcome } from './mixed-load.ts';
import type { MovedClock } from './moved-clock.ts';
import { KILLED, untilReady } from './processes.ts';
import { CUT_STREAMS, FAILURES, WHOLE_FAILURES } from './provider-faults.ts';
import type { SmallDisk } from './small-disk.ts';
import { TIGHT_PER_MINUTE } from './whole-workspace.ts';
import { askOnce, type WholeInstallation } from './whole-installation.ts';

export interface Scene {
  readonly installation: WholeInstallation;
  readonly load: MixedLoad;
  readonly key: string;
  /** Before one of two vendors that answer well, and before the one that does not. */
  readonly proxies: { readonly first: FaultProxy; readonly faulty: FaultProxy };
  readonly disk: SmallDisk | null;
  readonly clock: MovedClock | null;
  readonly hostileFile: string;
  /** Kills of each process. */
  readonly kills: number;
  readonly dice: () => number;
  /** Ids that were answered with an error, and what the ledger must call each. */
  readonly errors: Map<string, string>;
  readonly log: (text: string) => void;
}

export interface Seen {
  readonly faults: readonly string[];
  /** Milliseconds; null where nothing was out of service. */
  readonly readyMs: number | null;
  /** Why it was not done. */
  readonly skipped?: string;
}

/** One line for each kind of end. */
function tally(outcomes: readonly Outcome[]): string[] {
  const kinds = Map.groupBy(outcomes, ({ end, status, code }) => `${end}, ${status} ${code}`);
  return [...kinds].map(([kind, same]) => `${same.length} answers ${kind}`);
}

async function killPhase({ installation, kills, dice, log }: Scene): Promise<Seen> {
  let worst = 0;
  for (let round = 0; round < kills; round += 1)
    for (const which of KILLED) {
      await pause(500 + dice() * 1_000);
      const ready = await installation.kill(which);
      log(`${which} killed, ready again after ${Math.round(ready)} ms`);
      worst = Math.max(worst, ready);
    }
  await pause(1_000);
  return { faults: [], readyMs: worst };
}

const FULL_MS = 8_000;

/** Fills the disk and keeps it full; the load must be refused by name, and be answered again by itself once there is room. */
async function diskPhase({ installation, load, disk, log }: Scene): Promise<Seen> {
  if (disk === null) return { faults: [], readyMs: null, skipped: 'no small file system' };
  const faults: string[] = [];
  const before = load.outcomes.length;
  const until = performance.now() + FULL_MS;
  while (performance.now() < until) {
    disk.fill();
    await pause(50);
  }
  for (const url of [installation.gateway, installation.console]) {
    const health = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    if (health?.status !== 200) faults.push(`${url}/healthz answered ${health?.status} on a full disk`);
    await health?.body?.cancel();
  }
  const during = load.outcomes.slice(before);
  const refused = during.filter(({ status, code }) => status === 503 && code === 'spool_unavailable').length;
  const others = during.filter(({ end, status }) => end === 'cut' || (status >= 500 && status !== 503));
  log(`disk full: ${during.length} answers, ${refused} refused as not recordable, ${others.length} broken`);
  if (refused === 0) faults.push('nothing was refused on a full disk');
  faults.push(...tally(others));
  disk.free();
  const freed = performance.now();
  const ready = await untilReady([`${installation.gateway}/readyz`, `${installation.console}/readyz`], freed);
  await untilIngested(installation, 30_000).catch((error: unknown) => faults.push(String(error)));
  log(
    `disk free again: answers after ${Math.round(ready)} ms, ledger caught up after ${Math.round(performance.now() - freed)} ms`,
  );
  return { faults, readyMs: ready };
}

/** Waits until what was recorded before now has arrived: under load the lag is never nothing for long. */
export async function untilIngested(installation: WholeInstallation, limit: number): Promise<void> {
  const since = performance.now();
  for (;;) {
    const lag = await installation.lag().catch(() => Infinity);
    if (lag < 256 * 1024) return;
    if (performance.now() - since > limit)
      throw new Error(`${lag} bytes are not in the ledger after ${limit} ms`);
    await pause(100);
  }
}

const HOUR = 3_600;
const STAY_MS = 5_000;
/** By then each kind of request must have been answered again, however busy the machine is. */
const LOCKED_MS = 30_000;

/** Stays at a time of day until some seconds have passed and requests, limited ones too, were answered in it. */
async function stayAt(seconds: number, { installation, load, log }: Scene): Promise<[number, string[]]> {
  const before = load.outcomes.length;
  const since = performance.now();
  const answered = (kind: Outcome['kind']): boolean =>
    load.outcomes.slice(before).some((one) => one.kind === kind && one.end === 'finished');
  await pause(STAY_MS);
  while (!(answered('plain') && answered('tight')) && performance.now() - since < LOCKED_MS) await pause(100);
  const during = load.outcomes.slice(before);
  const finished = during.filter(({ end }) => end === 'finished');
  const admitted = finished.filter(({ kind }) => kind === 'tight').length;
  log(
    `clock at ${seconds} s: ${during.length} answers, ${finished.length} finished, ${admitted} within the tight limit`,
  );
  // 429 and 503 are refusals by name, with `Retry-After`, which the load itself looks for.
  const bad = during.filter(({ end, status }) => end !== 'finished' && status !== 429 && status !== 503);
  const faults = tally(bad);
  if (!answered('plain')) faults.push('nothing was answered any more');
  if (!answered('tight')) faults.push('the limit has locked');
  await untilIngested(installation, 60_000).catch((error: unknown) => faults.push(String(error)));
  return [admitted, faults.map((fault) => `clock at ${seconds} s: ${fault}`)];
}

/** An hour on, back, an hour back, and right again. Requests go on being answered, and arrive in the ledger. */
async function clockPhase(scene: Scene): Promise<Seen> {
  const { clock } = scene;
  if (clock === null) return { faults: [], readyMs: null, skipped: 'no clock to move' };
  const faults: string[] = [];
  const began = performance.now();
  let admitted = 0;
  for (const seconds of [HOUR, 0, -HOUR, 0]) {
    clock.set(seconds);
    const [more, own] = await stayAt(seconds, scene);
    admitted += more;
    faults.push(...own);
  }
  // A full bucket and what flowed into it meanwhile, with one second for what is under way.
  const room = TIGHT_PER_MINUTE * (1 + (performance.now() - began + 1_000) / 60_000);
  if (admitted > room) faults.push(`a limit with room for ${Math.floor(room)} let ${admitted} through`);
  return { faults, readyMs: null };
}

interface Answered {
  readonly status: number;
  readonly text: string;
}

async function ask(
  { installation, key, errors }: Scene,
  model: string,
  stream: boolean,
  recordedAs: string,
): Promise<Answered> {
  const answer = await askOnce(`${installation.gateway}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, stream, max_tokens: 50, messages: [{ role: 'user', content: 'count' }] }),
  });
  const text = await answer.text();
  errors.set(answer.headers.get('x-binnacle-interaction') ?? `no id of ${model}`, recordedAs);
  return { status: answer.status, text };
}

const looksComplete = ({ text }: Answered): boolean =>
  text.includes('[DONE]') || text.includes('"finish_reason":"stop"');

/** Each answer of a faulty vendor, whole and streamed. */
async function vendorFaults(scene: Scene): Promise<string[]> {
  const faults: string[] = [];
  const rows = [
    ...FAILURES.flatMap(([name, , status]) => [
      [name, status, false] as const,
      [name, status, true] as const,
    ]),
    ...WHOLE_FAILURES.map(([name, , status]) => [name, status, false] as const),
    ...CUT_STREAMS.map(([name]) => [name, 200, true] as const),
    ['lying', 502, false] as const,
    ['lying', 502, true] as const,
  ];
  const seen = await Promise.all(rows.map(async ([name, , stream]) => ask(scene, name, stream, 'error')));
  for (const [index, [name, status, stream]] of rows.entries()) {
    const answer = seen[index];
    if (answer === undefined) continue;
    if (answer.status !== status)
      faults.push(
        `${name}, streamed ${stream}: ${answer.status}, not ${status}: ${answer.text.slice(0, 200)}`,
      );
    if (looksComplete(answer)) faults.push(`${name}, streamed ${stream}: looks complete`);
  }
  return faults;
}

const HARMLESS: readonly Faults[] = [
  { sliceBytes: 1 },
  { latencyMs: 60 },
  { bandwidth: 20_000 },
  { slowCloseMs: 200 },
];
const HARMFUL: readonly Faults[] = [
  { limitBytes: 300 },
  { resetAfter: 300 },
  { blackHole: true },
  { down: true },
];

/** Each fault of the network before the faulty vendor, and before one of two good ones: those the other answers for. */
async function networkFaults(scene: Scene): Promise<string[]> {
  const faults: string[] = [];
  const { faulty, first } = scene.proxies;
  for (const fault of [...HARMLESS, ...HARMFUL]) {
    const name = JSON.stringify(fault);
    const harmless = HARMLESS.includes(fault);
    await Promise.all([faulty.set(fault), first.set(fault)]);
    for (const stream of [false, true]) {
      const answer = await ask(scene, 'network', stream, harmless ? 'ok' : 'error');
      if (harmless ? answer.status !== 200 : looksComplete(answer))
        faults.push(`${name}, streamed ${stream}: ${answer.status}`);
    }
    await pause(500);
    await Promise.all([faulty.set({}), first.set({})]);
  }
  return faults;
}

async function matrixPhase(scene: Scene): Promise<Seen> {
  const { load, log } = scene;
  const before = load.outcomes.length;
  const faults = [...(await vendorFaults(scene)), ...(await networkFaults(scene))];
  const since = performance.now();
  await untilReady([`${scene.installation.gateway}/readyz`], since);
  const during = load.outcomes.slice(before).filter(({ status }) => status !== 429);
  const whole = during.filter(({ end }) => end === 'finished').length;
  log(`vendors fail: ${whole} of ${during.length} answers of the load finished`);
  return { faults, readyMs: null };
}

const ENDPOINTS = ['/v1/chat/completions', '/v1/responses', '/v1/messages', '/v1/embeddings', '/v1/feedback'];
const AT_ONCE = 4;

/** Every hostile body, whole and inside of a message, and every hostile head. */
async function hostilePhase({ installation, key, hostileFile, log }: Scene): Promise<Seen> {
  const faults: string[] = [];
  if (!existsSync(hostileFile)) log('hostile bodies skipped: hostile.jsonl is not there');
  const rows = existsSync(hostileFile)
    ? readFileSync(hostileFile, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { corpus: string; name: string; base64: string })
        .filter(({ corpus }) => corpus === 'json')
    : [];
  const bodies = rows.flatMap(({ name, base64 }, index) => {
    const bytes = Buffer.from(base64, 'base64');
    const inside = Buffer.concat([Buffer.from('{"model":"small","messages":'), bytes, Buffer.from('}')]);
    const path = ENDPOINTS[index % ENDPOINTS.length] ?? '';
    return [bytes, inside].map((body) => ({ name, path, body: new Uint8Array(body) }));
  });
  const send = async (): Promise<void> => {
    for (let next = bodies.pop(); next !== undefined; next = bodies.pop()) {
      const { name, path, body } = next;
      const headers = { authorization: `Bearer ${key}` };
      const answer = await askOnce(`${installation.gateway}${path}`, { method: 'POST', headers, body }).catch(
        () => null,
      );
      await answer?.body?.cancel();
      if (answer === null || answer.status < 400 || answer.status >= 500)
        faults.push(`${name} at ${path}: ${answer?.status}`);
    }
  };
  const sent = bodies.length;
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  const port = Number(new URL(installation.gateway).port);
  const heads = await Promise.all(
    HOSTILE_HEADS.map(async ([name, text, status]) => ({ name, status, answer: await sendRaw(text, port) })),
  );
  for (const { name, status, answer } of heads)
    if (!answer.startsWith(`HTTP/1.1 ${status}`)) faults.push(`${name}: ${answer.slice(0, 12)}`);
  log(`${sent} hostile bodies and ${heads.length} hostile heads sent`);
  return { faults, readyMs: null };
}

export const PHASES: readonly { readonly name: string; readonly run: (scene: Scene) => Promise<Seen> }[] = [
  { name: 'quiet', run: async () => pause(4_000, { faults: [], readyMs: null }) },
  { name: 'kill -9', run: killPhase },
  { name: 'disk full', run: diskPhase },
  { name: 'clock jump', run: clockPhase },
  { name: 'vendors', run: matrixPhase },
  { name: 'hostile', run: hostilePhase },
];

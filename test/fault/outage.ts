// One of two providers goes down under steady load and comes back: how many requests are answered, after how many failures nobody calls it,
// how soon it is used again.
//
//   node test/fault/outage.ts [--rate 100] [--down 60] [--kind refused|black-hole]
import { parseArgs } from 'node:util';
import type { Snapshot } from '../../src/contract/snapshot.ts';
import { scratchSnapshot, startScratchGateway } from '../gateway/scratch-gateway.ts';
import { FaultProxy, type Faults } from './fault-proxy.ts';
import { startFaultyUpstream } from './faulty-upstream.ts';

export interface OutageOptions {
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: { readonly before: number; readonly down: number; readonly after: number };
  readonly fault: Faults;
}

export interface OutageReport {
  readonly sent: number;
  readonly answered: number;
  /** Calls of the provider that failed before nobody called it (half-open probes later are not among them). */
  readonly failuresUntilOpen: number;
  readonly upstreamCalls: number;
  /** Milliseconds from its return to the first answer by it; null: never. */
  readonly recoveredMs: number | null;
}

function twoProviders(first: number, second: number): Partial<Snapshot> {
  const base = scratchSnapshot('http://127.0.0.1:9/v1');
  const { mock } = base.providers;
  const { small } = base.models;
  if (mock === undefined || small === undefined) throw new Error('the scratch workspace has them');
  const timeouts = { connect: 1000, firstByte: 1000, idle: 1000, total: 5000 };
  const at = (port: number) => ({ ...mock, timeouts, baseUrl: `http://127.0.0.1:${port}/v1` });
  const deployments = ['first', 'second'].map((provider) => ({ provider, upstreamModel: 'fine', weight: 1 }));
  return {
    providers: { first: at(first), second: at(second) },
    models: { small: { ...small, deployments } },
  };
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Runs the outage. Only 127.0.0.1 is ever loaded. */
export async function runOutage(options: OutageOptions): Promise<OutageReport> {
  const { rate, seconds, fault } = options;
  const upstreams = [await startFaultyUpstream(), await startFaultyUpstream()] as const;
  const proxy = new FaultProxy(upstreams[0].port);
  await proxy.start();
  const gateway = await startScratchGateway(twoProviders(proxy.port, upstreams[1].port), {
    random: Math.random,
  });
  const pending: Promise<boolean>[] = [];
  const ask = async (): Promise<boolean> => {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'x' }] }),
    });
    const text = await answer.text();
    return answer.status === 200 && text.includes('three');
  };
  const load = async (duration: number): Promise<void> => {
    const started = performance.now();
    for (let sent = 0; sent < duration * rate; sent += 1) {
      const wait = started + (sent * 1000) / rate - performance.now();
      if (wait > 0) await pause(wait);
      pending.push(ask().catch(() => false));
    }
  };
  try {
    await load(seconds.before);
    await proxy.set(fault);
    const downAt = Date.now();
    await load(seconds.down);
    await proxy.set({});
    const upAt = Date.now();
    await load(seconds.after);
    const answers = await Promise.all(pending);
    const attempts = (await gateway.ends()).flatMap((row) => row.attempts);
    const ofFirst = attempts
      .filter(({ provider }) => provider === 'first')
      .sort((a, b) => a.started_at - b.started_at);
    const failed = ofFirst.filter(
      ({ started_at, error_kind }) => started_at >= downAt && error_kind !== null,
    );
    const [firstFailure] = failed;
    // A probe comes two seconds after the breaker opened at the earliest.
    const untilOpen = failed.filter(({ started_at }) => started_at - (firstFailure?.started_at ?? 0) < 1900);
    const back = ofFirst.find(({ started_at, error_kind }) => started_at >= upAt && error_kind === null);
    return {
      sent: answers.length,
      answered: answers.filter(Boolean).length,
      failuresUntilOpen: untilOpen.length,
      upstreamCalls: attempts.length,
      recoveredMs: back === undefined ? null : back.started_at - upAt,
    };
  } finally {
    await gateway[Symbol.asyncDispose]();
    await proxy.stop();
    for (const upstream of upstreams) await upstream.close();
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      rate: { type: 'string', default: '100' },
      down: { type: 'string', default: '60' },
      kind: { type: 'string', default: 'refused' },
    },
  });
  const report = await runOutage({
    rate: Number(values.rate),
    seconds: { before: 5, down: Number(values.down), after: 30 },
    fault: values.kind === 'refused' ? { down: true } : { blackHole: true },
  });
  console.log(JSON.stringify(report, null, 2));
  process.exitCode =
    report.answered / report.sent >= 0.999 && (report.recoveredMs ?? Infinity) <= 30_000 ? 0 : 1;
}

// What a scan costs per KB of ordinary text: the default set, each guardrail that works unconfigured, those on embeddings.
import { sentenceEncoder } from '../../src/embeddings/sentence-encoder.ts';
import { activateGuardrail } from '../../src/safety/engine.ts';
import type { GuardrailServices } from '../../src/safety/guardrail.ts';
import { GUARDRAIL_NAMES, loadGuardrail } from '../../src/safety/registry.ts';
import { SharedScan } from '../../src/safety/shared-scan.ts';
import { scanStructured } from '../../src/safety/structured/scan.ts';
import { atMost, type Figure } from './figure.ts';

const SENTENCES = [
  'Thank you for writing to us about the delayed delivery of your order last week.',
  'Please write to ann.lee@example.org or call +44 20 7946 0958 before 5 pm.',
  'The library opens at nine and closes at eight, except on Sundays and public holidays.',
  'To reset the router, hold the small button for ten seconds and wait until the light turns green.',
  'In 2021 the team measured 12 samples; 3 of them were above the limit of 0.5 mg.',
  'Boil the pasta in salted water, drain it, and stir in the sauce with a little butter.',
];

function textOf(kilobytes: number): string {
  let text = '';
  for (let index = 0; text.length < kilobytes * 1024; index += 1)
    text += `${SENTENCES[index % SENTENCES.length] ?? ''} `;
  return text.slice(0, kilobytes * 1024);
}

/** Milliseconds of this thread's processor time: neighbours on the machine don't count. */
function used(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

/** The clock of processor time may tick only every few milliseconds: a measurement must be long beside a tick. */
const LEAST_MEASURED = 400;

/** Mean over as many rounds as take a while, after a warm-up; no text twice. */
async function perKilobyte(scan: (text: string) => unknown): Promise<number> {
  const text = textOf(1);
  for (let round = 0; round < 20; round += 1) await scan(`${text} ${round}`);
  const before = used();
  let rounds = 0;
  for (; used() - before < LEAST_MEASURED; rounds += 1) await scan(` ${rounds} ${text}`);
  return (used() - before) / rounds;
}

export async function measureCosts(): Promise<Figure[]> {
  const text = textOf(1);
  const times: number[] = [];
  for (let round = 0; round < 20_000; round += 1) {
    const before = performance.now();
    scanStructured(text);
    times.push((performance.now() - before) * 1000);
  }
  const figures = [atMost('default set (personal data and secrets), p50 per KB', median(times), 20, 'µs')];
  const embedder = sentenceEncoder();
  const floor = await perKilobyte((text) => embedder.embed([text]));
  figures.push(atMost('the encoder alone, mean processor time per KB', floor, 45, 'ms'));
  const sentence = await perKilobyte((text) => embedder.embed([text.slice(0, 84)]));
  figures.push(atMost('the encoder alone, a sentence', sentence, 45, 'ms'));
  const services: GuardrailServices = { embedder };
  for (const name of GUARDRAIL_NAMES) {
    const guardrail = await loadGuardrail(name);
    if (!guardrail.worksUnconfigured || name === 'pii' || name === 'secrets') continue;
    const { runner } = await activateGuardrail({ guardrail: name, options: {} }, 'closed', services);
    const isOnEmbeddings = guardrail.needs.includes('embedder');
    const cost = await perKilobyte((text) =>
      runner.scan({ text, direction: 'output', context: text, shared: new SharedScan(text) }),
    );
    figures.push(atMost(`${name}, mean processor time per KB`, cost, isOnEmbeddings ? 45 : 5, 'ms'));
  }
  return figures;
}

// What strings made to be slow do: each offline guardrail on a megabyte of them, where it runs in a server (on the event loop or in the
// pool). The longest time in which the event loop answers nobody, and how the time grows when the text doubles.
import { sentenceEncoder } from '../../src/embeddings/sentence-encoder.ts';
import { activateGuardrail, scanText } from '../../src/safety/engine.ts';
import { batchingEmbedder } from '../../src/safety/batching-embedder.ts';
import { GUARDRAIL_NAMES, loadGuardrail } from '../../src/safety/registry.ts';
import { GuardrailPool } from '../../src/safety/pool/pool.ts';
import { longestTurn, used } from '../../src/safety/testing/longest-turn.ts';
import { atMost, type Figure } from './figure.ts';

const MEGABYTE = 1 << 20;
const HOSTILE = [
  'a',
  'a@',
  '1/1/',
  '+1 (',
  'h a t e ',
  '4111 1111 ',
  'password=',
  'sk-',
  '[1',
  'A. ',
  '-----BEGIN ',
  ' \t',
  '\n',
];
const MOST_STALL = 50;
/** Of twice the text: twice the time, and what measuring adds. */
const MOST_GROWTH = 3;
/** Less than this needs no second look. */
const PLAIN_GROWTH = 2.5;
/** What takes less is done again and again until it takes as long: growth must not be told from the ticks of a clock. */
const LEAST_MEASURED = 100;
const MOST_REPEATS = 64;

/** Options that guardrails need which do nothing without. */
const OPTIONS: Readonly<Record<string, Record<string, unknown>>> = {
  'company-secrets': { deny: ['Project Nightingale', 'aaaaaaaaab'], canaries: ['canary-phrase-17'] },
  copyright: {
    texts: ['It was a bright cold day in April, and the clocks were striking thirteen, all over the town.'],
  },
  'json-schema': { schema: { type: 'object' } },
  language: { allowed: ['en'] },
  length: { maximum_characters: 100, maximum_words: 10 },
};

/** Longest gap between two turns of the event loop while `work` is under way, and what it took of all threads. */
async function watched(work: () => Promise<unknown>): Promise<{ stall: number; took: number }> {
  const start = process.cpuUsage();
  const stall = await longestTurn(work);
  return { stall, took: used(process.cpuUsage(start)) };
}

export async function measureHostile(): Promise<Figure[]> {
  const pool = new GuardrailPool({ deadlineMilliseconds: 120_000 });
  const services = { embedder: batchingEmbedder(sentenceEncoder()) };
  const figures: Figure[] = [];
  for (const name of GUARDRAIL_NAMES) {
    const { needs } = await loadGuardrail(name);
    if (needs.includes('judge') || needs.includes('request')) continue;
    const use = { guardrail: name, options: OPTIONS[name] ?? {} };
    const active = await activateGuardrail(use, 'closed', services, pool.run);
    const scan = async (text: string): Promise<void> => {
      const context = active.guardrail.name === 'groundedness' ? text.slice(0, 10_000) : 'Some context [1].';
      const { notScanned } = await scanText([active], { text, direction: 'output', context });
      if (notScanned.length > 0) throw new Error(`${name}: ${notScanned[0]?.reason ?? ''}`);
    };
    await scan('warm up, please: a@b.example, 12');
    const timed = async (text: string, repeats: number): Promise<number> => {
      let took = 0;
      for (let repeat = 0; repeat < repeats; repeat += 1) took += (await watched(() => scan(text))).took;
      return took;
    };
    /** The best of what repeats, where once was not plain: clearing memory now and then is no growth. */
    const growthOf = async (whole: string, once: number): Promise<number> => {
      const repeats = Math.ceil(Math.min(MOST_REPEATS, LEAST_MEASURED / Math.max(once, 1)));
      // What takes long enough has been measured already.
      let [half, all] = [Number.POSITIVE_INFINITY, repeats === 1 ? once : Number.POSITIVE_INFINITY];
      for (let third = 0; third < 3; third += 1) {
        half = Math.min(half, await timed(whole.slice(0, MEGABYTE / 2), repeats));
        if (third > 0 || repeats > 1) all = Math.min(all, await timed(whole, repeats));
        if (all / Math.max(half, 1) < PLAIN_GROWTH) break;
      }
      return all / Math.max(half, 1);
    };
    let [stall, growth] = [0, 0];
    for (const piece of HOSTILE) {
      const whole = piece.repeat(Math.ceil(MEGABYTE / piece.length));
      const once = await watched(() => scan(whole));
      stall = Math.max(stall, once.stall);
      growth = Math.max(growth, await growthOf(whole, once.took));
    }
    figures.push(atMost(`${name}, longest stall by a hostile MB`, stall, MOST_STALL, 'ms'));
    figures.push(atMost(`${name}, time for a MB over that for half`, growth, MOST_GROWTH));
  }
  await pool.close();
  return figures;
}

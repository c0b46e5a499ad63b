// Steady load of every kind of request at a fixed rate, whatever happens, a third of it streams. Each question has a number; what its answer
// costs is computed here from what the vendor counts for that number, so that nothing of the product's own arithmetic is relied on.
import { Agent, request } from 'undici';
import { answerText, questionText, usageOf } from './metered-upstream.ts';
import { DEAR, RATES } from './whole-workspace.ts';

/** Atto-dollars of a decimal text. */
export function attoOf(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(18, '0'));
}

export interface Keys {
  readonly main: string;
  readonly tight: string;
  readonly purse: string;
}

interface Ask {
  readonly kind: 'plain' | 'prompt' | 'cached' | 'tight' | 'purse' | 'repeated';
  readonly key: keyof Keys;
  readonly model: 'small' | 'large' | 'dear';
  readonly number: number;
  readonly streamed: boolean;
}

export interface Outcome {
  readonly phase: string;
  readonly kind: Ask['kind'];
  /** `finished`: seen whole; `failed`: an error that was answered whole; `cut`: neither. */
  readonly end: 'finished' | 'failed' | 'cut';
  readonly status: number;
  /** The error's code; empty without one. */
  readonly code: string;
  readonly id: string | null;
  readonly costUsd: string | null;
  /** What the answer's usage costs; nothing for one from the cache. */
  readonly expected: bigint;
  readonly cacheHit: boolean;
  /** Anything that must not be: another's answer, another text under one idempotency key, no `Retry-After`. */
  readonly fault: string | null;
  readonly milliseconds: number;
}

/** The questions of the cached prompt: few, the first ones asked most. */
const CACHED_QUESTIONS = 40;
/** Numbers of uncached questions begin here. */
const FIRST_NUMBER = 1_000;

function askOf(index: number, dice: () => number): Ask {
  const ask = { streamed: index % 3 === 0, number: FIRST_NUMBER + index };
  if (index % 40 === 7) return { ...ask, kind: 'purse', key: 'purse', model: 'dear' };
  if (index % 20 === 9) return { ...ask, kind: 'tight', key: 'tight', model: 'small' };
  if (index % 50 === 13) return { ...ask, kind: 'repeated', key: 'main', model: 'small', streamed: false };
  if (index % 8 === 3)
    return {
      ...ask,
      kind: 'cached',
      key: 'main',
      model: 'small',
      number: Math.floor(CACHED_QUESTIONS * dice() ** 3),
    };
  if (index % 4 === 1) return { ...ask, kind: 'prompt', key: 'main', model: 'large' };
  return { ...ask, kind: 'plain', key: 'main', model: 'small' };
}

function bodyOf({ kind, model, number, streamed }: Ask): string {
  const question = questionText(number);
  const who = { stream: streamed, user: `user-${number % 50}` };
  if (kind === 'cached') return JSON.stringify({ ...who, prompt: { id: 'faq', variables: { question } } });
  if (kind === 'prompt')
    return JSON.stringify({
      ...who,
      prompt: { id: 'support', variables: { question, context: 'Orders ship daily.' } },
    });
  const asked = kind === 'plain' ? 'auto' : model;
  return JSON.stringify({
    ...who,
    model: asked,
    max_tokens: 100,
    messages: [{ role: 'user', content: question }],
  });
}

function costOf({ model, number }: Ask): bigint {
  if (model === 'dear') return DEAR;
  const { prompt, cached, completion } = usageOf(number);
  const { input, cached: read, output } = RATES[model];
  return BigInt(prompt - cached) * input + BigInt(cached) * read + BigInt(completion) * output;
}

/** The text of an answer, whole or in events; null where it is neither. */
function textOf(body: string, streamed: boolean): string | null {
  try {
    if (!streamed)
      return (
        (JSON.parse(body) as { choices: { message: { content: string } }[] }).choices[0]?.message.content ??
        null
      );
    const events = [...body.matchAll(/^data: (\{.*)$/gm)].map(
      ([, json]) => JSON.parse(json ?? '') as { choices?: { delta?: { content?: string } }[] },
    );
    return events.map(({ choices }) => choices?.[0]?.delta?.content ?? '').join('');
  } catch {
    return null;
  }
}

function costInStream(text: string): string | null {
  return /^: binnacle .*?"cost_usd":"([0-9.]+)"/m.exec(text)?.[1] ?? null;
}

interface Seen {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

const header = ({ headers }: Seen, name: string): string | null => {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
};

function faultOf(ask: Ask, seen: Seen, finished: boolean): string | null {
  const said = finished ? textOf(seen.text, ask.streamed) : null;
  if (finished && said !== answerText(ask.number)) return `asked ${ask.number}, was told ${String(said)}`;
  if ((seen.status === 429 || seen.status === 503) && header(seen, 'retry-after') === null)
    return `${seen.status} without Retry-After`;
  if (!finished && seen.text.includes('data: [DONE]')) return 'a failed stream that looks complete';
  return null;
}

export class MixedLoad {
  readonly #url: string;
  readonly #keys: Keys;
  readonly #random: () => number;
  readonly #agent = new Agent({ connections: 500, pipelining: 1, connect: { timeout: 2_000 } });
  readonly #running = new Set<Promise<void>>();
  readonly outcomes: Outcome[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Outcomes are counted under it; of a request, the one it was sent in. */
  phase = '';

  constructor(url: string, keys: Keys, random: () => number) {
    this.#url = url;
    this.#keys = keys;
    this.#random = random;
  }

  start(perSecond: number): void {
    const began = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
      for (; sent < due; sent += 1) {
        const call = this.#ask(askOf(sent, this.#random)).finally(() => this.#running.delete(call));
        this.#running.add(call);
      }
    }, 10);
  }

  /** Stops sending and waits for what is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #ask(ask: Ask): Promise<void> {
    const outcome = await this.#send(ask);
    this.outcomes.push(outcome);
    if (ask.kind !== 'repeated' || outcome.end !== 'finished') return;
    const again = await this.#send(ask);
    if (again.end !== 'finished') return;
    // Given again it costs nothing and is not recorded once more; its text is held against what it must say as any other's.
    if (again.id !== outcome.id || again.fault !== null || attoOf(again.costUsd ?? '0') !== 0n)
      this.outcomes.push({
        ...again,
        fault: again.fault ?? `asked again under its key, ${outcome.id} became ${again.id}`,
      });
  }

  async #send(ask: Ask): Promise<Outcome> {
    const { phase } = this;
    const since = performance.now();
    const blank = {
      phase,
      kind: ask.kind,
      status: 0,
      code: '',
      id: null,
      costUsd: null,
      expected: 0n,
      cacheHit: false,
      fault: null,
    };
    let seen: Seen | null = null;
    let id: string | null = null;
    try {
      const answer = await request(`${this.#url}/v1/chat/completions`, {
        method: 'POST',
        dispatcher: this.#agent,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${this.#keys[ask.key]}`,
          ...(ask.kind === 'repeated' ? { 'idempotency-key': `once-${ask.number}` } : {}),
        },
        body: bodyOf(ask),
        signal: AbortSignal.timeout(20_000),
      });
      const told = answer.headers['x-binnacle-interaction'];
      id = typeof told === 'string' ? told : null;
      seen = { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
    } catch {
      return { ...blank, id, end: 'cut', milliseconds: performance.now() - since };
    }
    const finished = seen.status === 200 && (!ask.streamed || seen.text.includes('data: [DONE]'));
    const cacheHit = header(seen, 'x-binnacle-cache') === 'hit';
    const costUsd = ask.streamed ? costInStream(seen.text) : header(seen, 'x-binnacle-cost-usd');
    const isReplay = header(seen, 'x-binnacle-replayed') === 'true';
    const fault =
      finished && (id === null || (costUsd === null && !isReplay))
        ? 'a whole answer without id or cost'
        : faultOf(ask, seen, finished);
    return {
      ...blank,
      end: finished ? 'finished' : 'failed',
      status: seen.status,
      code: finished ? '' : (/"code":"([a-z_]+)"/.exec(seen.text)?.[1] ?? ''),
      id,
      costUsd,
      expected: cacheHit ? 0n : costOf(ask),
      cacheHit,
      fault,
      milliseconds: performance.now() - since,
    };
  }
}

// Steady load on a gateway whose processes die: requests at a fixed rate whatever happens, a third of them streams. Each ends `finished`
// (a whole 200 body, or a stream to its end mark) or `cut`.
import { Agent, request } from 'undici';

export type Outcome =
  | { readonly kind: 'finished'; readonly id: string; readonly costUsd: string; readonly streamed: boolean }
  | { readonly kind: 'cut'; readonly id: string | null; readonly streamed: boolean };

export interface LoadOptions {
  readonly url: string;
  readonly perSecond: number;
  readonly random: () => number;
}

const QUESTIONS = ['Where is my order?', 'What does shipping cost?', 'Do you ship to Canada?'];

function bodyOf(streamed: boolean, number: number): string {
  return JSON.stringify({
    model: 'auto',
    stream: streamed,
    user: `load-${number % 50}`,
    messages: [{ role: 'user', content: QUESTIONS[number % QUESTIONS.length] }],
  });
}

/** The cost in the comment that comes before a stream's end mark. */
function costOfStream(text: string): string | null {
  return /^: binnacle .*?"?cost_usd"?[=:]\s*"?([0-9.]+)/m.exec(text)?.[1] ?? null;
}

export class Load {
  readonly #options: LoadOptions;
  readonly #agent = new Agent({ connections: 500, pipelining: 1, connect: { timeout: 2_000 } });
  readonly #outcomes: Outcome[] = [];
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  start(): void {
    const began = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - began) / 1000) * this.#options.perSecond);
      for (; this.#sent < due; this.#sent += 1) {
        const call = this.#call(this.#sent).finally(() => this.#running.delete(call));
        this.#running.add(call);
      }
    }, 10);
  }

  /** Stops sending and waits for what is under way. */
  async stop(): Promise<Outcome[]> {
    clearInterval(this.#timer);
    await Promise.all(this.#running);
    return this.#outcomes;
  }

  async #call(number: number): Promise<void> {
    const streamed = number % 3 === 0;
    let id: string | null = null;
    try {
      const answer = await request(`${this.#options.url}/v1/chat/completions`, {
        method: 'POST',
        dispatcher: this.#agent,
        headers: { 'content-type': 'application/json' },
        body: bodyOf(streamed, number),
        signal: AbortSignal.timeout(20_000),
      });
      const header = answer.headers['x-binnacle-interaction'];
      id = typeof header === 'string' ? header : null;
      const text = await answer.body.text();
      const inHeader = answer.headers['x-binnacle-cost-usd'];
      const costUsd = streamed ? costOfStream(text) : typeof inHeader === 'string' ? inHeader : null;
      const whole = answer.statusCode === 200 && (!streamed || text.includes('data: [DONE]'));
      if (whole && id !== null && costUsd !== null)
        this.#outcomes.push({ kind: 'finished', id, costUsd, streamed });
      else if (whole) throw new Error(`a whole answer without id or cost: ${text.slice(-300)}`);
      else this.#outcomes.push({ kind: 'cut', id, streamed });
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('a whole answer')) throw error;
      this.#outcomes.push({ kind: 'cut', id, streamed });
    }
  }
}

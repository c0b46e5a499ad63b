// `cost price` on usage objects of four formats, against prices and arithmetic written out once more here.
import { priceOf } from '../../src/cli/commands/cost-price.ts';
import { parseUsd } from '../../src/kernel/money.ts';
import { seededUniform } from '../../src/statistics/seeded.ts';
import { exactly, type Part } from './part.ts';

/** Ten-thousandths of a dollar per million tokens, as the vendors publish them. */
const RATES = {
  'gpt-4o': { input: 25_000n, read: 12_500n, write: 0n, output: 100_000n },
  'claude-sonnet-4-20250514': { input: 30_000n, read: 3_000n, write: 37_500n, output: 150_000n },
  'gemini-2.0-flash': { input: 1_000n, read: 250n, write: 0n, output: 4_000n },
} as const;
const ROUNDS = 500;
/** Atto-dollars in a ten-thousandth of a dollar per million tokens. */
const ATTO = 10n ** 8n;

type Counts = Readonly<Record<'input' | 'read' | 'write' | 'output' | 'reasoning', number>>;

const FORMATS = [
  {
    format: 'chat completions',
    provider: 'openai',
    model: 'gpt-4o',
    usage: ({ input, read, output, reasoning }: Counts) => ({
      prompt_tokens: input + read,
      completion_tokens: output + reasoning,
      total_tokens: input + read + output + reasoning,
      prompt_tokens_details: { cached_tokens: read },
      completion_tokens_details: { reasoning_tokens: reasoning },
    }),
  },
  {
    format: 'Responses',
    provider: 'openai',
    model: 'gpt-4o',
    usage: ({ input, read, output, reasoning }: Counts) => ({
      input_tokens: input + read,
      input_tokens_details: { cached_tokens: read },
      output_tokens: output + reasoning,
      output_tokens_details: { reasoning_tokens: reasoning },
      total_tokens: input + read + output + reasoning,
    }),
  },
  {
    format: 'Anthropic',
    provider: 'anthropic',
    model: 'claude-sonnet-4-20250514',
    usage: ({ input, read, write, output, reasoning }: Counts) => ({
      input_tokens: input,
      cache_read_input_tokens: read,
      cache_creation_input_tokens: write,
      output_tokens: output + reasoning,
    }),
  },
  {
    format: 'Gemini',
    provider: 'google',
    model: 'gemini-2.0-flash',
    usage: ({ input, read, output, reasoning }: Counts) => ({
      promptTokenCount: input + read,
      cachedContentTokenCount: read,
      candidatesTokenCount: output,
      thoughtsTokenCount: reasoning,
      totalTokenCount: input + read + output + reasoning,
    }),
  },
] as const;

export const prices: Part = {
  name: 'cost-price',
  what: 'usage objects of four formats priced to the last digit',
  data: [],
  fast: true,
  timed: false,
  run: () => {
    const uniform = seededUniform(42);
    const count = (): number => Math.floor(uniform() ** 3 * 100_000);
    const rows = FORMATS.map(({ format, provider, model, usage }) => {
      const rate = RATES[model];
      let equal = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const write = format === 'Anthropic' ? count() : 0;
        const counts = { input: count(), read: count(), write, output: count(), reasoning: count() };
        const wanted =
          ATTO *
          (BigInt(counts.input) * rate.input +
            BigInt(counts.read) * rate.read +
            BigInt(counts.write) * rate.write +
            BigInt(counts.output + counts.reasoning) * rate.output);
        const told = priceOf({ provider, model, usage: usage(counts) }, Date.UTC(2026, 0, 1));
        if ('cost_usd' in told && told.cost_usd !== null && parseUsd(told.cost_usd) === wanted) equal += 1;
      }
      return exactly(`${format} usage: prices equal to an exact calculation`, equal, ROUNDS);
    });
    return Promise.resolve(rows);
  },
};

// Which guardrails run for whom, what they say together, and what happens when one can't run.
import { describe, expect, it } from 'vitest';
import { guardrailsConfigurationSchema } from '../contract/guardrails.ts';
import type { ActiveGuardrail } from './active-guardrail.ts';
import { compileGuardrails, scanText, setsFor, type Verdict } from './engine.ts';
import { redactText, resolveOverlaps, type AppliedFinding } from './findings.ts';
import { loadGuardrail } from './registry.ts';

const configuration = guardrailsConfigurationSchema.parse({
  message: 'No.',
  sets: {
    strict: {
      input: [{ guardrail: 'pii', action: 'block' }],
      output: [{ guardrail: 'length', options: { maximum_words: 3 } }],
      streams: 'hold',
    },
  },
  keys: { mobile: 'strict' },
});

describe('whose guardrails', () => {
  it("takes the prompt's, else the key's, else the default", () => {
    const names = (scope: Parameters<typeof setsFor>[1]): string[][] =>
      setsFor(configuration, scope).map((set) => set.input.map((use) => use.guardrail));
    expect(names({})).toEqual([['secrets', 'pii', 'pii']]);
    expect(names({ key: ['key_1', 'mobile'] })).toEqual([['pii']]);
    expect(names({ prompt: { input: [{ guardrail: 'refusal' }] }, key: ['mobile'] })).toEqual([['refusal']]);
    expect(names({ prompt: ['default', 'strict'] })).toEqual([['secrets', 'pii', 'pii'], ['pii']]);
  });
  it('refuses unknown sets, wrong options and missing services', async () => {
    const compile = (prompt: unknown): Promise<unknown> => compileGuardrails(configuration, { prompt }, {});
    await expect(compile('strikt')).rejects.toThrow('Did you mean "strict"?');
    await expect(compile({ input: [{ guardrail: 'pii', options: { typos: [] } }] })).rejects.toThrow('pii');
    await expect(compile({ input: [{ guardrail: 'hate' }] })).rejects.toThrow('needs sentence embeddings');
    await expect(
      compile({
        input: [{ guardrail: 'judge-policy', options: { policy: 'no insults please', model: 'm' } }],
      }),
    ).rejects.toThrow('needs a judge');
  });
  it('compiles actions, modes and the message', async () => {
    const compiled = await compileGuardrails(configuration, { prompt: 'strict' }, {});
    expect(compiled).toMatchObject({ streams: 'hold', message: 'No.', pseudonymise: false });
    const verdict = await scanText(compiled.input, { text: 'mail a@example.org', direction: 'input' });
    expect(verdict.action).toBe('block');
    expect(verdict.findings).toMatchObject([{ guardrail: 'pii', type: 'EMAIL_ADDRESS', start: 5, end: 18 }]);
  });
});

describe('a guardrail that fails', () => {
  it('closes or opens as configured, and is named', async () => {
    const guardrail = await loadGuardrail('webhook');
    const failing = (onError: 'closed' | 'open'): ActiveGuardrail => ({
      guardrail,
      runner: { scan: () => Promise.reject(new Error('no route')) },
      action: 'block',
      threshold: 0.5,
      onError,
    });
    const closed = await scanText([failing('closed')], { text: 'x', direction: 'input' });
    expect(closed).toMatchObject({
      action: 'block',
      notScanned: [{ guardrail: 'webhook', reason: 'no route', onError: 'closed' }],
    });
    const open = await scanText([failing('open')], { text: 'x', direction: 'input' });
    expect(open).toMatchObject({ action: 'allow', notScanned: [{ guardrail: 'webhook', onError: 'open' }] });
  });
});

describe('remote guardrails', () => {
  it('read what a moderation endpoint and a webhook answer, and fail on other statuses', async () => {
    const sent: unknown[] = [];
    const answers = [
      { status: 200, body: { results: [{ flagged: true, category_scores: { violence: 0.9, hate: 0.1 } }] } },
      {
        status: 200,
        body: {
          findings: [
            { type: 'x', start: 0, end: 2 },
            { type: 'beyond', start: 0, end: 99 },
          ],
        },
      },
      { status: 500, body: null },
    ];
    const services = {
      request: (request: unknown) => {
        sent.push(request);
        return Promise.resolve(answers[sent.length - 1] as { status: number; body: unknown });
      },
    };
    const use = (guardrail: string, options: unknown): unknown => ({ input: [{ guardrail, options }] });
    const run = async (prompt: unknown): Promise<Verdict> =>
      scanText((await compileGuardrails(configuration, { prompt }, services)).input, {
        text: 'text',
        direction: 'input',
      });
    expect((await run(use('moderation', { api_key: 'k' }))).findings).toMatchObject([
      { type: 'violence', score: 0.9 },
    ]);
    expect((await run(use('webhook', { url: 'https://example.org/check' }))).findings).toMatchObject([
      { type: 'x', end: 2 },
    ]);
    expect((await run(use('webhook', { url: 'https://example.org/check' }))).notScanned).toMatchObject([
      { reason: 'the webhook answered 500' },
    ]);
    expect(sent[0]).toMatchObject({ headers: { authorization: 'Bearer k' }, body: { input: 'text' } });
  });
});

describe('overlaps and redaction', () => {
  const one = (
    start: number,
    end: number,
    type: string,
    guardrail = 'pii',
    action: AppliedFinding['action'] = 'redact',
  ): AppliedFinding => ({
    guardrail,
    type,
    start,
    end,
    score: 1,
    action,
  });
  it('keeps the strongest of one guardrail, and all of different ones', () => {
    const kept = resolveOverlaps([
      one(0, 5, 'A'),
      one(3, 12, 'B'),
      one(4, 6, 'C', 'secrets'),
      one(12, 14, 'D'),
    ]);
    expect(kept.map(({ type }) => type)).toEqual(['B', 'C', 'D']);
  });
  it('replaces overlapping places once and leaves flagged ones', () => {
    const text = 'abcdefghijklmnop';
    expect(
      redactText(text, [
        one(2, 6, 'A'),
        one(4, 8, 'B', 'secrets'),
        one(10, 12, 'C', 'x', 'flag'),
        one(14, 16, 'D'),
      ]),
    ).toBe('ab<A>ijklmn<D>');
  });
});

// Rendering a version with variables: what comes out, and which variables are missing or unknown.
import { describe, expect, it } from 'vitest';
import { RequestError } from '../kernel/errors.ts';
import { PromptRenderer } from './render.ts';
import { resolvePrompt } from './resolve.ts';
import { sampleVersion } from './testing/sample-version.ts';

const VERSION = sampleVersion({
  systemPrompt: 'You are a helpful customer support agent for Acme Corp.\nRelevant information: {context}\n',
  userPromptTemplate: 'Customer question: {question}\nPrevious conversation: {history}\nYour response:\n',
  digest: 'one',
});

function failure(act: () => unknown): RequestError {
  try {
    act();
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('render', () => {
  const renderer = new PromptRenderer();
  const variables = { question: 'Where is {history}?', context: '{{x}} $&', history: '' };

  it('puts values in once and gives system and user messages', () => {
    const rendered = renderer.render(VERSION, variables);
    expect(rendered.messages).toEqual([
      {
        role: 'system',
        parts: [
          {
            type: 'text',
            text: 'You are a helpful customer support agent for Acme Corp.\nRelevant information: {{x}} $&\n',
          },
        ],
      },
      {
        role: 'user',
        parts: [
          {
            type: 'text',
            text: 'Customer question: Where is {history}?\nPrevious conversation: \nYour response:\n',
          },
        ],
      },
    ]);
  });

  it('puts policies behind the system prompt as they stand', () => {
    const policies = [
      { name: 'a', text: 'Be kind {question}' },
      { name: 'b', text: 'Be brief' },
    ];
    const rendered = renderer.render({ ...VERSION, digest: 'two', policies }, variables);
    expect(rendered.system).toMatch(/\$&\n\nBe kind \{question\}\n\nBe brief$/);
    const alone = renderer.render(
      { ...VERSION, digest: 'three', systemPrompt: null, policies },
      { question: '', history: '' },
    );
    expect(alone.system).toBe('Be kind {question}\n\nBe brief');
  });

  it('names a missing variable and one that does not exist', () => {
    const missing = failure(() => renderer.render(VERSION, { question: 'q', context: 'c' }));
    expect(missing).toMatchObject({
      code: 'missing_variable',
      httpStatus: 400,
      param: 'prompt.variables.history',
    });
    expect(missing.message).toContain('"history"');
    const unknown = failure(() => renderer.render(VERSION, { ...variables, qestion: 'q' }));
    expect(unknown).toMatchObject({ code: 'unknown_variable', httpStatus: 400 });
    expect(unknown.message).toContain('Did you mean "question"?');
    expect(failure(() => renderer.render(VERSION, {})).code).toBe('missing_variable');
  });

  it('takes no name of every object for a variable', () => {
    const version = { ...VERSION, digest: 'four', systemPrompt: null, userPromptTemplate: '{constructor}' };
    expect(failure(() => renderer.render(version, {})).code).toBe('missing_variable');
  });

  it('renders in microseconds', () => {
    const started = performance.now();
    for (let index = 0; index < 20_000; index += 1) renderer.render(VERSION, variables);
    expect((performance.now() - started) / 20_000).toBeLessThan(0.05);
  });
});

describe('resolvePrompt', () => {
  const snapshot = {
    prompts: {
      'customer-support': { versions: { '3.2': VERSION }, labels: { production: '3.2', staging: '3.2' } },
    },
  };

  it('finds by version, label and default', () => {
    expect(resolvePrompt(snapshot, 'customer-support')).toBe(VERSION);
    expect(resolvePrompt(snapshot, 'customer-support', '3.2')).toBe(VERSION);
    expect(resolvePrompt(snapshot, 'customer-support', 'staging')).toBe(VERSION);
  });

  it.each([
    ['customer-suport', undefined, 'unknown_prompt', 'Did you mean "customer-support"?'],
    ['customer-support-v3.2', undefined, 'unknown_prompt', 'use "customer-support" with version "3.2"'],
    ['constructor', undefined, 'unknown_prompt', 'There is no prompt "constructor"'],
    ['customer-support', '3.3', 'unknown_version', 'Did you mean "3.2"?'],
    ['customer-support', 'stagin', 'unknown_label', 'Did you mean "staging"?'],
    ['customer-support', 'constructor', 'unknown_label', 'There are: production'],
  ])('answers 404 for %s %s', (name, version, code, hint) => {
    const error = failure(() => resolvePrompt(snapshot, name, version));
    expect(error).toMatchObject({ code, httpStatus: 404 });
    expect(error.message).toContain(hint);
  });
});

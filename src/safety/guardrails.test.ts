// One suite for every guardrail: the folders have one shape, the table names them all, and each does what its examples say.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sentenceEncoder } from '../embeddings/sentence-encoder.ts';
import { batchingEmbedder } from './batching-embedder.ts';
import { activateGuardrail, scanText } from './engine.ts';
import type { GuardrailServices } from './guardrail.ts';
import { GUARDRAIL_NAMES, loadGuardrail } from './registry.ts';

const room = import.meta.dirname;
const folders = readdirSync(room, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(room, entry.name, 'guardrail.ts')))
  .map((entry) => entry.name);
const services: GuardrailServices = { embedder: batchingEmbedder(sentenceEncoder()) };

describe('the table', () => {
  it('names each folder, and no other', () => {
    expect(folders.length).toBeGreaterThan(15);
    expect([...GUARDRAIL_NAMES].sort()).toEqual(folders.sort());
  });
  it('tells the nearest name of an unknown one', async () => {
    await expect(loadGuardrail('profanty')).rejects.toThrow('Did you mean "profanity"?');
  });
});

describe.each(GUARDRAIL_NAMES)('%s', (name) => {
  it('is named as its folder, refuses unknown options, needs or shows something', async () => {
    const guardrail = await loadGuardrail(name);
    expect(guardrail.name).toBe(name);
    expect(guardrail.configuration.safeParse({ no_such_option: 1 }).success).toBe(false);
    expect(guardrail.examples.length > 0 || guardrail.placement === 'remote').toBe(true);
    if (guardrail.worksUnconfigured) expect(guardrail.configuration.safeParse({}).success).toBe(true);
  });
  it('finds what its examples say, within the text, and leaves the rest alone', async () => {
    const guardrail = await loadGuardrail(name);
    for (const example of guardrail.examples) {
      const options = (example.configuration ?? {}) as Record<string, unknown>;
      const active = await activateGuardrail({ guardrail: name, options }, 'closed', services);
      const context = example.context === undefined ? {} : { context: example.context };
      const verdict = await scanText([active], {
        text: example.text,
        direction: guardrail.directions[0] ?? 'input',
        ...context,
      });
      expect(verdict.notScanned).toEqual([]);
      expect({ text: example.text, finds: verdict.findings.map(({ type }) => type) }).toEqual({
        text: example.text,
        finds: [...example.finds],
      });
      for (const { start, end } of verdict.findings)
        expect(start >= 0 && start < end && end <= example.text.length).toBe(true);
    }
  });
  it('takes odd texts', async () => {
    const guardrail = await loadGuardrail(name);
    if (!guardrail.worksUnconfigured) return;
    const active = await activateGuardrail({ guardrail: name, options: {} }, 'closed', services);
    for (const text of [
      '',
      ' ',
      '\n\n',
      '\u0000',
      '\uD800',
      '😀'.repeat(50),
      'ÀÉ'.repeat(200),
      '<|im_start|>',
    ])
      expect((await scanText([active], { text, direction: 'output', context: 'x' })).notScanned).toEqual([]);
  });
});

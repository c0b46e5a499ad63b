// Whatever the chunks, a screened stream says what the screened whole says.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRows } from '../../scripts/training/data.ts';
import { redactText, resolveOverlaps, type AppliedFinding } from './findings.ts';
import { StreamScanner, type ScanSoFar, type StreamScannerOptions } from './stream-scanner.ts';
import { scanStructured } from './structured/scan.ts';

const findingsOf = (text: string): AppliedFinding[] =>
  resolveOverlaps(
    scanStructured(text).map(({ type, start, end, score, family }) => ({
      type,
      start,
      end,
      score,
      guardrail: family,
      action: 'redact',
    })),
  );
const redacting: ScanSoFar = (text) => ({ action: 'redact', findings: findingsOf(text) });
const blocking: ScanSoFar = (text) => ({
  action: text.includes('forbidden') ? 'block' : 'allow',
  findings: [],
});

async function streamed(
  chunks: readonly string[],
  options: Partial<StreamScannerOptions> = {},
): Promise<string> {
  const scanner = new StreamScanner({ mode: 'window', holdBack: 96, scan: redacting, step: 1, ...options });
  let text = '';
  for (const chunk of chunks) {
    const step = await scanner.push(chunk);
    if (step.kind === 'blocked') return `${text}[blocked]`;
    text += step.text;
  }
  const last = await scanner.finish();
  return last.kind === 'blocked' ? `${text}[blocked]` : text + last.text;
}

const FILLER = 'and then they walked on through the long green valley until the evening came down on them ';
const samples = [
  'mail ann@example.org, card 4111 1111 1111 1111 or IBAN DE89 3704 0044 0532 0130 00; ring +44 20 7946 0958.',
  'key sk-proj-Zx8kQ2vLmN9pRt5wYb3cD6fGhJ4sA7eK1uTq and password: hunter2!X9 and 2001:db8::1',
  '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\n-----END RSA PRIVATE KEY----- and so on',
];
const rows = readRows('pii.jsonl');

describe('window', () => {
  it.each(samples)('redacts at every cut: %s', async (sample) => {
    const text = FILLER + sample + FILLER;
    const expected = redactText(text, findingsOf(text));
    expect(expected).not.toBe(text);
    for (let cut = 0; cut <= text.length; cut += 1)
      expect(await streamed([text.slice(0, cut), text.slice(cut)])).toBe(expected);
    expect(await streamed(text.split(''))).toBe(expected);
  });

  it.skipIf(rows === undefined)(
    'finds what the whole text holds at every cut of the labelled rows',
    async () => {
      let checked = 0;
      for (const row of (rows ?? []).filter((_, index) => index % 6 === 0)) {
        const text = row.text + FILLER;
        const found = findingsOf(text);
        if (found.length === 0) continue;
        const expected = redactText(text, found);
        const cuts = found.flatMap(({ start, end }) =>
          Array.from({ length: end - start + 2 }, (_, index) => start + index),
        );
        for (const cut of cuts) expect(await streamed([text.slice(0, cut), text.slice(cut)])).toBe(expected);
        expect(await streamed(text.split(''))).toBe(expected);
        checked += 1;
      }
      expect(checked).toBeGreaterThan(15);
    },
  );

  it('says the same for any chunks', async () => {
    const text = FILLER + samples.join(FILLER) + FILLER;
    const expected = redactText(text, findingsOf(text));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 40 }),
        async (cuts) => {
          const places = [0, ...cuts.sort((a, b) => a - b), text.length];
          const chunks = places.slice(1).map((end, index) => text.slice(places[index], end));
          expect(await streamed(chunks)).toBe(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps offsets of the whole text over a long stream, and sends before the end', async () => {
    const text = FILLER.repeat(60) + samples[0] + FILLER.repeat(60);
    const scanner = new StreamScanner({ mode: 'window', holdBack: 96, scan: redacting });
    let early = '';
    for (let at = 0; at < text.length; at += 7) {
      const step = await scanner.push(text.slice(at, at + 7));
      early += step.kind === 'emit' ? step.text : '';
    }
    expect(early.length).toBeGreaterThan(text.length * 0.9);
    await scanner.finish();
    expect(scanner.findings.map(({ start, end }) => text.slice(start, end))).toEqual(
      findingsOf(text).map(({ start, end }) => text.slice(start, end)),
    );
  });

  it('stops before the forbidden word is sent', async () => {
    const text = `${FILLER}this is forbidden ${FILLER}`;
    const said = await streamed(text.split(''), { scan: blocking });
    expect(said).toMatch(/\[blocked\]$/);
    expect(said).not.toContain('forb');
  });
});

describe('hold and observe', () => {
  it('hold sends nothing before the end', async () => {
    const scanner = new StreamScanner({ mode: 'hold', holdBack: 0, scan: redacting });
    expect(await scanner.push('mail a@example.org ')).toMatchObject({ kind: 'emit', text: '' });
    expect(await scanner.finish()).toMatchObject({ kind: 'emit', text: 'mail <EMAIL_ADDRESS> ' });
  });
  it('observe sends all and reports', async () => {
    const scanner = new StreamScanner({ mode: 'observe', holdBack: 0, scan: redacting });
    expect(await scanner.push('mail a@exa')).toMatchObject({ kind: 'emit', text: 'mail a@exa' });
    await scanner.push('mple.org');
    await scanner.finish();
    expect(scanner.findings.map(({ type }) => type)).toEqual(['EMAIL_ADDRESS']);
  });
});

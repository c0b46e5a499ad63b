// Output guardrails on streams, cut anywhere, in each API shape: what goes out holds nothing that was found, and keeps its vendor's form
// wherever nothing had to be changed.
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StreamChunk } from '../../contract/canonical.ts';
import { guardrailsConfigurationSchema } from '../../contract/guardrails.ts';
import { compileGuardrails, type CompiledGuardrails, scanText } from '../../safety/engine.ts';
import { redactText } from '../../safety/findings.ts';
import { anthropicMessagesInbound } from '../../wire/anthropic-messages/inbound.ts';
import { AnthropicStreamReader } from '../../wire/anthropic-messages/stream-reader.ts';
import { openaiChatInbound } from '../../wire/openai-chat/inbound.ts';
import { ResponsesStreamReader } from '../../wire/openai-responses/read-stream.ts';
import { openaiResponsesInbound } from '../../wire/openai-responses/inbound.ts';
import type { InboundShape, StreamReader } from '../../wire/shape.ts';
import { emptySummary, type Exchange } from '../exchange.ts';
import { Screening } from './screening.ts';
import { StreamGuard } from './stream-guard.ts';

const DATA = '../shared/data/pii.jsonl';
const MAIL = 'ann.smith@example.org';
const FACTS = { interaction: 'int_1', model: 'm', created: 1, includeUsage: false };
const FILLER = 'and then they walked on through the long green valley until the evening came down on them, ';

let compiled: CompiledGuardrails;
beforeAll(async () => {
  const uses = [{ guardrail: 'pii', action: 'redact' }, { guardrail: 'secrets' }];
  const sets = { default: { output: uses } };
  compiled = await compileGuardrails(guardrailsConfigurationSchema.parse({ sets }), {}, {});
});

/** As much of an exchange as the guard looks at. */
function exchangeIn(shape: InboundShape): Exchange {
  const part = { shape, context: null, findings: [], scores: {}, notScanned: [], summary: emptySummary() };
  return part as Partial<Exchange> as Exchange;
}

async function guarded(
  chunks: readonly StreamChunk[],
  shape: InboundShape,
  guardrails: CompiledGuardrails,
): Promise<{ chunks: StreamChunk[]; exchange: Exchange }> {
  const exchange = exchangeIn(shape);
  const guard = new StreamGuard(exchange, new Screening(guardrails));
  const out: StreamChunk[] = [];
  for (const chunk of chunks) out.push(...(await guard.take([chunk])));
  out.push(...(await guard.finish()));
  return { chunks: out, exchange };
}

const textDelta = (text: string): StreamChunk => ({ events: [{ type: 'text-delta', choice: 0, text }] });

function textOf(chunks: readonly StreamChunk[]): string {
  let text = '';
  for (const { events } of chunks)
    for (const event of events) if (event.type === 'text-delta') text += event.text;
  return text;
}

function read(reader: StreamReader, events: readonly object[]): StreamChunk[] {
  return events.map((event) =>
    reader.read({ event: (event as { type: string }).type, data: JSON.stringify(event) }),
  );
}

function written(shape: InboundShape, chunks: readonly StreamChunk[]): string {
  const writer = shape.streamWriter(FACTS);
  return chunks.map((chunk) => writer.write(chunk)).join('') + writer.finish() + writer.endMark();
}

const pieces = (text: string, size: number): string[] => text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];

describe('in OpenAI’s Responses shape', () => {
  const events = (text: string): object[] => {
    const item = { id: 'msg_1', type: 'message', role: 'assistant' };
    const content = { type: 'output_text', text, annotations: [], logprobs: [] };
    const whole = { ...item, status: 'completed', content: [content] };
    const response = { id: 'resp_1', model: 'm-1', created_at: 5, status: 'completed', output: [whole] };
    return [
      { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
      { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
      ...pieces(text, 7).map((delta) => ({
        type: 'response.output_text.delta',
        item_id: 'msg_1',
        output_index: 0,
        content_index: 0,
        delta,
        logprobs: [{ token: delta }],
      })),
      { type: 'response.output_text.done', item_id: 'msg_1', output_index: 0, content_index: 0, text },
      { type: 'response.output_item.done', output_index: 0, item: whole },
      { type: 'response.completed', response },
    ];
  };

  it('the events that repeat the text are changed with it, identifiers stay', async () => {
    const chunks = read(new ResponsesStreamReader('v'), events(`write to ${MAIL} today`));
    const { chunks: out, exchange } = await guarded(chunks, openaiResponsesInbound, compiled);
    const text = written(openaiResponsesInbound, out);
    expect(text).not.toContain('ann.smith');
    expect(text).not.toContain('example.org');
    expect(text.match(/write to <EMAIL_ADDRESS> today/g)?.length).toBeGreaterThanOrEqual(3);
    expect(text.match(/"resp_1"/g)?.length).toBe(2);
    expect(exchange.findings).toMatchObject([{ type: 'EMAIL_ADDRESS', place: 'choices[0].text', start: 9 }]);
  });

  it('a clean stream goes out byte by byte', async () => {
    const chunks = read(new ResponsesStreamReader('v'), events(`nothing to see here ${FILLER}`));
    const { chunks: out } = await guarded(chunks, openaiResponsesInbound, compiled);
    expect(out).toEqual(chunks);
  });
});

describe('in Anthropic’s shape', () => {
  const events = (text: string, argument: string): object[] => [
    {
      type: 'message_start',
      message: { id: 'msg_1', model: 'm', usage: { input_tokens: 1, output_tokens: 0 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...pieces(text, 9).map((piece) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: piece },
    })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'content_block_start',
      index: 1,
      content_block: { type: 'tool_use', id: 't1', name: 'mail', input: {} },
    },
    ...pieces(argument, 5).map((piece) => ({
      type: 'content_block_delta',
      index: 1,
      delta: { type: 'input_json_delta', partial_json: piece },
    })),
    { type: 'content_block_stop', index: 1 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  ];

  it('text and arguments are changed inside their own blocks, in their order', async () => {
    const chunks = read(new AnthropicStreamReader('v'), events(`mail ${MAIL} now`, `{"to":"${MAIL}"}`));
    const { chunks: out, exchange } = await guarded(chunks, anthropicMessagesInbound, compiled);
    const text = written(anthropicMessagesInbound, out);
    expect(text).not.toContain('example.org');
    const kinds = [...text.matchAll(/^event: (\S+)/gm)].map((match) => match[1]);
    expect(kinds.filter((kind) => kind !== 'content_block_delta')).toEqual([
      'message_start',
      'content_block_start',
      'content_block_stop',
      'content_block_start',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    const deltas = [...text.matchAll(/"(?:text|partial_json)":"((?:[^"\\]|\\.)*)"\}/g)].map(
      (match) => match[1],
    );
    expect(deltas.join('')).toContain('mail <EMAIL_ADDRESS> now');
    expect(deltas.join('')).toContain('{\\"to\\":\\"<EMAIL_ADDRESS>\\"}');
    expect(exchange.findings.map(({ place }) => place)).toEqual([
      'choices[0].text',
      'choices[0].tool_calls[0].arguments',
    ]);
  });
});

describe('cut anywhere', () => {
  it('a clean stream loses and moves nothing, whatever its chunks', async () => {
    const text = FILLER.repeat(12);
    for (const size of [1, 3, 17, 200, 5000]) {
      const { chunks } = await guarded(pieces(text, size).map(textDelta), openaiChatInbound, compiled);
      expect(textOf(chunks)).toBe(text);
      expect(chunks).toHaveLength(Math.ceil(text.length / size));
    }
  });

  const sample = process.env['BINNACLE_EVERY_CUT'] === undefined ? 8 : 1;
  it.skipIf(!existsSync(DATA))(
    `each finding of the test set is caught at every cut (one row in ${sample})`,
    async () => {
      const small: CompiledGuardrails = { ...compiled, windowTokens: 16 };
      const rows = readFileSync(DATA, 'utf8').trimEnd().split('\n');
      let cuts = 0;
      let found = 0;
      for (let row = 0; row < rows.length; row += sample) {
        const { text } = JSON.parse(rows[row] as string) as { text: string };
        const whole = `${FILLER.slice(0, 90)}${text} ${FILLER.slice(0, 60)}`;
        const verdict = await scanText(compiled.output, { text: whole, direction: 'output' });
        if (verdict.findings.length === 0) continue;
        found += verdict.findings.length;
        const expected = redactText(whole, verdict.findings);
        for (let cut = 90; cut <= 90 + text.length; cut += 1) {
          const chunks = [textDelta(whole.slice(0, cut)), textDelta(whole.slice(cut))];
          const out = await guarded(chunks, openaiChatInbound, small);
          if (textOf(out.chunks) !== expected)
            expect([row, cut, textOf(out.chunks)]).toEqual([row, cut, expected]);
          cuts += 1;
        }
        const single = await guarded(whole.split('').map(textDelta), openaiChatInbound, small);
        expect(textOf(single.chunks)).toBe(expected);
      }
      expect(found).toBeGreaterThan(10);
      expect(cuts).toBeGreaterThan(500);
    },
    600_000,
  );
});

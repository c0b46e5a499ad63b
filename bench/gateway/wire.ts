// What load generator and mock upstream share: bodies of the sizes measured, and a reader for HTTP/1.1 answers on one connection.

export type Load = 'json-1.5k' | 'json-20k' | 'stream-40';

const LOREM = 'The quick brown fox jumps over the lazy dog and thinks about tokens, prices and prompts. ';

function text(bytes: number): string {
  return LOREM.repeat(Math.ceil(bytes / LOREM.length)).slice(0, bytes);
}

/** What every request shows and whom it names, to a target that goes by them as to one that does not: an application's SDK always sends a key. */
export const BENCH_KEY = 'bnk_bench';
export const BENCH_USER = 'user-1';

/** In whose format a request is, for which model, and what else is in it. */
export interface BodyKind {
  readonly shape: 'openai' | 'anthropic';
  readonly model: string;
  /** A managed prompt of one variable, `question`, in the place of model and messages. */
  readonly prompt?: string;
  /** Each request asks something that was never asked before (default), or all the same. */
  readonly isNew?: boolean;
}

/** How much of a request's text is the application's own, the same in every request; the rest is its user's question. */
const OWN_SHARE = 2 / 3;

/** Stands in the question of a request; where each is new its number is written over it, so the length stays. */
export const NUMBER_MARK = '000000000000';

/** A request with so many bytes of text in it. */
function chatRequest({ shape, model, prompt }: BodyKind, stream: boolean, bytes: number): object {
  const named = { user: BENCH_USER };
  if (prompt !== undefined)
    return {
      stream,
      prompt: { id: prompt, variables: { question: `${NUMBER_MARK} ${text(bytes)}` } },
      ...named,
    };
  const own = Math.floor(bytes * OWN_SHARE);
  const system = `Answer. ${text(own)}`;
  const messages = [{ role: 'user', content: `${NUMBER_MARK} ${text(bytes - own)}` }];
  const metadata = { user_id: BENCH_USER };
  if (shape === 'anthropic') return { model, stream, max_tokens: 1000, system, messages, metadata };
  return { model, stream, messages: [{ role: 'system', content: system }, ...messages], ...named };
}

/** The chat request of a load, as JSON text. */
export function requestBody(load: Load, kind: BodyKind = { shape: 'openai', model: 'bench' }): string {
  const size = load === 'json-20k' ? 20_000 : 1500;
  const whole = (bytes: number): string => JSON.stringify(chatRequest(kind, load === 'stream-40', bytes));
  return whole(size - whole(0).length);
}

/** The vendor's whole answer, of about `size` bytes. */
export function answerBody(size: number): string {
  return JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'bench-2024',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: text(size - 420), refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: {
      prompt_tokens: 360,
      completion_tokens: 250,
      total_tokens: 610,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
    system_fingerprint: 'fp_bench',
  });
}

/** The events of a stream: role, 40 pieces of content, finish, usage, end mark. */
export function streamEvents(): readonly string[] {
  const head =
    '"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"bench-2024"';
  const event = (delta: string, finish: string): string =>
    `data: {${head},"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}]}\n\n`;
  const pieces = Array.from({ length: 40 }, (_, index) =>
    event(`{"content":" token number ${index}"}`, 'null'),
  );
  const usage = `data: {${head},"choices":[],"usage":{"prompt_tokens":360,"completion_tokens":250,"total_tokens":610}}\n\n`;
  return [
    event('{"role":"assistant","content":""}', 'null'),
    ...pieces,
    event('{}', '"stop"'),
    usage,
    'data: [DONE]\n\n',
  ];
}

/** The same answer as Anthropic's vendor gives it. */
export function anthropicAnswerBody(size: number): string {
  return JSON.stringify({
    id: 'msg_bench',
    type: 'message',
    role: 'assistant',
    model: 'bench-2024',
    content: [{ type: 'text', text: text(size - 420) }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 360,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 250,
    },
  });
}

/** The events of Anthropic's stream with the same 40 pieces of content. */
export function anthropicStreamEvents(): readonly string[] {
  const event = (type: string, rest: string): string => `event: ${type}\ndata: {"type":"${type}"${rest}}\n\n`;
  const usage =
    '"usage":{"input_tokens":360,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1}';
  const pieces = Array.from({ length: 40 }, (_, index) =>
    event('content_block_delta', `,"index":0,"delta":{"type":"text_delta","text":" token number ${index}"}`),
  );
  return [
    event(
      'message_start',
      `,"message":{"id":"msg_bench","type":"message","role":"assistant","model":"bench-2024","content":[],"stop_reason":null,"stop_sequence":null,${usage}}`,
    ),
    event('content_block_start', ',"index":0,"content_block":{"type":"text","text":""}'),
    ...pieces,
    event('content_block_stop', ',"index":0'),
    event(
      'message_delta',
      ',"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":250}',
    ),
    event('message_stop', ''),
  ];
}

/** Reads answers of one connection, one after another (no pipelining). */
export class AnswerReader {
  #left = -1;
  #head = '';
  status = 0;

  /** Takes bytes; true when the answer is whole. */
  take(bytes: Buffer): boolean {
    if (this.#left === -1) {
      this.#head += bytes.toString('latin1', 0, Math.min(bytes.length, 4096));
      const end = this.#head.indexOf('\r\n\r\n');
      if (end === -1) return false;
      const earlier = this.#head.length - Math.min(bytes.length, 4096);
      this.status = Number(this.#head.slice(9, 12));
      const length = /\r\ncontent-length: *(\d+)/i.exec(this.#head.slice(0, end))?.[1];
      this.#left = length === undefined ? -2 : Number(length) - (bytes.length - (end + 4 - earlier));
      this.#head = '';
    } else if (this.#left >= 0) this.#left -= bytes.length;
    const whole = this.#left === -2 ? endsChunked(bytes) : this.#left === 0;
    if (whole) this.#left = -1;
    return whole;
  }
}

/** Whether chunked bytes end with the last chunk, `0 CR LF CR LF`. */
function endsChunked(bytes: Buffer): boolean {
  const at = bytes.length - 5;
  return (
    at >= 0 &&
    bytes[at] === 0x30 &&
    bytes[at + 1] === 0x0d &&
    bytes[at + 4] === 0x0a &&
    (at === 0 || bytes[at - 1] === 0x0a)
  );
}

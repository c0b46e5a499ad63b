// Writes a tiny language model as a GGUF file: the llama architecture with random weights from a fixed seed and a vocabulary of its own
// (single letters and a few words). It says nothing sensible; it is there so that tests meet tokens, streams and usage of a model that
// nobody scripted. Format: the GGUF specification, version 3. Usage: node scripts/write-tiny-model.ts FILE
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { seededUniform } from '../src/statistics/seeded.ts';

const LAYERS = 2;
const WIDTH = 64;
const HEADS = 4;
const FEED_FORWARD = 128;
const CONTEXT = 512;
const ALIGNMENT = 32;

const TYPE = { uint32: 4, float32: 6, bool: 7, string: 8, array: 9, int32: 5 } as const;
const TOKEN = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;
const F32 = 0;

interface Vocabulary {
  readonly tokens: readonly string[];
  readonly scores: readonly number[];
  readonly types: readonly number[];
}

/** Control tokens, all bytes (so that any text can be read), letters, and some words that SentencePiece joins. */
function vocabulary(): Vocabulary {
  const entries: [string, number, number][] = [
    ['<unk>', 0, TOKEN.unknown],
    ['<s>', 0, TOKEN.control],
    ['</s>', 0, TOKEN.control],
  ];
  for (let byte = 0; byte < 256; byte += 1)
    entries.push([`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, 0, TOKEN.byte]);
  const pieces = [
    '▁',
    ...'abcdefghijklmnopqrstuvwxyz.,?!0123456789'.split(''),
    '▁the',
    '▁a',
    'he',
    'th',
    'in',
    'er',
    'an',
    '▁and',
  ];
  pieces.forEach((piece, rank) => entries.push([piece, -rank, TOKEN.normal]));
  return {
    tokens: entries.map(([token]) => token),
    scores: entries.map(([, score]) => score),
    types: entries.map(([, , type]) => type),
  };
}

class Writer {
  readonly #pieces: Buffer[] = [];
  length = 0;

  bytes(piece: Buffer): void {
    this.#pieces.push(piece);
    this.length += piece.length;
  }
  uint32(value: number): void {
    const piece = Buffer.alloc(4);
    piece.writeUInt32LE(value);
    this.bytes(piece);
  }
  uint64(value: number): void {
    const piece = Buffer.alloc(8);
    piece.writeBigUInt64LE(BigInt(value));
    this.bytes(piece);
  }
  float32(value: number): void {
    const piece = Buffer.alloc(4);
    piece.writeFloatLE(value);
    this.bytes(piece);
  }
  text(value: string): void {
    const piece = Buffer.from(value, 'utf8');
    this.uint64(piece.length);
    this.bytes(piece);
  }
  pad(): void {
    const over = this.length % ALIGNMENT;
    if (over > 0) this.bytes(Buffer.alloc(ALIGNMENT - over));
  }
  whole(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly fill: 'random' | 'ones';
}

function tensors(words: number): readonly Tensor[] {
  const random = (name: string, ...shape: number[]): Tensor => ({ name, shape, fill: 'random' });
  const ones = (name: string): Tensor => ({ name, shape: [WIDTH], fill: 'ones' });
  return [
    random('token_embd.weight', WIDTH, words),
    ...Array.from({ length: LAYERS }, (_, layer) => {
      const at = (name: string): string => `blk.${layer}.${name}.weight`;
      return [
        ones(at('attn_norm')),
        random(at('attn_q'), WIDTH, WIDTH),
        random(at('attn_k'), WIDTH, WIDTH),
        random(at('attn_v'), WIDTH, WIDTH),
        random(at('attn_output'), WIDTH, WIDTH),
        ones(at('ffn_norm')),
        random(at('ffn_gate'), WIDTH, FEED_FORWARD),
        random(at('ffn_up'), WIDTH, FEED_FORWARD),
        random(at('ffn_down'), FEED_FORWARD, WIDTH),
      ];
    }).flat(),
    ones('output_norm.weight'),
    random('output.weight', WIDTH, words),
  ];
}

function writeMetadata(writer: Writer, words: Vocabulary): void {
  const numbers: readonly (readonly [string, number])[] = [
    ['llama.context_length', CONTEXT],
    ['llama.embedding_length', WIDTH],
    ['llama.block_count', LAYERS],
    ['llama.feed_forward_length', FEED_FORWARD],
    ['llama.attention.head_count', HEADS],
    ['llama.attention.head_count_kv', HEADS],
    ['llama.rope.dimension_count', WIDTH / HEADS],
    ['llama.vocab_size', words.tokens.length],
    ['general.alignment', ALIGNMENT],
    ['tokenizer.ggml.unknown_token_id', 0],
    ['tokenizer.ggml.bos_token_id', 1],
    ['tokenizer.ggml.eos_token_id', 2],
  ];
  const texts: readonly (readonly [string, string])[] = [
    ['general.architecture', 'llama'],
    ['general.name', 'tiny random model for tests'],
    ['tokenizer.ggml.model', 'llama'],
  ];
  writer.uint64(numbers.length + texts.length + 1 + 3);
  for (const [key, value] of texts) {
    writer.text(key);
    writer.uint32(TYPE.string);
    writer.text(value);
  }
  for (const [key, value] of numbers) {
    writer.text(key);
    writer.uint32(TYPE.uint32);
    writer.uint32(value);
  }
  writer.text('llama.attention.layer_norm_rms_epsilon');
  writer.uint32(TYPE.float32);
  writer.float32(1e-5);
  const array = (key: string, type: number, count: number): void => {
    writer.text(key);
    writer.uint32(TYPE.array);
    writer.uint32(type);
    writer.uint64(count);
  };
  array('tokenizer.ggml.tokens', TYPE.string, words.tokens.length);
  for (const token of words.tokens) writer.text(token);
  array('tokenizer.ggml.scores', TYPE.float32, words.scores.length);
  for (const score of words.scores) writer.float32(score);
  array('tokenizer.ggml.token_type', TYPE.int32, words.types.length);
  for (const type of words.types) writer.uint32(type);
}

/** The bytes of the model; the same every time. */
export function tinyModel(): Buffer {
  const words = vocabulary();
  const all = tensors(words.tokens.length);
  const writer = new Writer();
  writer.bytes(Buffer.from('GGUF'));
  writer.uint32(3);
  writer.uint64(all.length);
  writeMetadata(writer, words);
  let offset = 0;
  for (const { name, shape } of all) {
    writer.text(name);
    writer.uint32(shape.length);
    for (const size of shape) writer.uint64(size);
    writer.uint32(F32);
    writer.uint64(offset);
    const bytes = 4 * shape.reduce((product, size) => product * size, 1);
    offset += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  }
  writer.pad();
  const random = seededUniform(7);
  for (const { shape, fill } of all) {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (let at = 0; at < values.length; at += 1) values[at] = fill === 'ones' ? 1 : (random() - 0.5) * 0.6;
    writer.bytes(Buffer.from(values.buffer));
    writer.pad();
  }
  return writer.whole();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const file = process.argv[2];
  if (file === undefined) {
    console.error('usage: node scripts/write-tiny-model.ts FILE');
    process.exitCode = 2;
  } else {
    writeFileSync(file, tinyModel());
  }
}

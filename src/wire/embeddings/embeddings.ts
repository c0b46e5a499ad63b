// Embeddings in OpenAI's format, both ways: vectors as numbers, or as base64 of little-endian 32-bit floats.
import { UpstreamError } from '../../contract/upstream-error.ts';
import type { UsageDetail } from '../../contract/usage.ts';
import {
  invalid,
  invalidValue,
  isRecord,
  optionalInteger,
  optionalString,
  parseOrUndefined,
  requireRecord,
  stringOf,
} from '../read-json.ts';
import { readChatUsage } from '../usage/chat.ts';

/** What a vendor is asked. */
export interface EmbeddingsInput {
  readonly inputs: readonly string[];
  readonly dimensions?: number;
  readonly endUser?: string;
}

/** What the application asked. */
export interface EmbeddingsCall extends EmbeddingsInput {
  readonly model: string;
  readonly encoding: 'float' | 'base64';
}

export interface EmbeddingsResult {
  readonly vectors: readonly (readonly number[])[];
  readonly model: string;
  readonly usage: UsageDetail | null;
}

const MAX_INPUTS = 2048;
const MAX_DIMENSIONS = 100_000;

function readInputs(value: unknown): readonly string[] {
  const inputs: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (inputs.length === 0) throw invalidValue('input', 'it is empty.');
  if (inputs.length > MAX_INPUTS) throw invalidValue('input', `it has more than ${MAX_INPUTS} texts.`);
  return inputs.map((item, index) => {
    const param = Array.isArray(value) ? `input[${index}]` : 'input';
    if (typeof item === 'number' || Array.isArray(item))
      throw invalidValue(param, 'token numbers are not supported: send texts.');
    if (typeof item !== 'string') throw invalid(param, 'a string or an array of strings', item);
    if (item === '') throw invalidValue(param, 'it is empty.');
    return item;
  });
}

/** Reads the body of `POST /v1/embeddings`. Throws a RequestError with `param`. */
export function readEmbeddingsRequest(value: unknown): EmbeddingsCall {
  const body = requireRecord(value, 'body');
  const model = optionalString(body['model'], 'model');
  if (model === undefined || model === '') throw invalid('model', 'a string', undefined);
  const encoding = optionalString(body['encoding_format'], 'encoding_format') ?? 'float';
  if (encoding !== 'float' && encoding !== 'base64')
    throw invalidValue('encoding_format', 'it must be float or base64.');
  const dimensions = optionalInteger(body['dimensions'], 'dimensions', 1, MAX_DIMENSIONS);
  const endUser = optionalString(body['user'], 'user');
  return {
    model,
    encoding,
    inputs: readInputs(body['input']),
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(endUser === undefined ? {} : { endUser }),
  };
}

/** The JSON text for a vendor. */
export function writeEmbeddingsRequest(request: EmbeddingsInput, upstreamModel: string): string {
  return JSON.stringify({
    model: upstreamModel,
    input: request.inputs,
    dimensions: request.dimensions,
    user: request.endUser,
    encoding_format: 'float',
  });
}

function badEmbeddings(provider: string, what: string): UpstreamError {
  return new UpstreamError({
    kind: 'bad_answer',
    provider,
    message: `${provider} answered with something that is not a list of embeddings: ${what}.`,
  });
}

function readVector(value: unknown, provider: string): readonly number[] {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'base64');
    if (bytes.length % 4 !== 0) throw badEmbeddings(provider, 'a vector is cut');
    return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
  }
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'number'))
    throw badEmbeddings(provider, 'a vector is not numbers');
  return value;
}

/** Reads a vendor's answer; vectors in the order of the inputs. Throws an UpstreamError `bad_answer`. */
export function readEmbeddingsResponse(text: string, expected: number, provider: string): EmbeddingsResult {
  const body = parseOrUndefined(text);
  if (!isRecord(body) || !Array.isArray(body['data'])) throw badEmbeddings(provider, 'it has no data');
  if (body['data'].length !== expected)
    throw badEmbeddings(provider, `it has ${body['data'].length} vectors for ${expected} texts`);
  const vectors: (readonly number[])[] = [];
  for (const [position, item] of body['data'].entries()) {
    if (!isRecord(item)) throw badEmbeddings(provider, 'an item is no object');
    const index = typeof item['index'] === 'number' ? item['index'] : position;
    if (!Number.isInteger(index) || index < 0 || index >= expected || vectors[index] !== undefined)
      throw badEmbeddings(provider, 'its indices are wrong');
    vectors[index] = readVector(item['embedding'], provider);
  }
  return { vectors, model: stringOf(body['model']) ?? '', usage: readChatUsage(body['usage']) };
}

/** The JSON text for the application. */
export function writeEmbeddingsResponse(result: EmbeddingsResult, encoding: 'float' | 'base64'): string {
  const data = result.vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding:
      encoding === 'base64' ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector,
  }));
  const used = result.usage?.usage;
  const tokens = used === undefined ? 0 : used.input + used.cache_read + used.cache_write;
  return JSON.stringify({
    object: 'list',
    data,
    model: result.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

// Google's `models/{model}:batchEmbedContents`: one request an input, vectors in their order. It reports no usage.
import type { UsageDetail } from '../../contract/usage.ts';
import { isRecord, listOf, parseOrUndefined } from '../read-json.ts';
import { readGoogleUsage } from '../usage/google.ts';
import { badAnswer, errorInside, errorObject } from './read-error.ts';

export interface GoogleEmbeddings {
  readonly vectors: readonly (readonly number[])[];
  readonly model: string;
  readonly usage: UsageDetail | null;
}

/** The JSON text of the request. */
export function writeEmbeddings(
  request: { readonly inputs: readonly string[]; readonly dimensions?: number },
  upstreamModel: string,
): string {
  return JSON.stringify({
    requests: request.inputs.map((text) => ({
      model: `models/${upstreamModel}`,
      content: { parts: [{ text }] },
      outputDimensionality: request.dimensions,
    })),
  });
}

/** Throws an UpstreamError for an error inside, a wrong number of vectors or a vector that is not numbers. */
export function readEmbeddings(text: string, expected: number, provider: string): GoogleEmbeddings {
  const body = parseOrUndefined(text);
  const error = errorObject(body);
  if (error !== undefined) throw errorInside(error, provider);
  const embeddings = isRecord(body) ? listOf(body['embeddings']) : [];
  if (embeddings.length !== expected)
    throw badAnswer(provider, `answered ${embeddings.length} vectors for ${expected} texts.`);
  const vectors = embeddings.map((each) => {
    const values = isRecord(each) ? each['values'] : undefined;
    if (!Array.isArray(values) || !values.every((value) => typeof value === 'number'))
      throw badAnswer(provider, 'answered with a vector that is not numbers.');
    return values;
  });
  return { vectors, model: '', usage: readGoogleUsage(isRecord(body) ? body['usageMetadata'] : undefined) };
}

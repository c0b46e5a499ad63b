// Embeddings as an exchange: each input becomes a user message, so that limits and guardrails see it; the answer is written as asked.
import type { CanonicalRequest } from '../contract/canonical.ts';
import type { EmbeddingsAnswer } from '../providers/provider.ts';
import { readEmbeddingsRequest, writeEmbeddingsResponse } from '../wire/embeddings/embeddings.ts';

const ENCODING = 'encoding_format';

/** Reads a parsed body. Throws a RequestError. */
export function readEmbeddings(body: unknown): {
  readonly request: CanonicalRequest;
  readonly dimensions: number | null;
} {
  const call = readEmbeddingsRequest(body);
  return {
    dimensions: call.dimensions ?? null,
    request: {
      shape: 'openai-chat',
      model: call.model,
      messages: call.inputs.map((text) => ({ role: 'user', parts: [{ type: 'text', text }] })),
      stream: false,
      metadata: {},
      extra: { [ENCODING]: call.encoding },
      ...(call.endUser === undefined ? {} : { endUser: call.endUser }),
    },
  };
}

export function writeEmbeddings(answer: EmbeddingsAnswer, request: CanonicalRequest): string {
  return writeEmbeddingsResponse(answer, request.extra[ENCODING] === 'base64' ? 'base64' : 'float');
}

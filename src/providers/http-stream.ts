// From an answer's bytes to batches of stream chunks. What arrived together stays together, so that it can be written together.
import type { CanonicalResponse, StreamChunk } from '../contract/canonical.ts';
import { UpstreamError } from '../contract/upstream-error.ts';
import { eventsOfResponse } from '../wire/events-of-response.ts';
import { SseDecoder } from '../wire/sse-decoder.ts';
import type { EventPayload, StreamReader } from '../wire/shape.ts';
import type { TransportAnswer } from './transport.ts';
import { asStreamError } from './transport-error.ts';

function readAll(payloads: readonly EventPayload[], reader: StreamReader): StreamChunk[] {
  const chunks: StreamChunk[] = [];
  for (const payload of payloads) {
    const chunk = reader.read(payload);
    if (chunk.events.length > 0 || chunk.native !== undefined) chunks.push(chunk);
  }
  return chunks;
}

async function pull(answer: TransportAnswer, provider: string): Promise<Uint8Array | null> {
  try {
    return await answer.next();
  } catch (error) {
    throw asStreamError(error, provider);
  }
}

/**
 * Reads a stream to its end. Throws an UpstreamError: of kind `cut_stream` when the bytes end before the vendor's end mark. Whoever
 * stops iterating early cancels the exchange.
 */
export async function* readStream(
  answer: TransportAnswer,
  reader: StreamReader,
  provider: string,
): AsyncGenerator<readonly StreamChunk[]> {
  const decoder = new SseDecoder();
  try {
    for (let bytes = await pull(answer, provider); bytes !== null; bytes = await pull(answer, provider)) {
      const chunks = readAll(decoder.push(bytes), reader);
      if (decoder.tooLarge)
        throw new UpstreamError({
          kind: 'bad_answer',
          provider,
          message: `${provider} sent a stream event that is too large.`,
        });
      if (chunks.length > 0) yield chunks;
    }
    const last = readAll(decoder.end(), reader);
    if (last.length > 0) yield last;
    reader.end();
  } finally {
    answer.cancel();
  }
}

/** A whole answer where a stream was asked for: some servers do not stream. Written out as one batch. */
export async function* wholeAsStream(response: CanonicalResponse): AsyncGenerator<readonly StreamChunk[]> {
  yield [{ events: eventsOfResponse(response) }];
}

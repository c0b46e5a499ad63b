// Holds a stream back until it has shown content: as long as nothing was sent, another deployment may still answer instead.
import { isContent, type StreamChunk } from '../contract/canonical.ts';
import type { PrimedStream } from './exchange.ts';

function showsContent(chunks: readonly StreamChunk[]): boolean {
  return chunks.some((chunk) => chunk.events.some(isContent));
}

/** Reads up to the first content or the end. Throws what the stream throws before that: the stream is then as if never begun. */
export async function primeStream(chunks: AsyncIterable<readonly StreamChunk[]>): Promise<PrimedStream> {
  const rest = chunks[Symbol.asyncIterator]();
  let held: readonly StreamChunk[] = [];
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return { held, rest };
    held = held.length === 0 ? next.value : [...held, ...next.value];
    if (showsContent(next.value)) return { held, rest };
  }
}

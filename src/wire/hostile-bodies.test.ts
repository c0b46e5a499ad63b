// Public hostile JSON as request bodies: each is read or refused with a 4xx, quickly, and nothing is polluted.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseBoundedJson } from '../kernel/bounded-json.ts';
import { RequestError } from '../kernel/errors.ts';
import { readEmbeddingsRequest } from './embeddings/embeddings.ts';
import { readChatRequest } from './openai-chat/read-request.ts';
import { openaiChatOutbound } from './openai-chat/outbound.ts';
import { readResponsesRequest } from './openai-responses/read-request.ts';
import { openaiResponsesOutbound } from './openai-responses/outbound.ts';

const PATH = '../shared/data/hostile.jsonl';

interface Row {
  readonly corpus: string;
  readonly name: string;
  readonly base64: string;
  readonly expect: string;
}

function jsonRows(): readonly Row[] {
  return readFileSync(PATH, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
    .filter((row) => row.corpus === 'json');
}

/** What becomes of a body: `parsed` or the status it is refused with. */
function outcome(read: () => unknown): string {
  try {
    read();
    return 'parsed';
  } catch (error) {
    if (error instanceof RequestError) return String(error.httpStatus);
    throw error;
  }
}

describe.skipIf(!existsSync(PATH))('hostile JSON', () => {
  const rows = existsSync(PATH) ? jsonRows() : [];

  it('parses as the suite expects', () => {
    expect(rows.length).toBeGreaterThan(300);
    for (const row of rows) {
      const said = outcome(() => parseBoundedJson(Buffer.from(row.base64, 'base64')));
      if (row.expect === 'accept') expect(said, row.name).toBe('parsed');
      if (row.expect === 'reject') expect(said, row.name).toBe('400');
    }
  });

  it('is refused with a 4xx as a whole body and survives as a part of one', () => {
    const started = performance.now();
    for (const row of rows) {
      const bytes = Buffer.from(row.base64, 'base64');
      const readers = [readChatRequest, readResponsesRequest, readEmbeddingsRequest];
      for (const read of readers)
        expect(
          outcome(() => read(parseBoundedJson(bytes))),
          row.name,
        ).toMatch(/^4\d\d$/);
      const inside = Buffer.concat([
        Buffer.from('{"model":"m","input":"x","messages":[{"role":"user","content":"x"}],"odd":'),
        bytes,
        Buffer.from('}'),
      ]);
      outcome(() => openaiChatOutbound.writeRequest(readChatRequest(parseBoundedJson(inside)), 'm'));
      outcome(() =>
        openaiResponsesOutbound.writeRequest(readResponsesRequest(parseBoundedJson(inside)), 'm'),
      );
    }
    expect(performance.now() - started).toBeLessThan(5000);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

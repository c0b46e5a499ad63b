// Embeddings both ways: order, encodings, and what is refused.
import { describe, expect, it } from 'vitest';
import {
  readEmbeddingsRequest,
  readEmbeddingsResponse,
  writeEmbeddingsRequest,
  writeEmbeddingsResponse,
} from './embeddings.ts';

describe('embeddings', () => {
  it('reads one text or many, and names what is wrong', () => {
    expect(readEmbeddingsRequest({ model: 'm', input: 'a' })).toEqual({
      model: 'm',
      encoding: 'float',
      inputs: ['a'],
    });
    expect(readEmbeddingsRequest({ model: 'm', input: ['a', 'b'], dimensions: 8, user: 'u' })).toMatchObject({
      inputs: ['a', 'b'],
      dimensions: 8,
      endUser: 'u',
    });
    const wrong: readonly (readonly [unknown, string])[] = [
      [{ input: 'a' }, 'model'],
      [{ model: 'm' }, 'input'],
      [{ model: 'm', input: [] }, 'input'],
      [{ model: 'm', input: ['a', ''] }, 'input[1]'],
      [{ model: 'm', input: [1, 2] }, 'input[0]'],
      [{ model: 'm', input: 'a', dimensions: 0 }, 'dimensions'],
      [{ model: 'm', input: 'a', encoding_format: 'int8' }, 'encoding_format'],
    ];
    for (const [body, param] of wrong)
      expect(() => readEmbeddingsRequest(body)).toThrow(
        expect.objectContaining({ param, httpStatus: 400 }) as Error,
      );
  });

  it('keeps vectors in the order of the texts, as numbers and as base64', () => {
    expect(JSON.parse(writeEmbeddingsRequest({ inputs: ['a', 'b'] }, 'up'))).toEqual({
      model: 'up',
      input: ['a', 'b'],
      encoding_format: 'float',
    });
    const base64 = Buffer.from(Float32Array.of(0.5, -2).buffer).toString('base64');
    const text = JSON.stringify({
      data: [
        { index: 1, embedding: base64 },
        { index: 0, embedding: [1, 2] },
      ],
      model: 'up',
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
    const answer = readEmbeddingsResponse(text, 2, 'p');
    expect(answer.vectors).toEqual([
      [1, 2],
      [0.5, -2],
    ]);
    expect(answer.usage?.usage.input).toBe(3);
    const written = JSON.parse(writeEmbeddingsResponse(answer, 'base64')) as {
      data: { embedding: string }[];
    };
    expect(written.data[1]?.embedding).toBe(base64);
    expect(JSON.parse(writeEmbeddingsResponse(answer, 'float'))).toMatchObject({
      object: 'list',
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
  });

  it.each([
    '<html>',
    '{}',
    '{"data":[]}',
    '{"data":[{"index":5,"embedding":[1]}]}',
    '{"data":[{"embedding":["x"]}]}',
  ])('refuses %s', (text) => {
    expect(() => readEmbeddingsResponse(text, 1, 'p')).toThrow(
      expect.objectContaining({ kind: 'bad_answer' }) as Error,
    );
  });
});

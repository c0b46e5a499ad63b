// Answers that came compressed although nobody asked for it: decompressed as they come, with a bound (16 KB can become 512 MB).
import { PassThrough, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { TooLargeError } from './http-exchange.ts';

/** A content coding that is not known. */
export class UnknownEncodingError extends Error {
  override readonly name = 'UnknownEncodingError';
}

function decoderOf(encoding: string): Transform {
  switch (encoding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress();
    default:
      throw new UnknownEncodingError(`content encoding "${encoding.slice(0, 40)}" is not known`);
  }
}

async function* pulled(pull: () => Promise<Uint8Array | null>): AsyncGenerator<Uint8Array> {
  for (let bytes = await pull(); bytes !== null; bytes = await pull()) yield bytes;
}

/** A pull of decompressed bytes from a pull of compressed ones; throws TooLargeError beyond `maxBytes`. */
export function decompressed(
  pull: () => Promise<Uint8Array | null>,
  encoding: string,
  maxBytes: number,
): () => Promise<Uint8Array | null> {
  const decoder = decoderOf(encoding);
  const source = Readable.from(pulled(pull), { objectMode: false });
  const output = new PassThrough();
  source.on('error', (error) => output.destroy(error));
  decoder.on('error', (error) => output.destroy(error));
  source.pipe(decoder).pipe(output);
  const iterator = output[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let size = 0;
  return async () => {
    const step = await iterator.next();
    if (step.done === true) return null;
    size += step.value.byteLength;
    if (size <= maxBytes) return step.value;
    source.destroy();
    decoder.destroy();
    throw new TooLargeError(`more than ${maxBytes} bytes once decompressed`);
  };
}

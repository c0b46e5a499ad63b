// Reads a request's body within bounds: bytes on the wire, bytes after decompression, and the time it may take (the server's own
// request timeout). Then parses it as JSON.
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import type { IncomingMessage } from 'node:http';
import { parseBoundedJson } from '../kernel/bounded-json.ts';
import { RequestError } from '../kernel/errors.ts';

const MAX_DEPTH = 128;
/** From here on parsing gets a turn of the event loop of its own. */
const BIG_BODY = 256 * 1024;
/** `[1,1,1…` costs far more to parse than text of the same length: what a request may hold of it. */
const MAX_VALUES = 500_000;

type Decompress = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const DECOMPRESS: Readonly<Record<string, Decompress>> = {
  gzip: promisify(gunzip) as Decompress,
  'x-gzip': promisify(gunzip) as Decompress,
  deflate: promisify(inflate) as Decompress,
  br: promisify(brotliDecompress) as Decompress,
  zstd: promisify(zstdDecompress) as Decompress,
};

function tooLarge(maxBytes: number): RequestError {
  return new RequestError({
    code: 'body_too_large',
    message: `The body is larger than the ${maxBytes} bytes this gateway accepts.`,
    httpStatus: 413,
  });
}

/** The body's bytes as they came. Rejects with 413 as soon as the bound is passed, whatever the length header said. */
function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let more: Buffer[] | undefined;
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        request.pause();
        reject(tooLarge(maxBytes));
      } else if (first === undefined) first = chunk;
      else (more ??= [first]).push(chunk);
    });
    request.on('end', () =>
      resolve(more === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(more, bytes)),
    );
    request.on('error', (cause) =>
      reject(
        new RequestError({ code: 'body_cut', message: 'The connection closed inside the body.', cause }),
      ),
    );
  });
}

async function decompressed(body: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  const decompress = DECOMPRESS[encoding];
  if (decompress === undefined) {
    throw new RequestError({
      code: 'unsupported_encoding',
      message: `Content-Encoding "${encoding.slice(0, 40)}" is not supported; use gzip, deflate, br or zstd.`,
      httpStatus: 415,
    });
  }
  try {
    return await decompress(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new RequestError({ code: 'bad_encoding', message: `The body is not valid ${encoding}.`, cause });
  }
}

/** Refuses bodies that are cheap to send and dear to parse: counts commas, up to the bound, with the engine's fast search. */
function refuseDense(body: Buffer): void {
  let commas = 0;
  for (let at = body.indexOf(0x2c); at !== -1; at = body.indexOf(0x2c, at + 1)) {
    commas += 1;
    if (commas > MAX_VALUES) {
      throw new RequestError({
        code: 'too_many_values',
        message: `The body holds more than ${MAX_VALUES} values; send fewer in one request.`,
        httpStatus: 413,
      });
    }
  }
}

/** The parsed JSON body and its size in bytes after decompression. Throws a RequestError. */
export async function readJsonBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ readonly value: unknown; readonly bytes: number }> {
  let body = await readBytes(request, maxBytes);
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity')
    body = await decompressed(body, encoding.toLowerCase().trim(), maxBytes);
  if (body.length > BIG_BODY) {
    refuseDense(body);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { value: parseBoundedJson(body, { maxBytes, maxDepth: MAX_DEPTH }), bytes: body.length };
}

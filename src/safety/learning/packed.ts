// Weights as text: base64 of little-endian bytes, so that they live in a JSON module that the build carries along like code.

/** Bytes of a base64 text. */
export function unpackBytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

/** Signed bytes times a scale. */
export function unpackScaled(base64: string, scale: number): Float32Array {
  const bytes = new Int8Array(unpackBytes(base64).buffer);
  const values = new Float32Array(bytes.length);
  for (let index = 0; index < bytes.length; index += 1) values[index] = (bytes[index] as number) * scale;
  return values;
}

/** Weights rounded to signed bytes, with the scale that gives them back. */
export function packScaled(values: ArrayLike<number>): { scale: number; data: string } {
  let largest = 0;
  for (let index = 0; index < values.length; index += 1)
    largest = Math.max(largest, Math.abs(values[index] as number));
  const scale = largest === 0 ? 1 : largest / 127;
  const bytes = new Int8Array(values.length);
  for (let index = 0; index < values.length; index += 1)
    bytes[index] = Math.round((values[index] as number) / scale);
  return { scale, data: Buffer.from(bytes.buffer).toString('base64') };
}

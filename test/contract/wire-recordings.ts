// Recorded answers of vendors (see ../shared/data/README.md), read where they are there.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Recording {
  readonly name: string;
  readonly provider: string;
  readonly kind: 'json' | 'stream';
  readonly body: string;
}

const PATH = fileURLToPath(new URL('../../../shared/data/wire.jsonl', import.meta.url));

/** Whether the recordings are there; suites made of them alone are skipped where they are not. */
export const hasRecordings = existsSync(PATH);

/** The recordings of a vendor; none, with a line saying so, where the data is not there. */
export function recordingsOf(provider: string): readonly Recording[] {
  if (!hasRecordings) {
    console.log(`skipped: no recorded answers at ${PATH}`);
    return [];
  }
  return readFileSync(PATH, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map(
      (line) => JSON.parse(line) as { path: string; provider: string; kind: 'json' | 'stream'; body: string },
    )
    .filter((row) => row.provider === provider)
    .map(({ path, ...row }) => ({ ...row, name: path.slice(path.lastIndexOf('/') + 1) }));
}

/** A recorded stream as the bytes a vendor sends: one payload a line, or server-sent events as they came. */
export function streamBytes(recording: Recording): Uint8Array {
  if (recording.name.endsWith('.sse')) return Buffer.from(recording.body);
  const events = recording.body
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((data) => `data: ${data}\n\n`);
  return new TextEncoder().encode(events.join(''));
}

// Where a running installation's log lines go: all of them into one file of bounded size, warnings and errors in short to the terminal.
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const MAX_BYTES = 16 * 1024 * 1024;

export interface LogFile {
  write(line: string): void;
}

/** Appends lines; at 16 MiB the file becomes `<path>.1` and a new one begins. A full disk loses log lines, never more. */
export function openLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return {
    write: (line) => {
      const text = line.endsWith('\n') ? line : `${line}\n`;
      try {
        if (bytes > MAX_BYTES) {
          renameSync(path, `${path}.1`);
          bytes = 0;
        }
        appendFileSync(path, text, { mode: 0o600 });
        bytes += Buffer.byteLength(text);
      } catch {
        // Logging must not take the supervisor down; `/healthz` and the spool's own errors tell of the disk.
      }
    },
  };
}

/** One short line for the terminal, or undefined for what only the file keeps. */
export function conciseLine(line: string, name: string): string | undefined {
  try {
    const entry = JSON.parse(line) as Record<string, unknown>;
    if (entry['level'] !== 'warn' && entry['level'] !== 'error') return undefined;
    const detail = typeof entry['error'] === 'string' ? ` (${entry['error'].split('\n')[0]})` : '';
    return `${name}: ${entry['level']}: ${String(entry['message'])}${detail}`;
  } catch {
    return `${name}: ${line.slice(0, 300)}`;
  }
}

// Logs are JSON lines on standard error. Callers hand over facts as fields; nothing here formats text from a request into a message.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Logger {
  log(level: LogLevel, message: string, fields?: LogFields): void;
}

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Writes each entry as one JSON line: `{time, level, process, message, …fields}`. */
export function jsonLogger(process: string, write: (line: string) => void, least: LogLevel = 'info'): Logger {
  return {
    log(level, message, fields) {
      if (RANK[level] < RANK[least]) return;
      write(`${JSON.stringify({ time: new Date().toISOString(), level, process, message, ...fields })}\n`);
    },
  };
}

/** Says nothing; for tests and pure runs. */
export const silentLogger: Logger = { log: () => undefined };

// What the doctor says: one line a check, and what to do where something is wrong.

export interface Finding {
  readonly check: string;
  /** `fault` makes the exit code 1, `warning` does not. */
  readonly state: 'ok' | 'warning' | 'fault';
  readonly detail: string;
  /** What to do; empty where all is well. */
  readonly advice: string;
}

export function ok(check: string, detail: string): Finding {
  return { check, state: 'ok', detail, advice: '' };
}

export function warning(check: string, detail: string, advice: string): Finding {
  return { check, state: 'warning', detail, advice };
}

export function fault(check: string, detail: string, advice: string): Finding {
  return { check, state: 'fault', detail, advice };
}

// What goes between the pool and its threads.
import type { Direction, ScanResult } from '../guardrail.ts';

export interface ScanJob {
  readonly id: number;
  readonly guardrail: string;
  /** Number of the configured guardrail. */
  readonly runner: number;
  /** Its options, with the first job of it that a thread gets. */
  readonly options?: unknown;
  readonly text: string;
  readonly direction: Direction;
  readonly context: string | null;
}

export type ScanReply =
  { readonly id: number; readonly result: ScanResult } | { readonly id: number; readonly error: string };

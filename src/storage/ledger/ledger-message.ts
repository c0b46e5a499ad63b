// What the console and the ledger process say to each other over the process channel.
import type { LedgerBatch, LedgerParams } from './ledger.ts';

export type LedgerCall =
  | { readonly kind: 'ingest'; readonly batch: LedgerBatch }
  | { readonly kind: 'query'; readonly sql: string; readonly params: LedgerParams }
  | { readonly kind: 'bytes'; readonly sql: string; readonly params: LedgerParams; readonly format: string }
  | { readonly kind: 'command'; readonly sql: string; readonly params: LedgerParams }
  | { readonly kind: 'memory' }
  | { readonly kind: 'close' };

export interface LedgerRequest {
  readonly number: number;
  readonly call: LedgerCall;
}

export type LedgerReply =
  | {
      readonly kind: 'ready';
      /** Migrations that this start applied. */ readonly migrated: readonly string[];
    }
  | { readonly kind: 'answer'; readonly number: number; readonly value: unknown }
  /** A part that the next start sets aside for those it was joined from; the sooner the better. */
  | { readonly kind: 'broken'; readonly part: string }
  | { readonly kind: 'failure'; readonly number: number; readonly message: string };

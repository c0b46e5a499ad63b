// What people and their tools are told, whatever the channel.

export interface Notification {
  /** The same id is the same notification, however often it arrives. */
  readonly id: string;
  /** `alert.fired`, `alert.resolved`, `runbook.notify`, `budget.warning`, … */
  readonly type: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly title: string;
  /** Plain text; a line or a few. */
  readonly text: string;
  /** UTC milliseconds. */
  readonly at: number;
  /** Facts for programs. */
  readonly facts: Readonly<Record<string, string | number | null>>;
}

/** A delivery that failed for now or for good. */
export type DeliveryOutcome =
  | { readonly status: 'delivered' }
  | { readonly status: 'failed'; readonly reason: string; readonly isRetryable: boolean };

// What failed attempts may still be billed: vendors that worked and whose usage never became known.
import type { Attempt } from '../contract/interaction.ts';
import { parseUsd, type Usd } from '../kernel/money.ts';

/** Failures after which the vendor may have generated (and may bill) all the same; `aborted`: nobody waited for it any more. */
const MAY_BE_BILLED: ReadonlySet<string> = new Set(['timeout', 'cut_stream', 'bad_answer', 'aborted']);

export function mayBeBilled(errorKind: string | null): boolean {
  return errorKind !== null && MAY_BE_BILLED.has(errorKind);
}

/** Sum of the reservations that failed attempts keep. */
export function keptUsd({ attempts }: { readonly attempts: readonly Attempt[] }): Usd {
  let sum = 0n;
  for (const { cost_usd, error_kind } of attempts)
    if (error_kind !== null && cost_usd !== null) sum += parseUsd(cost_usd);
  return sum;
}

// How long the ledger keeps what, as binnacle.yaml says.
import { readInstallation } from './installation.ts';
import { DAY_MS } from '../kernel/clock.ts';

export interface Retention {
  readonly retentionDays: number | null;
  readonly payloadRetentionDays: number | null;
  readonly feedbackRetentionDays: number | null;
}

/** Days (with fractions), null: for ever. Throws a UsageError where binnacle.yaml can't be read: nothing is deleted on a guess. */
export async function retentionOf(workspaceFolder: string): Promise<Retention> {
  const { interactions, payloads, feedback } = (await readInstallation(workspaceFolder)).settings.retention;
  const days = (milliseconds: number | undefined): number | null =>
    milliseconds === undefined ? null : milliseconds / DAY_MS;
  return {
    retentionDays: days(interactions),
    payloadRetentionDays: days(payloads ?? interactions),
    feedbackRetentionDays: days(feedback ?? interactions),
  };
}

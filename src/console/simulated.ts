// Which providers only replay recorded answers: whatever they answered is labelled simulated wherever it shows.
import type { Snapshot } from '../contract/snapshot.ts';

/** Names of the snapshot's simulated providers. */
export function simulatedProviders(snapshot: Snapshot | null): ReadonlySet<string> {
  const providers = Object.entries(snapshot?.providers ?? {});
  return new Set(providers.filter(([, provider]) => provider.simulated).map(([name]) => name));
}

// Overrides as they are kept: set by runbooks or people, each in the audit chain, ended by time or by hand. Who serves is told at once.
import { overrideSchema, type Override } from '../../contract/override.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { AuditStore, DocumentStore } from '../../storage/state/state.ts';

const COLLECTION = 'override';

export interface OverrideServices {
  readonly documents: DocumentStore;
  readonly audit: Pick<AuditStore, 'append'>;
  readonly clock: Clock;
  /** Compiles and publishes anew. */
  readonly republish: () => void;
}

export class Overrides {
  readonly #services: OverrideServices;
  #live: readonly Override[] = [];

  constructor(services: OverrideServices) {
    this.#services = services;
  }

  /** Those in force, as last read or set; for whoever compiles. */
  get live(): readonly Override[] {
    return this.#live;
  }

  /** Reads what is kept, ends what has run out. A scheduled job calls it; the start does too. */
  async refresh(): Promise<void> {
    const now = this.#services.clock.now();
    const documents = await this.#services.documents.list(COLLECTION, { limit: 1000 });
    const all = documents.map(({ id, body }) => ({ id, override: overrideSchema.parse(body) }));
    const ended = all.filter(({ override: { until } }) => until !== null && until <= now);
    for (const { id, override } of ended) await this.#end(id, override, 'clock');
    const live = all.filter((one) => !ended.includes(one)).map(({ override }) => override);
    const changed = JSON.stringify(live) !== JSON.stringify(this.#live);
    this.#live = live;
    if (changed) this.#services.republish();
  }

  /** Sets an override in place of one on the same thing. Idempotent. */
  async set(override: Override, actor: string): Promise<void> {
    const id = overrideId(override);
    const before = await this.#services.documents.get(COLLECTION, id);
    const same =
      before !== null && JSON.stringify(overrideSchema.parse(before.body)) === JSON.stringify(override);
    if (!same) {
      await this.#services.audit.append({
        actor,
        act: 'override.set',
        subject: id,
        details: { ...override },
      });
      await this.#services.documents.put(COLLECTION, id, override, 'live');
    }
    await this.refresh();
  }

  /** Takes one back; false where there is none. */
  async end(id: string, actor: string): Promise<boolean> {
    const document = await this.#services.documents.get(COLLECTION, id);
    if (document === null) return false;
    await this.#end(id, overrideSchema.parse(document.body), actor);
    await this.refresh();
    return true;
  }

  async #end(id: string, override: Override, actor: string): Promise<void> {
    await this.#services.documents.remove(COLLECTION, id);
    await this.#services.audit.append({
      actor,
      act: 'override.end',
      subject: id,
      details: { incident: override.incident },
    });
  }
}

/** Names what is overridden: of two overrides on one thing the later stands. */
export function overrideId(override: Override): string {
  if (override.kind === 'label') return `label:${override.prompt}:${override.label}`;
  return override.kind === 'model' ? `model:${override.model}` : 'sampling';
}

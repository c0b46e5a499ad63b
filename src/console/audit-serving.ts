// Into the audit chain: what gateways serve from now on, and each label that points to another version than before. Survives restarts:
// the last state told is kept in the state store, and a restart that changes nothing tells nothing.
import { z } from 'zod';
import type { Snapshot } from '../contract/snapshot.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import type { AuditAct } from '../storage/state/audit-chain.ts';
import type { StateStore } from '../storage/state/state.ts';

const COLLECTION = 'audit';
const ID = 'served';

const servedSchema = z.object({
  version: z.string(),
  /** `prompt/label` → version. */
  labels: z.record(z.string(), z.string()),
});
type Served = z.output<typeof servedSchema>;

export function servedOf(snapshot: Snapshot): Served {
  const labels = Object.entries(snapshot.prompts).flatMap(([prompt, { labels: own }]) =>
    Object.entries(own).map(([label, version]) => [`${prompt}/${label}`, version] as const),
  );
  return { version: snapshot.version, labels: Object.fromEntries(labels) };
}

/** What is to be told when `after` follows `before` (null: nothing was served yet). Pure. */
export function servingActs(before: Served | null, after: Served, commit: string | null): AuditAct[] {
  if (before?.version === after.version) return [];
  const acts: AuditAct[] = [
    {
      actor: 'workspace',
      act: 'workspace.serve',
      subject: after.version,
      details: { commit: commit ?? '', before: before?.version ?? '' },
    },
  ];
  if (before === null) return acts;
  for (const label of new Set([...Object.keys(before.labels), ...Object.keys(after.labels)])) {
    const from = before.labels[label] ?? null;
    const to = after.labels[label] ?? null;
    if (from === to) continue;
    acts.push({
      actor: 'workspace',
      act: 'label.change',
      subject: label,
      details: { from, to, commit: commit ?? '' },
    });
  }
  return acts;
}

export class AuditServing {
  readonly #state: Pick<StateStore, 'audit' | 'documents'>;
  readonly #logger: Logger;
  #turn: Promise<void> = Promise.resolve();

  constructor(state: Pick<StateStore, 'audit' | 'documents'>, logger: Logger) {
    this.#state = state;
    this.#logger = logger;
  }

  /** Tells of a snapshot that is served from now on; one after the other, failures are logged. */
  note(snapshot: Snapshot): Promise<void> {
    const after = servedOf(snapshot);
    this.#turn = this.#turn
      .then(() => this.#tell(after, snapshot.workspace.commit))
      .catch((error: unknown) =>
        this.#logger.log('error', 'a change of what is served is not in the audit chain', {
          error: messageOf(error),
        }),
      );
    return this.#turn;
  }

  async #tell(after: Served, commit: string | null): Promise<void> {
    const { audit, documents } = this.#state;
    const kept = servedSchema.safeParse((await documents.get(COLLECTION, ID))?.body);
    const acts = servingActs(kept.success ? kept.data : null, after, commit);
    if (acts.length === 0) return;
    for (const act of acts) await audit.append(act);
    await documents.put(COLLECTION, ID, after);
  }
}

// Incidents: opened once for what caused them, acknowledged and resolved by people or by what opened them; everything that happens to one is
// in its timeline. Writers compare revisions, so that two of them never undo each other.
import type { Incident } from '../../contract/api-monitoring.ts';
import { incidentSchema, incidentStatuses } from '../../contract/api-monitoring.ts';
import type { Clock } from '../../kernel/clock.ts';
import { RequestError } from '../../kernel/errors.ts';
import type { AuditStore, DocumentStore } from '../../storage/state/state.ts';

const COLLECTION = 'incident';

export type NewIncident = Pick<Incident, 'id' | 'title' | 'severity' | 'source' | 'prompt' | 'model'> & {
  /** First entry of its timeline. */
  readonly reason: string;
};

export interface TimelineEntry {
  /** The same id enters once. */
  readonly id: string;
  readonly actor: string;
  readonly type: string;
  readonly text: string;
}

export interface IncidentServices {
  readonly documents: DocumentStore;
  readonly audit: Pick<AuditStore, 'append'>;
  readonly clock: Clock;
}

export class Incidents {
  readonly #services: IncidentServices;

  constructor(services: IncidentServices) {
    this.#services = services;
  }

  /** Opens it; false where this very incident is there already. */
  async open(incident: NewIncident): Promise<boolean> {
    const now = this.#services.clock.now();
    const { reason, ...facts } = incident;
    const body: Incident = {
      ...facts,
      status: 'open',
      owner: '',
      opened_at: now,
      acknowledged_at: null,
      resolved_at: null,
      timeline: [{ id: 'opened', at: now, actor: facts.source.kind, type: 'opened', text: reason }],
      explanation: null,
      examples: { before: [], after: [] },
      runbooks: [],
    };
    return this.#services.documents.replace(COLLECTION, incident.id, 0, body, 'open');
  }

  async get(id: string): Promise<Incident | null> {
    const document = await this.#services.documents.get(COLLECTION, id);
    return document === null ? null : incidentSchema.parse(document.body);
  }

  /** Throws a RequestError (404) where there is none. */
  async require(id: string): Promise<Incident> {
    const incident = await this.get(id);
    if (incident !== null) return incident;
    throw new RequestError({
      code: 'unknown_incident',
      message: `There is no incident "${id.slice(0, 80)}".`,
      httpStatus: 404,
    });
  }

  /** Newest change first. */
  async list(filter: { status?: Incident['status']; limit?: number } = {}): Promise<Incident[]> {
    const documents = await this.#services.documents.list(COLLECTION, filter);
    return documents.map((document) => incidentSchema.parse(document.body));
  }

  /** Changes an incident as it is now; again where somebody else was faster. */
  async change(id: string, change: (incident: Incident) => Incident): Promise<Incident> {
    for (;;) {
      const document = await this.#services.documents.get(COLLECTION, id);
      if (document === null) return this.require(id);
      const before = incidentSchema.parse(document.body);
      const after = change(before);
      if (after === before) return before;
      if (await this.#services.documents.replace(COLLECTION, id, document.revision, after, after.status))
        return after;
    }
  }

  async note(id: string, entry: TimelineEntry): Promise<Incident> {
    return this.change(id, (incident) => withEntry(incident, entry, this.#services.clock.now()));
  }

  /** Acknowledges or resolves. Going back is refused, except that what was resolved may be opened again. */
  async move(
    id: string,
    status: Incident['status'],
    entry: TimelineEntry,
    owner?: string,
  ): Promise<Incident> {
    const now = this.#services.clock.now();
    const incident = await this.change(id, (before) => {
      if (before.timeline.some((one) => one.id === entry.id)) return before;
      assertMove(before, status);
      return {
        ...withEntry(before, entry, now),
        status,
        owner: owner ?? before.owner,
        acknowledged_at: status === 'acknowledged' ? (before.acknowledged_at ?? now) : before.acknowledged_at,
        resolved_at: status === 'resolved' ? (before.resolved_at ?? now) : null,
      };
    });
    await this.#services.audit.append({
      actor: entry.actor,
      act: `incident.${status}`,
      subject: id,
      details: { owner: incident.owner },
    });
    return incident;
  }
}

/** The incident with one more entry; itself where the entry is in it. */
export function withEntry(incident: Incident, entry: TimelineEntry, now: number): Incident {
  if (incident.timeline.some((one) => one.id === entry.id)) return incident;
  return { ...incident, timeline: [...incident.timeline, { ...entry, at: now }] };
}

function assertMove(incident: Incident, status: Incident['status']): void {
  const [from, to] = [incidentStatuses.indexOf(incident.status), incidentStatuses.indexOf(status)];
  const reopened = incident.status === 'resolved' && status === 'open';
  if (to > from || reopened) return;
  throw new RequestError({
    code: 'incident_status',
    message: `The incident is ${incident.status} already.`,
    httpStatus: 409,
  });
}

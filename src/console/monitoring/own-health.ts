// Binnacle's own health as an alert: a fault that stays (a wedged job, a spool that grows, a ledger that is down) opens an
// incident and tells every channel; when it is gone the incident closes. It runs apart from the jobs it watches.
import type { Clock } from '../../kernel/clock.ts';
import type { Outbox } from '../notifications/outbox.ts';
import type { Incidents } from './incidents.ts';

/** Something wrong, under a name that stays the same while its text counts seconds. */
export interface Fault {
  readonly name: string;
  readonly text: string;
  /** How long it must stay before it is told. Default: `HELD_MS`; less for what has lasted by what it is. */
  readonly heldMs?: number;
}

export interface OwnHealthServices {
  readonly clock: Clock;
  readonly incidents: Incidents;
  readonly outbox: Outbox;
  readonly faults: () => Promise<readonly Fault[]>;
}

/** Long enough that a restart tells nobody, short enough to be told within a minute. */
const HELD_MS = 25_000;

export class OwnHealth {
  readonly #services: OwnHealthServices;
  /** When each present fault was first seen: of the wall clock to name it, and of the steady one to measure by. */
  readonly #since = new Map<string, { readonly at: number; readonly steady: number }>();
  readonly #told = new Map<string, string>();

  constructor(services: OwnHealthServices) {
    this.#services = services;
  }

  /** Names of faults held long enough to be told. */
  get told(): readonly string[] {
    return [...this.#told.keys()];
  }

  async look(): Promise<void> {
    const { clock, faults } = this.#services;
    const [now, steady] = [clock.now(), clock.monotonic()];
    const present = await faults();
    for (const fault of present) {
      const since = this.#since.get(fault.name) ?? { at: now, steady };
      this.#since.set(fault.name, since);
      const isHeld = steady - since.steady >= (fault.heldMs ?? HELD_MS);
      if (isHeld && !this.#told.has(fault.name)) await this.#tell(fault, since.at, now);
    }
    for (const name of this.#since.keys()) {
      if (present.some((fault) => fault.name === name)) continue;
      this.#since.delete(name);
      await this.#end(name, now);
    }
  }

  async #tell({ name, text }: Fault, since: number, now: number): Promise<void> {
    const { incidents, outbox } = this.#services;
    const id = `inc_${since.toString(16).padStart(12, '0')}_health-${name.replaceAll(/[^a-z0-9]+/gi, '-')}`;
    await incidents.open({
      id,
      title: `Binnacle: ${name}`,
      severity: 'critical',
      source: { kind: 'health', name, subject: '', metric: '' },
      prompt: '',
      model: '',
      reason: text,
    });
    await outbox.putToAll({
      id: `health:${id}`,
      type: 'health.fault',
      severity: 'critical',
      title: `Binnacle: ${name}`,
      text,
      at: now,
      facts: { incident: id, fault: name },
    });
    this.#told.set(name, id);
  }

  async #end(name: string, now: number): Promise<void> {
    const id = this.#told.get(name);
    if (id === undefined) return;
    this.#told.delete(name);
    const { incidents, outbox } = this.#services;
    const incident = await incidents.require(id);
    if (incident.status !== 'resolved')
      await incidents.move(id, 'resolved', {
        id: 'healthy',
        actor: 'health',
        type: 'resolved',
        text: 'The fault is gone.',
      });
    await outbox.putToAll({
      id: `health:${id}:ended`,
      type: 'health.resolved',
      severity: 'info',
      title: `Binnacle: ${name} is over`,
      text: 'The fault is gone.',
      at: now,
      facts: { incident: id, fault: name },
    });
  }
}

// The keys of an installation as the console holds them: creates, rotates, revokes and recognises them. Every change is in the audit chain
// and in the snapshot that gateways serve from before the caller hears of it.
import type { z } from 'zod';
import type { keyCreateSchema } from '../contract/keys.ts';
import type { KeySnapshot, Snapshot } from '../contract/snapshot.ts';
import type { Clock } from '../kernel/clock.ts';
import { RequestError, UsageError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { hashApiKey, hasRole, newApiKey } from '../limits/api-key.ts';
import type { AuditStore, KeyRecord, KeyStore } from '../storage/state/state.ts';
import type { Scope } from './scope.ts';

export interface KeyRingParts {
  readonly store: KeyStore;
  readonly audit: Pick<AuditStore, 'append'>;
  readonly clock: Clock;
  /** The installation's secret; made on first use. */
  readonly secret: () => string;
  /** Puts the keys of this moment into the snapshot. */
  readonly publish: () => Promise<void>;
  /** Names a scope may hold. */
  readonly served: () => Snapshot | null;
}

export interface IssuedKey {
  readonly record: KeyRecord;
  /** The key itself. */
  readonly key: string;
}

/**
 * A key as gateways get it. A revoked one stays as one that has expired: with it the gateway knows that keys are defined, and a revoked
 * last key does not open the door.
 */
export function keySnapshot(record: KeyRecord): KeySnapshot {
  const { id, name, hash, expiresAt, revokedAt, prompts, models, routes, roles } = record;
  return { id, name, hash, expiresAt: revokedAt ?? expiresAt, prompts, models, routes, roles };
}

export class KeyRing {
  readonly #parts: KeyRingParts;
  #byHash: ReadonlyMap<string, KeyRecord> = new Map();

  constructor(parts: KeyRingParts) {
    this.#parts = parts;
  }

  /** All keys as they go into the snapshot; what `scopeOf` recognises is refreshed with them. */
  async snapshots(): Promise<KeySnapshot[]> {
    const records = await this.#parts.store.list();
    this.#byHash = new Map(records.map((record) => [record.hash, record]));
    return records.map(keySnapshot);
  }

  /** What a key may see over the console API; undefined for an unknown, ended or not allowed one. */
  scopeOf(key: string): Scope | undefined {
    if (this.#byHash.size === 0) return undefined;
    const record = this.#byHash.get(hashApiKey(key, this.#parts.secret()));
    if (record === undefined || !this.#isLive(record) || !hasRole(record, 'read')) return undefined;
    return { kind: 'keys', keys: [record.id], prompts: record.prompts, models: record.models };
  }

  list(): Promise<KeyRecord[]> {
    return this.#parts.store.list();
  }

  async create(wanted: z.output<typeof keyCreateSchema>): Promise<IssuedKey> {
    const { store, audit, clock, secret } = this.#parts;
    const now = clock.now();
    const expiresAt = wanted.expires_at === null ? null : Date.parse(wanted.expires_at);
    if (expiresAt !== null && expiresAt <= now)
      throw new UsageError('expires_at lies in the past.', 'expires_at');
    this.#checkNames(wanted);
    const taken = (await store.list()).some(
      (record) => record.name === wanted.name && record.revokedAt === null,
    );
    if (taken)
      throw new RequestError({
        code: 'name_taken',
        message: `There is a live key named "${wanted.name}": rotate or revoke it, or choose another name.`,
        httpStatus: 409,
        param: 'name',
      });
    const key = newApiKey();
    const { name, owner, prompts, models, routes, roles } = wanted;
    const id = newId('key', now);
    const record: KeyRecord = {
      id,
      name,
      owner,
      prompts,
      models,
      routes,
      roles,
      expiresAt,
      hash: hashApiKey(key, secret()),
      createdAt: now,
      revokedAt: null,
    };
    await store.create(record);
    const details = { name, prompts, models, routes, roles, expires_at: wanted.expires_at };
    await audit.append({ actor: 'admin', act: 'key.create', subject: id, details });
    await this.#parts.publish();
    return { record, key };
  }

  /** Puts a new key in the place of the old one, which ends at once. */
  async rotate(idOrName: string): Promise<IssuedKey> {
    const { store, audit, secret } = this.#parts;
    const record = await this.#live(idOrName);
    const key = newApiKey();
    const hash = hashApiKey(key, secret());
    if (!(await store.replaceHash(record.id, hash))) throw unknownKey(idOrName);
    await audit.append({ actor: 'admin', act: 'key.rotate', subject: record.id, details: {} });
    await this.#parts.publish();
    return { record: { ...record, hash }, key };
  }

  async revoke(idOrName: string): Promise<KeyRecord> {
    const { store, audit, clock } = this.#parts;
    const record = await this.#live(idOrName);
    const at = clock.now();
    if (!(await store.revoke(record.id, at))) throw unknownKey(idOrName);
    await audit.append({ actor: 'admin', act: 'key.revoke', subject: record.id, details: {} });
    await this.#parts.publish();
    return { ...record, revokedAt: at };
  }

  async #live(idOrName: string): Promise<KeyRecord> {
    const records = await this.#parts.store.list();
    const found = records.find(
      (record) => (record.id === idOrName || record.name === idOrName) && record.revokedAt === null,
    );
    if (found === undefined) throw unknownKey(idOrName);
    return found;
  }

  #isLive({ expiresAt, revokedAt }: KeyRecord): boolean {
    return revokedAt === null && (expiresAt === null || expiresAt > this.#parts.clock.now());
  }

  /** A scope that names nothing would look like a narrow key and be a useless one. */
  #checkNames(wanted: z.output<typeof keyCreateSchema>): void {
    const snapshot = this.#parts.served();
    if (snapshot === null) return;
    const known = {
      prompts: Object.keys(snapshot.prompts),
      models: Object.keys(snapshot.models),
      routes: snapshot.routing.map(({ name }) => name),
    };
    for (const kind of ['prompts', 'models', 'routes'] as const)
      for (const name of wanted[kind])
        if (!known[kind].includes(name))
          throw new UsageError(
            `There is no ${kind.slice(0, -1)} "${name}" in the workspace.${didYouMean(name, known[kind])}`,
            kind,
          );
  }
}

function unknownKey(idOrName: string): RequestError {
  return new RequestError({
    code: 'unknown_key',
    message: `There is no live key "${idOrName}"; "binnacle key list" shows all.`,
    httpStatus: 404,
    param: 'id',
  });
}

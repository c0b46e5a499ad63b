// Checkpoints of the running installation's audit chain: signed and put into the workspace's Git on a schedule, read back to verify.
import type { Logger } from '../kernel/logger.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Clock } from '../kernel/clock.ts';
import type { AuditVerdict } from '../storage/state/audit-chain.ts';
import { openAuditKey, sealCheckpoint, type AuditKey } from '../storage/state/audit-seal.ts';
import { verifyCheckpointed } from '../storage/state/checkpointed-chain.ts';
import type { AuditStore } from '../storage/state/state.ts';
import { readAuditRefs, writeAuditRef } from '../workspace/git/audit-ref.ts';
import { openRepository } from '../workspace/git/repository.ts';

export interface AuditCheckpointsOptions {
  readonly audit: AuditStore;
  readonly workspaceFolder: string;
  /** The private key's file; made when missing. */
  readonly keyPath: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class AuditCheckpoints {
  readonly #options: AuditCheckpointsOptions;
  readonly #key: AuditKey;
  #lastSeq = 0;
  #chain: string | null = null;
  #toldMissing = false;

  constructor(options: AuditCheckpointsOptions) {
    this.#options = options;
    this.#key = openAuditKey(options.keyPath);
  }

  /** Signs the chain's newest entry and commits that, when there is a newer one than last time; says whether it did. */
  async take(): Promise<boolean> {
    const { audit, workspaceFolder, clock } = this.#options;
    const last = await audit.last();
    if (last === null || last.seq === this.#lastSeq) return false;
    const repository = await openRepository(workspaceFolder);
    if ('missing' in repository) return this.#tellMissing(repository.missing);
    this.#chain ??= await this.#firstHash();
    const line = sealCheckpoint(this.#key, {
      chain: this.#chain ?? last.hash,
      seq: last.seq,
      hash: last.hash,
      at: clock.now(),
    });
    await writeAuditRef(workspaceFolder, this.#key.fingerprint, this.#key.publicKey, line);
    this.#lastSeq = last.seq;
    return true;
  }

  /** As `take`, on the way out: what fails is logged. */
  async takeLast(): Promise<void> {
    try {
      await this.take();
    } catch (error) {
      this.#options.logger.log('warn', 'no last audit checkpoint', { error: messageOf(error) });
    }
  }

  async verify(): Promise<AuditVerdict> {
    const { audit, workspaceFolder } = this.#options;
    return verifyCheckpointed(() => audit.entries(), await readAuditRefs(workspaceFolder), this.#key);
  }

  async #firstHash(): Promise<string | null> {
    for await (const entry of this.#options.audit.entries()) return entry.hash;
    return null;
  }

  #tellMissing(reason: string): false {
    if (!this.#toldMissing)
      this.#options.logger.log('warn', 'the audit chain has no checkpoints outside of its database', {
        reason,
      });
    this.#toldMissing = true;
    return false;
  }
}

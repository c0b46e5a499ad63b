// A few sandbox processes kept warm: while one program runs, others run beside it and spent processes are replaced.
import { SandboxWorker, interpreterSnapshot } from './sandbox-worker.ts';
import type { Verdict } from './sandbox-worker.ts';

export class SandboxPool {
  readonly #size: number;
  readonly #idle: SandboxWorker[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #snapshot: Promise<Buffer> | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  /** Runs a program when a process is free. Rejects only where the sandbox itself can't start, and then at once from there on. */
  async run(source: string, deadlineMs: number): Promise<Verdict> {
    if (this.#busy >= this.#size) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    this.#busy += 1;
    try {
      this.#snapshot ??= interpreterSnapshot();
      const snapshot = await this.#snapshot;
      const worker = this.#idle.pop() ?? new SandboxWorker(snapshot);
      const verdict = await worker.run(source, deadlineMs);
      if (worker.usable) this.#idle.push(worker);
      else if (this.#waiting.length > 0) this.#idle.push(new SandboxWorker(snapshot));
      return verdict;
    } finally {
      this.#busy -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** Ends all idle processes; the pool starts new ones when it is used again. */
  close(): void {
    for (const worker of this.#idle.splice(0)) worker.kill();
  }
}

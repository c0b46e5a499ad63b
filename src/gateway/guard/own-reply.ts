// Stands for a client where the gateway itself calls: it can leave, as clients do, and what would be sent goes nowhere.
import type { ReplySurface } from '../reply.ts';

export class OwnReply implements ReplySurface {
  readonly isCommitted = false;
  readonly status = 200;
  #isGone = false;
  #onGone: (() => void)[] = [];

  get isGone(): boolean {
    return this.#isGone;
  }

  /** The caller waits no longer; the call goes on for the sake of its usage, within the bounds that hold for clients. */
  leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const listener of this.#onGone) listener();
    this.#onGone = [];
  }

  onGone(listener: () => void): void {
    if (this.#isGone) listener();
    else this.#onGone.push(listener);
  }

  send(): void {}
  startStream(): void {}
  write(): undefined {}
  end(): void {}
}

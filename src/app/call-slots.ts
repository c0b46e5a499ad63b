// How many calls of an evaluation are at vendors at once. A call's place is free as soon as its interaction is over, while its answer is
// still on the way to the disk and back to who asked, so that the next one need not wait for that.

export class CallSlots {
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves once there is a place, in order. */
  take(): Promise<void> {
    if (this.#taken < this.#most) {
      this.#taken += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Hands the place on. A call that broke off may free its place twice; that never makes more than there are. */
  free(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken = Math.max(0, this.#taken - 1);
    else next();
  }
}

// Tells a ledger process that hangs from one that works: it is asked something that costs nothing, again and again. While statements run in
// the engine's threads the process still answers, so silence means that it is stopped or stuck. Time is counted in turns of this process, so
// that a machine that slept accuses nobody.

export interface HangWatchOptions {
  /** Silence after which a process with nothing else to do hangs, milliseconds. */
  readonly hungAfter: number;
  /** The same for one that had work before it was asked: that may block it for a while. */
  readonly hungAtWorkAfter: number;
  /** Asks; the answer comes to `answered` under the number returned. */
  readonly ask: () => number;
  /** The least number of what was asked of the process and is not answered; infinite where there is nothing. */
  readonly oldestWork: () => number;
  /** Hears once that it hangs. */
  readonly onHang: (silentMilliseconds: number) => void;
}

export class HangWatch {
  readonly #options: HangWatchOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #every: number;
  #asked: number | null = null;
  #silent = 0;

  constructor(options: HangWatchOptions) {
    this.#options = options;
    this.#every = Math.min(1000, options.hungAfter / 5);
    this.#timer = setInterval(() => this.#look(), this.#every).unref();
  }

  /** Whether the number is that of the question; then it is answered. */
  answered(number: number): boolean {
    if (number !== this.#asked) return false;
    this.#asked = null;
    return true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { ask, hungAfter, hungAtWorkAfter, oldestWork, onHang } = this.#options;
    if (this.#asked === null) {
      this.#silent = 0;
      this.#asked = ask();
      return;
    }
    this.#silent += this.#every;
    const isAtWork = oldestWork() < this.#asked;
    if (this.#silent < (isAtWork ? hungAtWorkAfter : hungAfter)) return;
    this.stop();
    onHang(this.#silent);
  }
}

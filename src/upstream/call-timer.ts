/** The time of one call. It stands still while the call waits for this process and not for the region. */
export class CallTimer {
  readonly #deadline: number;
  readonly #onTimeout: (isTelling: boolean) => void;
  #left: number;
  #runningSince = performance.now();
  #hasStood = false;
  #timer: NodeJS.Timeout;
  #ending: NodeJS.Immediate | undefined;

  /**
   * @param milliseconds the longest time that the region may take.
   * @param deadline the end of the request, on the clock of `performance.now()`.
   * @param onTimeout told once when the time is up, and whether that tells anything about the region.
   */
  constructor(milliseconds: number, deadline: number, onTimeout: (isTelling: boolean) => void) {
    this.#left = milliseconds;
    this.#deadline = deadline;
    this.#onTimeout = onTimeout;
    this.#timer = this.#start();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#ending);
  }

  stand(): void {
    this.stop();
    this.#hasStood = true;
    this.#left -= performance.now() - this.#runningSince;
  }

  goOn(): void {
    this.#runningSince = performance.now();
    this.#left = Math.max(0, Math.min(this.#left, this.#deadline - this.#runningSince));
    this.#timer = this.#start();
  }

  get hasStood(): boolean {
    return this.#hasStood;
  }

  #start(): NodeJS.Timeout {
    // After a pause of this process the timer comes before what has arrived meanwhile: that is read first.
    return setTimeout(() => {
      this.#ending = setImmediate(() => this.#end());
    }, Math.ceil(this.#left));
  }

  #end(): void {
    // A timer that fires late means that this process was busy: the answer may have been here in time.
    const firedInTime = performance.now() - this.#runningSince < this.#left * 1.1 + 50;
    this.#onTimeout(firedInTime && !this.#hasStood);
  }
}

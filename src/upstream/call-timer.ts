/** The timeout of one call. It is suspended while the call waits for the gateway’s memory and not for the region. */
export class CallTimer {
  readonly #deadline: number;
  readonly #onTimeout: (isTelling: boolean) => void;
  #remainingMs: number;
  #runningSince = performance.now();
  #hasStood = false;
  #timer: NodeJS.Timeout;
  #ending: NodeJS.Immediate | undefined;

  /**
   * @param milliseconds the time that the region has for the call.
   * @param deadline the end of the request, on the clock of `performance.now()`.
   * @param onTimeout called once when the time is up. `isTelling` is false if the gateway itself may have been the cause.
   */
  constructor(milliseconds: number, deadline: number, onTimeout: (isTelling: boolean) => void) {
    this.#remainingMs = milliseconds;
    this.#deadline = deadline;
    this.#onTimeout = onTimeout;
    this.#timer = this.#start();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#ending);
  }

  /** Suspends the timeout. */
  stand(): void {
    this.stop();
    this.#hasStood = true;
    this.#remainingMs -= performance.now() - this.#runningSince;
  }

  /** Resumes the timeout with the time that remains. */
  goOn(): void {
    this.#runningSince = performance.now();
    this.#remainingMs = Math.max(0, Math.min(this.#remainingMs, this.#deadline - this.#runningSince));
    this.#timer = this.#start();
  }

  /** Whether the timeout was ever suspended. */
  get hasStood(): boolean {
    return this.#hasStood;
  }

  #start(): NodeJS.Timeout {
    // After a pause of the process, timers run before sockets are read. setImmediate lets data that has arrived be read first.
    return setTimeout(() => {
      this.#ending = setImmediate(() => this.#end());
    }, Math.ceil(this.#remainingMs));
  }

  #end(): void {
    // If the timer fired late the process was busy, and the response may have arrived in time.
    const firedInTime = performance.now() - this.#runningSince < this.#remainingMs * 1.1 + 50;
    this.#onTimeout(firedInTime && !this.#hasStood);
  }
}

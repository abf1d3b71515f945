/** How long a request may wait. */
export interface Until {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** Aborts when the client has left. */
  readonly signal: AbortSignal;
}

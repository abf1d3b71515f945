/** How long a request may wait. */
export interface Until {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** Aborts when the client has left. */
  readonly signal: AbortSignal;
}

/** Calls back after a time, or before it when the signal aborts. The returned function stops both. */
export function onTimeoutOrAbort(ms: number, signal: AbortSignal, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  signal.addEventListener('abort', callback);
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', callback);
  };
}

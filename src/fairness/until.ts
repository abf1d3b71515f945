/** How long a request may wait. */
export interface Until {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** Aborts when the client has left. */
  readonly signal: Signal;
}

/** The part of an `AbortSignal` that requests use. */
export interface Signal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * A signal together with what aborts it. An `AbortController` does the same with events, at several microseconds per request.
 * Listeners must not throw.
 */
export class Ending implements Signal {
  aborted = false;
  reason: unknown = undefined;
  readonly #listeners = new Set<() => void>();

  /** Only the first call has an effect. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  addEventListener(_: 'abort', listener: () => void): void {
    if (!this.aborted) this.#listeners.add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }
}

/** A real `AbortSignal` that aborts when the signal does, for functions of Node. */
export function abortSignalOf(signal: Signal): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  return controller.signal;
}

/** Calls back after a time, or before it when the signal aborts. The returned function stops both. */
export function onTimeoutOrAbort(ms: number, signal: Signal, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  signal.addEventListener('abort', callback);
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', callback);
  };
}

/** Keeps calls from something that fails, and lets one read through now and then to see whether it is well again. */
export interface Circuit {
  readonly isClosed: () => boolean;
  /** Seconds until the next read is let through; null while the circuit is closed. */
  retryAfter(): number | null;
  /** Whether a call may be made now. A write never is the call that finds out, because it cannot be repeated. */
  admits(method: string): boolean;
  /** @param begunAt when the call was made, on the clock of `performance.now()`. */
  note(outcome: 'good' | 'bad', begunAt: number): void;
  open(): void;
  close(): void;
}

/** A circuit opens when more than half of the last `size` calls failed, of at least `least`. */
const window = { size: 100, least: 20 };

/** How long an open circuit lets nothing through, in milliseconds; after that one read each time. */
export const trialIntervalMs = 5_000;

/** @param onOpen called each time the circuit opens. */
export function createCircuit(onOpen: () => void): Circuit {
  let outcomes: ('good' | 'bad')[] = [];
  let bad = 0;
  let openedAt: number | null = null;
  let nextTrialAt = 0;

  function open(): void {
    openedAt = performance.now();
    nextTrialAt = openedAt + trialIntervalMs;
    onOpen();
  }

  function close(): void {
    openedAt = null;
    outcomes = [];
    bad = 0;
  }

  return {
    isClosed: () => openedAt === null,
    retryAfter: () => (openedAt === null ? null : Math.max(1, Math.ceil((nextTrialAt - performance.now()) / 1000))),
    admits(method) {
      if (openedAt === null) return true;
      const now = performance.now();
      if (method !== 'GET' || now < nextTrialAt) return false;
      nextTrialAt = now + trialIntervalMs;
      return true;
    },
    note(outcome, begunAt) {
      if (openedAt !== null) {
        // A call that was made before the circuit opened has been counted among those that opened it, or is as old.
        if (outcome === 'good' && begunAt > openedAt) close();
        return;
      }
      outcomes.push(outcome);
      if (outcome === 'bad') bad++;
      if (outcomes.length > window.size && outcomes.shift() === 'bad') bad--;
      if (outcomes.length >= window.least && bad * 2 > outcomes.length) open();
    },
    open,
    close,
  };
}

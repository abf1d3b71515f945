/** The current iteration of the event loop, and the time that long work takes in it. */
export interface Iteration {
  /** Begins to measure the time of long work, unless it is measured already. */
  readonly begin: () => void;
  /** Whether long work may go on in this iteration. Begins to measure its time too. */
  readonly hasTime: () => boolean;
  /** Ends the time for long work in this iteration. */
  readonly end: () => void;
  /** Whether `end` was called in this iteration. */
  readonly isEnded: () => boolean;
}

/** The time for long work in one iteration of the event loop, in milliseconds. */
const sliceMs = 5;

export function createIteration(): Iteration {
  /** When the work of this iteration began; null if there has been none. */
  let begunAt: number | null = null;
  let isEnded = false;

  /** Milliseconds since the first work of this iteration. */
  function timeSpent(): number {
    const now = performance.now();
    if (begunAt === null) {
      begunAt = now;
      // Unreferenced, so that the next iteration can wait for events instead of returning at once for this immediate.
      setImmediate(() => {
        begunAt = null;
      }).unref();
    }
    return now - begunAt;
  }

  return {
    begin: () => void timeSpent(),
    hasTime: () => !isEnded && timeSpent() < sliceMs,
    end: () => {
      if (isEnded) return;
      isEnded = true;
      setImmediate(() => {
        isEnded = false;
      });
    },
    isEnded: () => isEnded,
  };
}

/** How late the event loop is. */
export interface LoopDelay {
  /** How long something that is read now may have waited until the event loop came to it, in milliseconds. */
  now(): number;
  /** How late it has been lately, in milliseconds: one pause says little of the next second. */
  average(): number;
  close(): void;
}

/** Milliseconds between two looks. */
const intervalMs = 20;

/** What the last look counts for in the average. */
const weight = 0.1;

export function createLoopDelay(): LoopDelay {
  let lookedAt = performance.now();
  let delay = 0;
  let average = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    delay = Math.max(0, now - lookedAt - intervalMs);
    average += weight * (delay - average);
    lookedAt = now;
  }, intervalMs).unref();
  return {
    // What is read in the same round of the event loop as a late look has waited as long.
    now: () => Math.max(delay, performance.now() - lookedAt - intervalMs),
    average: () => average,
    close: () => clearInterval(timer),
  };
}

/** Keeps calls from something that fails, and lets one read through now and then to see whether it is well again. */
export interface Circuit {
  readonly isClosed: () => boolean;
  /** Seconds until the next read may be tried; null while the circuit is closed. */
  retryAfter(): number | null;
  /** Whether a call may be made now. Writes are never used as the trial, because they cannot be repeated. */
  mayTry(method: string): boolean;
  /** Told that a call is made. While the circuit is open it is the trial, and no other is made for a while. */
  begin(): void;
  /** Told that a call said nothing: while the circuit is open the next read may be the trial at once. */
  giveUp(): void;
  /**
   * Told what came of a call.
   * @param begunAt when it was made, on the clock of `performance.now()`.
   * @param source whose call it was; empty where that is not known.
   */
  note(outcome: 'good' | 'bad', begunAt: number, source?: string): void;
  open(): void;
  close(): void;
}

/** A circuit opens when more than half of the last `size` calls failed, of at least `least`. */
const window = { size: 100, least: 20 };

/** How long an open circuit lets nothing through, in milliseconds; after that one read each time. */
export const trialIntervalMs = 5_000;

interface Outcome {
  readonly isBad: boolean;
  readonly source: string;
}

/**
 * @param options.onOpen called each time the circuit opens.
 * @param options.leastSources of how many sources calls must have failed for the circuit to open while others succeed.
 */
export function createCircuit({ onOpen, leastSources }: { onOpen: () => void; leastSources: number }): Circuit {
  let outcomes: Outcome[] = [];
  let bad = 0;
  let openedAt: number | null = null;
  let nextTrialAt = 0;
  /** Calls that were made before this say nothing about now. */
  let countsFrom = performance.now();

  function open(): void {
    openedAt = performance.now();
    countsFrom = openedAt;
    nextTrialAt = openedAt + trialIntervalMs;
    onOpen();
  }

  function close(): void {
    openedAt = null;
    countsFrom = performance.now();
    outcomes = [];
    bad = 0;
  }

  function isFailing(): boolean {
    if (outcomes.length < window.least || bad * 2 <= outcomes.length) return false;
    const failing = new Set(outcomes.filter(({ isBad }) => isBad).map(({ source }) => source));
    const doOthersSucceed = outcomes.some(({ isBad, source }) => !isBad && source !== '' && !failing.has(source));
    return !doOthersSucceed || failing.size >= leastSources;
  }

  return {
    isClosed: () => openedAt === null,
    retryAfter: () => (openedAt === null ? null : Math.max(1, Math.ceil((nextTrialAt - performance.now()) / 1000))),
    mayTry: (method) => openedAt === null || (method === 'GET' && performance.now() >= nextTrialAt),
    begin() {
      if (openedAt !== null) nextTrialAt = performance.now() + trialIntervalMs;
    },
    giveUp() {
      nextTrialAt = Math.min(nextTrialAt, performance.now());
    },
    note(outcome, begunAt, source = '') {
      if (begunAt < countsFrom) return;
      if (openedAt !== null) {
        if (outcome === 'good') close();
        return;
      }
      const isBad = outcome === 'bad';
      outcomes.push({ isBad, source });
      if (isBad) bad++;
      if (outcomes.length > window.size && outcomes.shift()?.isBad) bad--;
      if (isBad && isFailing()) open();
    },
    open,
    close,
  };
}

import { createFairQueue } from './fair-queue.ts';

/**
 * Turns of the event loop for work that takes milliseconds, such as decoding a page of a thousand rows. Owners take
 * turns, whatever each of them has waiting, and everything that is small goes on between two turns.
 */
export interface Turns {
  /**
   * Resolves when the owner may work, to true; or to false at the deadline, or when the signal aborts.
   * @param cost of the work, in bytes.
   * @param deadline on the clock of `performance.now()`.
   */
  take(
    owner: string,
    cost: number,
    until: { readonly deadline: number; readonly signal: AbortSignal },
  ): Promise<boolean>;
  /** Pieces of work that wait. */
  readonly waiting: number;
}

/** The work of one turn, in bytes: JSON is parsed and read at some 100 MB a second, so this is ten milliseconds. */
const turnBytes = 1024 * 1024;

export function createTurns(): Turns {
  const queue = createFairQueue<(isGranted: boolean) => void>();
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled || queue.size === 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      runTurn();
      schedule();
    });
  }

  /** Starts the pieces that fit into one turn, at least one. */
  function runTurn(): void {
    let left = turnBytes;
    for (let next = queue.next(); next; next = queue.next()) {
      if (left < turnBytes && next.cost > left) return;
      left -= next.cost;
      queue.take(next);
      next.item(true);
    }
  }

  return {
    take(owner, cost, { deadline, signal }) {
      const left = deadline - performance.now();
      if (left <= 0 || signal.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const entry = queue.add(owner, cost, (isGranted) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          resolve(isGranted);
        });
        const giveUp = () => {
          queue.drop(entry);
          entry.item(false);
        };
        const timer = setTimeout(giveUp, left);
        signal.addEventListener('abort', giveUp);
        schedule();
      });
    },
    get waiting() {
      return queue.size;
    },
  };
}

import { createFairQueue } from './fair-queue.ts';

/**
 * Turns of the event loop for work that takes milliseconds, such as decoding a page of a thousand rows. Owners take
 * turns, whatever each of them has waiting, and everything that is small goes on between two turns.
 */
export interface Turns {
  /**
   * Resolves when the owner may work, to true; or to false at the deadline, or when the signal aborts.
   * @param cost of the work, in bytes.
   */
  take(owner: string, cost: number, until: Until): Promise<boolean>;
  /**
   * To be called before each step of long work that has short steps: null if the step may be done now, else as `take`.
   * All such work in one iteration of the event loop together gets about ten milliseconds.
   * @param cost of the step if it has to wait, in bytes.
   */
  goOn(owner: string, until: Until, cost?: number): Promise<boolean> | null;
  /** Pieces of work that wait. */
  readonly waiting: number;
}

interface Until {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/** The work of one turn, in bytes: JSON is parsed and read at some 100 MB a second, so this is ten milliseconds. */
const turnBytes = 1024 * 1024;

/** The time for steps in one iteration of the event loop, in milliseconds. */
const turnMs = 10;

/** The cost of a step that has to wait, in bytes: a step takes a millisecond or two. */
const stepBytes = turnBytes / 8;

export function createTurns(): Turns {
  const queue = createFairQueue<(isGranted: boolean) => void>();
  let isScheduled = false;
  /** When the work of this iteration began; null if there has been none. */
  let begunAt: number | null = null;

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
    timeSpent();
    let left = turnBytes;
    for (let next = queue.next(); next; next = queue.next()) {
      if (left < turnBytes && next.cost > left) return;
      left -= next.cost;
      queue.take(next);
      next.item(true);
    }
  }

  /** Milliseconds since the first work of this iteration. */
  function timeSpent(): number {
    const now = performance.now();
    if (begunAt === null) {
      begunAt = now;
      setImmediate(() => {
        begunAt = null;
      });
    }
    return now - begunAt;
  }

  function take(owner: string, cost: number, { deadline, signal }: Until): Promise<boolean> {
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
  }

  return {
    take,
    goOn: (owner, until, cost = stepBytes) => (timeSpent() < turnMs ? null : take(owner, cost, until)),
    get waiting() {
      return queue.size;
    },
  };
}

import { createFairQueue } from './fair-queue.ts';
import type { Until } from './until.ts';

/**
 * Turns of the event loop for work that takes milliseconds, such as decoding a page of a thousand rows. Owners take
 * turns, however much each of them has queued, and small work runs between two turns.
 */
export interface Turns {
  /**
   * Resolves to true when the owner may work, or to false at the deadline or when the signal aborts.
   * @param cost of the work, in bytes of JSON that take as long to decode.
   */
  take(owner: string, cost: number, until: Until): Promise<boolean>;
  /**
   * To be called before each short step of long work. Null if the step may run now; otherwise it waits as `take` does.
   * All such work in one iteration of the event loop together gets about five milliseconds.
   * @param cost the same as of `take`; used only if the step has to wait.
   */
  goOn(owner: string, until: Until, cost?: number): Promise<boolean> | null;
  /**
   * Starts no more work in this iteration of the event loop. To be called when a connection has been accepted: an iteration
   * accepts only one, so long work would delay the connections behind it.
   */
  readonly yield: () => void;
  /** The number of queued pieces of work. */
  readonly waiting: number;
}

/** The time for such work in one iteration of the event loop, in milliseconds. */
const turnMs = 5;

/** After this number of iterations without work one piece is started, however many connections come. */
const mostYields = 8;

/** The cost of a step, in bytes as of JSON that is decoded: a step takes a millisecond or two. */
const stepBytes = 128 * 1024;

export function createTurns(): Turns {
  const queue = createFairQueue<(isGranted: boolean) => void>();
  let isRunning = false;
  /** When the work of this iteration began; null if there has been none. */
  let begunAt: number | null = null;
  let isYielding = false;
  /** Iterations in a row that have started no work. */
  let yields = 0;

  function schedule(): void {
    if (isRunning || queue.size === 0) return;
    isRunning = true;
    setImmediate(startNext);
  }

  function startNext(): void {
    if (isYielding && yields++ < mostYields) {
      setImmediate(startNext);
      return;
    }
    yields = 0;
    const next = queue.next();
    if (!next) {
      isRunning = false;
      return;
    }
    timeSpent();
    queue.take(next);
    next.item(true);
    // A tick that is requested by a microtask runs after all microtasks, so the piece and what follows from it are done.
    queueMicrotask(() => process.nextTick(startNextOrPause));
  }

  function startNextOrPause(): void {
    if (hasTime()) startNext();
    else setImmediate(startNext);
  }

  function hasTime(): boolean {
    return !isYielding && timeSpent() < turnMs;
  }

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
    goOn: (owner, until, cost = stepBytes) => (hasTime() ? null : take(owner, cost, until)),
    yield() {
      if (isYielding) return;
      isYielding = true;
      setImmediate(() => {
        isYielding = false;
      });
    },
    get waiting() {
      return queue.size;
    },
  };
}

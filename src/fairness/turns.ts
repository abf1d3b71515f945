import { createFairQueue, type Entry, type FairQueue } from './fair-queue.ts';
import { createIteration } from './iteration.ts';
import { onTimeoutOrAbort, type Until } from './until.ts';

/**
 * Turns of the event loop for work that takes milliseconds, such as decoding a page of a thousand rows. Owners take
 * turns, however much each of them has queued, and small work runs between two turns. A request that has begun goes on before
 * the next one begins: the rows of few requests are in memory at any time.
 */
export interface Turns {
  /**
   * Resolves to true when the owner may work, or to false at the deadline or when the signal aborts.
   * @param cost of the work, in bytes of JSON that take as long to decode.
   * @param until the same object for all work of a request.
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

/** After this number of iterations without work one piece is started, however many connections come. */
const mostYields = 8;

/** The cost of a step, in bytes as of JSON that is decoded: a step takes a millisecond or two. */
const stepCost = 128 * 1024;

/** How long the turn of a request lasts at most, in milliseconds: about as long as for 5,000 rows. */
const requestTurnMs = 50;

/** Waiting work of a request. */
interface Waiting {
  readonly until: Until;
  readonly cost: number;
  /** Is called once, with true when its turn has come. */
  readonly settle: (isGranted: boolean) => void;
}

export function createTurns(): Turns {
  const queue = createFairQueue<Waiting>();
  const { begin, hasTime, end, isEnded } = createIteration();
  const order = createOrder(queue);
  let isRunning = false;
  /** Iterations in a row that have started no work. */
  let yields = 0;

  function schedule(): void {
    if (isRunning || queue.size === 0) return;
    isRunning = true;
    setImmediate(startNext);
  }

  function startNext(): void {
    if (isEnded() && yields++ < mostYields) {
      setImmediate(startNext);
      return;
    }
    yields = 0;
    const next = order.chooseNext();
    if (!next) {
      isRunning = false;
      return;
    }
    begin();
    queue.take(next);
    order.noteStarted(next);
    next.item.settle(true);
    // A tick that is requested by a microtask runs after all microtasks, so the piece and what follows from it are done.
    queueMicrotask(() => process.nextTick(startNextOrPause));
  }

  function startNextOrPause(): void {
    if (hasTime()) startNext();
    else setImmediate(startNext);
  }

  function take(owner: string, cost: number, until: Until): Promise<boolean> {
    const granted = wait(queue, owner, cost, until);
    schedule();
    return granted;
  }

  return {
    take,
    goOn: (owner, until, cost = stepCost) => (hasTime() ? null : take(owner, cost, until)),
    yield: end,
    get waiting() {
      return queue.size;
    },
  };
}

/** The request whose turn it is. It is held weakly: the next turn may begin long after this request is over. */
interface Turn {
  readonly owner: string;
  readonly until: WeakRef<Until>;
  readonly begunAt: number;
}

/**
 * The order in which queued work is started. During the turn of a request it goes on, and only less than a step of other
 * work goes before it. Otherwise all work is in fair order.
 */
function createOrder(queue: FairQueue<Waiting>) {
  let turn: Turn | null = null;

  function nextInTurn(): Entry<Waiting> | null {
    if (!turn || performance.now() - turn.begunAt > requestTurnMs) return null;
    const until = turn.until.deref();
    return queue.next(isShort) ?? queue.nextOf(turn.owner, (waiting) => waiting.until === until);
  }

  return {
    /** Null if nothing waits. */
    chooseNext: () => nextInTurn() ?? queue.next(),
    /** Less than a step ends the turn of no request. */
    noteStarted({ owner, item }: Entry<Waiting>): void {
      if (isShort(item) || item.until === turn?.until.deref()) return;
      turn = { owner, until: new WeakRef(item.until), begunAt: performance.now() };
    },
  };
}

const isShort = ({ cost }: Waiting) => cost < stepCost;

/** Waits in the queue. Resolves to true when its turn has come, or to false at the deadline or when the signal aborts. */
function wait(queue: FairQueue<Waiting>, owner: string, cost: number, until: Until): Promise<boolean> {
  const { deadline, signal } = until;
  const ms = deadline - performance.now();
  if (ms <= 0 || signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const settle = (isGranted: boolean) => {
      stop();
      resolve(isGranted);
    };
    const entry = queue.add(owner, cost, { until, cost, settle });
    const stop = onTimeoutOrAbort(ms, signal, () => {
      queue.drop(entry);
      settle(false);
    });
  });
}

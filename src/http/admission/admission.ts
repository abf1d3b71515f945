import type { EventLoop } from '../../fairness/event-loop.ts';
import { createFairQueue, type Entry, type FairQueue } from '../../fairness/fair-queue.ts';
import type { Until } from '../../fairness/until.ts';
import type { WorkEstimate } from '../../fairness/work.ts';
import { overloaded, type Refusal, tooManyRequests, tooMuchToDo } from '../refusal.ts';
import { createCosts } from './costs.ts';
import { type Principal, type Principals, unknownOwner } from './principal.ts';
import { createRoom, mostWork, type Part, type Size } from './room.ts';

/**
 * Admission control: decides which requests are executed at the same time. Each request takes one place and its estimated
 * work. Large requests queue until there is room for both, in a fair order between callers, and never delay small ones.
 * A request that can neither start nor queue is refused.
 */
export interface Admission {
  /** Why even a small request of this caller would be refused now; null if it would start or queue. */
  refusal(principal: Principal): Refusal | null;
  /** Registers a request. It holds nothing until it enters. */
  open(principal: Principal): Admitted;
  /** To be called when a region has accepted a token for the first time. */
  readonly noteAccepted: () => void;
  /** Requests being executed. */
  readonly inFlight: number;
  /** Queued requests, by size. */
  readonly waiting: Readonly<Record<Size, number>>;
  /** Work of the requests being executed: the estimate, or what has been charged if that is more. In microseconds. */
  readonly work: number;
}

/** One request's side of the admission. */
export interface Admitted {
  /**
   * True as soon as the request may start; false if it is refused or its client disconnects. A request that has entered
   * before gives back what it holds and enters again.
   */
  enter(estimate: WorkEstimate, until: Until): boolean | Promise<boolean>;
  /** Charges work done for the request, in microseconds. Work beyond the estimate counts against the caller's share. */
  charge(work: number): void;
  /** To be called when the request was answered without errors: only then its cost is typical of its shape. */
  complete(): void;
  /** Gives back what the request holds, and starts queued requests. */
  leave(): void;
  /** Why the request was refused; null if it was not. */
  refusal(): Refusal | null;
}

/** The most work of a small request, in microseconds like all work. */
const smallWork = 20_000;

/** The most work that may be queued at speed 1, and the part of it that one caller may have. */
const waitingWork = 750_000;
const queuedPart = 3 / 4;

/** The longest time in the queue, in milliseconds. Clients give up if it takes much longer. */
const maxWaitMs: Readonly<Record<Size, number>> = { small: 500, large: 2000 };

/** No large request starts or queues while the average delay of the event loop is longer than this, in milliseconds. */
const lateMs = 100;

/** Created once: thousands may be refused each second, and creating an error captures the stack. */
const refusals = {
  gateway: tooMuchToDo,
  caller: tooManyRequests,
  callersWork: overloaded('caller', 'The token has too many large queries under way.'),
  unknown: overloaded('unaccepted', 'Too many requests are under way whose tokens no region has accepted yet.'),
};

/** A queued request. */
interface Waiting {
  readonly principal: Principal;
  readonly work: number;
  readonly enter: () => void;
}

/**
 * @param limit requests executed at the same time. A quarter of this number of small ones may queue. Of requests whose
 * tokens no region has accepted yet `limit` may queue: the first response usually accepts the token, and the rest start.
 */
export function createAdmission(
  limit: number,
  { isAccepted, ownerOf }: Pick<Principals, 'isAccepted' | 'ownerOf'>,
  eventLoop: Pick<EventLoop, 'averageDelay' | 'noteWork' | 'speed'>,
): Admission {
  const room = createRoom(limit, { isAccepted, ownerOf }, eventLoop.speed);
  const costs = createCosts();
  const queues: Record<Size, FairQueue<Waiting>> = { small: createFairQueue(), large: createFairQueue() };
  const hasPlace = ({ principal }: Waiting) => room.hasPlace(principal);
  const hasShare = ({ principal, work }: Waiting) => room.hasPlace(principal) && room.hasShare(principal, work);

  function refusal(principal: Principal): Refusal | null {
    if (room.isUsedUp(principal)) return refusals.caller;
    if (room.hasPlace(principal)) return null;
    const unknownWaiting = queues.small.countOf(unknownOwner);
    if (!isAccepted(principal)) return unknownWaiting >= limit ? refusals.unknown : null;
    return queues.small.size - unknownWaiting >= limit / 4 ? refusalOfPlace() : null;
  }

  /** Why a known caller gets no place: while some are free it has as many as it may have now. */
  function refusalOfPlace(): Refusal {
    return room.inFlight < limit ? refusals.caller : refusals.gateway;
  }

  function refusalOfLarge(principal: Principal, owner: string, work: number): Refusal | null {
    if (room.isUsedUp(principal)) return refusals.caller;
    if (eventLoop.averageDelay() > lateMs) return refusals.gateway;
    if (mayBegin(principal, 'large', work)) return null;
    const { large } = queues;
    const most = waitingWork * eventLoop.speed();
    const own = large.costOf(owner);
    if (own > 0 && own + work > most * queuedPart)
      return owner === unknownOwner ? refusals.unknown : refusals.callersWork;
    return large.size > 0 && large.cost + work > most ? refusals.gateway : null;
  }

  /** A large request does not overtake queued ones that only wait for room. */
  function mayBegin(principal: Principal, size: Size, work: number): boolean {
    if (!room.hasPlace(principal)) return false;
    if (size === 'small') return true;
    return room.hasShare(principal, work) && room.hasWork(work) && queues.large.next(hasShare) === null;
  }

  /** Starts the queued requests for which there is room, in fair order. */
  function admitWaiting(): void {
    const { small, large } = queues;
    for (let next = small.next(hasPlace); next; next = small.next(hasPlace)) startNext(small, next);
    for (let next = large.next(hasShare); next && room.hasWork(next.cost); next = large.next(hasShare))
      startNext(large, next);
  }

  function startNext(queue: FairQueue<Waiting>, entry: Entry<Waiting>): void {
    queue.take(entry);
    entry.item.enter();
  }

  function open(principal: Principal): Admitted {
    const owner = ownerOf(principal);
    let part: Part | null = null;
    let shape: string | null = null;
    let charged = 0;
    let isComplete = false;
    let refused: Refusal | null = null;

    function begin(size: Size, work: number): void {
      part = room.take(principal, size, work);
    }

    /** Resolves to true once there is room and the request has taken it. */
    function wait(size: Size, work: number, { signal, deadline }: Until): Promise<boolean> {
      return new Promise((resolve) => {
        const end = (isIn: boolean) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          if (isIn) begin(size, work);
          else room.count(principal, -1);
          resolve(isIn);
        };
        const entry = queues[size].add(owner, work, { principal, work, enter: () => end(true) });
        const giveUp = () => {
          queues[size].drop(entry);
          end(false);
          // The entry may have blocked the ones behind it.
          admitWaiting();
        };
        const refuse = () => {
          refused = refusalAfterWait(size, work);
          giveUp();
        };
        const timer = setTimeout(refuse, Math.min(maxWaitMs[size], deadline - performance.now()));
        signal.addEventListener('abort', giveUp);
      });
    }

    /** Names the limit for which a queued request has waited in vain. */
    function refusalAfterWait(size: Size, work: number): Refusal {
      if (!isAccepted(principal)) return refusals.unknown;
      if (size === 'large' && !room.hasShare(principal, work)) return refusals.callersWork;
      return room.hasPlace(principal) ? refusals.gateway : refusalOfPlace();
    }

    function leave(): void {
      if (!part) return;
      room.count(principal, -1);
      room.giveBack(part);
      part = null;
      if (isComplete && shape !== null) costs.note(owner, shape, charged);
      admitWaiting();
    }

    return {
      enter(estimate, until) {
        leave();
        if (until.signal.aborted) return false;
        // What is small in any case needs no history.
        shape = estimate.atMost > smallWork ? estimate.shape : null;
        charged = 0;
        isComplete = false;
        const expected = shape === null ? estimate.atFirst : costs.estimate(owner, shape, estimate);
        const work = Math.min(expected, mostWork);
        const size = work <= smallWork ? 'small' : 'large';
        refused = size === 'small' ? refusal(principal) : refusalOfLarge(principal, owner, work);
        if (refused) return false;
        room.count(principal, 1);
        if (!mayBegin(principal, size, work)) return wait(size, work, until);
        begin(size, work);
        return true;
      },
      charge(work) {
        charged += work;
        eventLoop.noteWork(work);
        if (!part || charged <= part.work) return;
        room.grow(part, charged - part.work);
        // Requests of the same shape must not start on an estimate that is known to be too low.
        if (shape !== null) costs.raise(owner, shape, charged);
      },
      complete() {
        isComplete = true;
      },
      leave,
      refusal: () => refused,
    };
  }

  return {
    refusal,
    open,
    noteAccepted() {
      room.noteAccepted();
      admitWaiting();
    },
    get inFlight() {
      return room.inFlight;
    },
    get waiting() {
      return { small: queues.small.size, large: queues.large.size };
    },
    get work() {
      return room.work;
    },
  };
}

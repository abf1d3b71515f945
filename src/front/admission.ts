import type { EventLoop } from '../fairness/event-loop.ts';
import { createFairQueue, type Entry, type FairQueue } from '../fairness/fair-queue.ts';

import type { WorkEstimate } from '../fairness/work.ts';
import { createCosts } from './costs.ts';
import { type Principal, type Principals, unknownOwner } from './principal.ts';
import { overloaded, type Refusal } from './refusal.ts';
import { createRoom, mostWork, type Part, type Size } from './room.ts';

/**
 * Decides which requests are executed at once. Each takes a place, and the work that it is estimated to come to. Large
 * requests wait for both, callers in turn, and never keep small ones out. What can neither begin nor wait is refused.
 */
export interface Admission {
  /** Why a request would be refused now, however small it is; null where it may come in, or wait. */
  refusal(principal: Principal): Refusal | null;
  /** Makes a request known. It has nothing yet. */
  open(principal: Principal): Admitted;
  /** Told when a region has accepted a token for the first time. */
  readonly noteAccepted: () => void;
  /** Requests that are in. */
  readonly inFlight: number;
  /** Requests that wait to be let in, by size. */
  readonly waiting: Readonly<Record<Size, number>>;
  /** Work of the requests that are in: as estimated, or as charged where that is more. In microseconds. */
  readonly work: number;
}

/** One request, as the admission knows it. */
export interface Admitted {
  /**
   * True when the request may begin; false when it is refused, or its client leaves. A request that is in gives back
   * what it has, and is let in anew.
   */
  enter(estimate: WorkEstimate, until: Until): boolean | Promise<boolean>;
  /** Told of work that was done for the request, in microseconds. What exceeds the estimate is added to it. */
  charge(work: number): void;
  /** Gives back what the request has, and hands it on to those who wait. */
  leave(): void;
  /** Why the request was refused; null where it was not. */
  refusal(): Refusal | null;
}

interface Until {
  readonly signal: AbortSignal;
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
}

/** Up to here a request is small. In microseconds, as all work. */
const smallWork = 10_000;

/** Work that may wait where the event loop is as fast as estimated, half of it of one caller. */
const waitingWork = 2_000_000;

/** How long a request may wait to be let in, in milliseconds: longer and its client will have given up. */
const maxWaitMs: Readonly<Record<Size, number>> = { small: 500, large: 2000 };

/** When the event loop is so late on average, in milliseconds, no large request is let in. */
const lateMs = 100;

/** Made once: thousands are refused each second, and each error made would walk the stack. */
const refusals = {
  gateway: overloaded('replica', 'The gateway has too much to do.'),
  caller: overloaded('caller', 'The token has too many requests under way.'),
  callersWork: overloaded('caller', 'The token has too many large queries under way.'),
  unknown: overloaded('unaccepted', 'Too many requests are under way whose tokens no region has accepted yet.'),
};

/** A request that waits to be let in. */
interface Waiting {
  readonly principal: Principal;
  readonly work: number;
  readonly enter: () => void;
}

/**
 * @param limit requests at once. A quarter as many small ones may wait. As many as `limit` may wait whose tokens no region
 * has accepted yet: the first answer to a token usually makes it known, and the others are let in then.
 */
export function createAdmission(
  limit: number,
  { isAccepted, ownerOf }: Pick<Principals, 'isAccepted' | 'ownerOf'>,
  eventLoop: Pick<EventLoop, 'averageDelay' | 'noteWork' | 'speed'>,
): Admission {
  const room = createRoom(limit, isAccepted, eventLoop.speed);
  const costs = createCosts();
  const queues: Record<Size, FairQueue<Waiting>> = { small: createFairQueue(), large: createFairQueue() };
  const hasPlace = ({ principal }: Waiting) => room.hasPlace(principal);
  const hasShare = ({ principal, work }: Waiting) => room.hasPlace(principal) && room.hasShare(principal, work);

  function refusal(principal: Principal): Refusal | null {
    if (room.isUsedUp(principal)) return refusals.caller;
    if (room.hasPlace(principal)) return null;
    const unknownWaiting = queues.small.countOf(unknownOwner);
    if (!isAccepted(principal)) return unknownWaiting >= limit ? refusals.unknown : null;
    return queues.small.size - unknownWaiting >= limit / 4 ? refusals.gateway : null;
  }

  function refusalOfLarge(principal: Principal, owner: string, work: number): Refusal | null {
    if (room.isUsedUp(principal)) return refusals.caller;
    if (eventLoop.averageDelay() > lateMs) return refusals.gateway;
    if (mayBegin(principal, 'large', work)) return null;
    const { large } = queues;
    const most = waitingWork * eventLoop.speed();
    const own = large.costOf(owner);
    if (own > 0 && own + work > most / 2) return owner === unknownOwner ? refusals.unknown : refusals.callersWork;
    return large.size > 0 && large.cost + work > most ? refusals.gateway : null;
  }

  /** A large request passes none whose turn it is. */
  function mayBegin(principal: Principal, size: Size, work: number): boolean {
    if (!room.hasPlace(principal)) return false;
    if (size === 'small') return true;
    return room.hasShare(principal, work) && room.hasWork(work) && queues.large.next(hasShare) === null;
  }

  /** Lets in who may come in, callers in turn. */
  function admitWaiting(): void {
    const { small, large } = queues;
    for (let next = small.next(hasPlace); next; next = small.next(hasPlace)) letIn(small, next);
    for (let next = large.next(hasShare); next && room.hasWork(next.cost); next = large.next(hasShare))
      letIn(large, next);
  }

  function letIn(queue: FairQueue<Waiting>, entry: Entry<Waiting>): void {
    queue.take(entry);
    entry.item.enter();
  }

  function open(principal: Principal): Admitted {
    const owner = ownerOf(principal);
    let part: Part | null = null;
    let document: string | null = null;
    let charged = 0;
    let refused: Refusal | null = null;

    function begin(size: Size, work: number): void {
      part = room.take(principal, size, work);
    }

    /** Resolves to true as soon as there is room, which is taken then. */
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
        };
        const refuse = () => {
          refused = isAccepted(principal) ? refusals.gateway : refusals.unknown;
          giveUp();
        };
        const timer = setTimeout(refuse, Math.min(maxWaitMs[size], deadline - performance.now()));
        signal.addEventListener('abort', giveUp);
      });
    }

    function leave(): void {
      if (!part) return;
      room.count(principal, -1);
      room.giveBack(part);
      part = null;
      if (document !== null) costs.note(owner, document, charged);
      admitWaiting();
    }

    return {
      enter(estimate, until) {
        leave();
        if (until.signal.aborted) return false;
        ({ document } = estimate);
        charged = 0;
        const work = Math.min(costs.estimate(owner, estimate), mostWork);
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
        if (part && charged > part.work) room.grow(part, charged - part.work);
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

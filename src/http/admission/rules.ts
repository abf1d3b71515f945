import type { EventLoop } from '../../fairness/event-loop.ts';
import { type Refusal, tooManyLargeQueries, tooManyRequests, tooManyUnaccepted, tooMuchToDo } from '../refusal.ts';
import { type Principal, type Principals, unknownOwner } from './principal.ts';
import type { Queues } from './queues.ts';
import type { Room, Size } from './room.ts';

/** Which requests may start or queue now, and why the others are refused. */
export interface Rules {
  /** Whether a request may start. A large one does not overtake queued ones that only wait for room. */
  mayStart(principal: Principal, size: Size, work: number): boolean;
  /** Why a small request can neither start nor queue; null if it can. */
  readonly refusalOfSmall: (principal: Principal) => Refusal | null;
  /** The same of a large request. */
  refusalOfLarge(principal: Principal, owner: string, work: number): Refusal | null;
  /** Names the limit for which a queued request has waited in vain. */
  refusalAfterWait(principal: Principal, size: Size, work: number): Refusal;
}

/** The most work that may be queued at speed 1, in microseconds, and the part of it that one caller may have. */
const waitingWork = 750_000;
const queuedPart = 3 / 4;

/** No large request starts or queues while the average delay of the event loop is longer than this, in milliseconds. */
const lateMs = 100;

/**
 * @param limit requests executed at the same time. A quarter of this number of small ones may queue. Of requests whose
 * tokens no region has accepted yet `limit` may queue: the first response usually accepts the token, and the rest start.
 */
export function createRules(
  limit: number,
  room: Room,
  queues: Queues,
  isAccepted: Principals['isAccepted'],
  eventLoop: Pick<EventLoop, 'averageDelay' | 'speed'>,
): Rules {
  const { small, large } = queues;

  function mayStart(principal: Principal, size: Size, work: number): boolean {
    if (!room.hasPlace(principal)) return false;
    if (size === 'small') return true;
    return room.hasShare(principal, work) && room.hasWork(work) && !queues.isLargeNext();
  }

  /** Why a known caller gets no place: while some are free it has as many as it may have now. */
  const refusalOfPlace = () => (room.inFlight < limit ? tooManyRequests : tooMuchToDo);

  return {
    mayStart,
    refusalOfSmall(principal) {
      if (room.isUsedUp(principal)) return tooManyRequests;
      if (room.hasPlace(principal)) return null;
      const unknownWaiting = small.countOf(unknownOwner);
      if (!isAccepted(principal)) return unknownWaiting >= limit ? tooManyUnaccepted : null;
      return small.size - unknownWaiting >= limit / 4 ? refusalOfPlace() : null;
    },
    refusalOfLarge(principal, owner, work) {
      if (room.isUsedUp(principal)) return tooManyRequests;
      if (eventLoop.averageDelay() > lateMs) return tooMuchToDo;
      if (mayStart(principal, 'large', work)) return null;
      const most = waitingWork * eventLoop.speed();
      const own = large.costOf(owner);
      if (own > 0 && own + work > most * queuedPart)
        return owner === unknownOwner ? tooManyUnaccepted : tooManyLargeQueries;
      return large.size > 0 && large.cost + work > most ? tooMuchToDo : null;
    },
    refusalAfterWait(principal, size, work) {
      if (!isAccepted(principal)) return tooManyUnaccepted;
      if (size === 'large' && !room.hasShare(principal, work)) return tooManyLargeQueries;
      return room.hasPlace(principal) ? tooMuchToDo : refusalOfPlace();
    },
  };
}

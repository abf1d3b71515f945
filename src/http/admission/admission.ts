import type { EventLoop } from '../../fairness/event-loop.ts';
import type { Refusal } from '../refusal.ts';
import { type Admitted, register } from './admitted.ts';
import { createCosts } from './costs.ts';
import type { Principal, Principals } from './principal.ts';
import { createQueues } from './queues.ts';
import { createRoom, type Size } from './room.ts';
import { createRules } from './rules.ts';

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

/** @param limit requests executed at the same time. */
export function createAdmission(
  limit: number,
  principals: Pick<Principals, 'isAccepted' | 'ownerOf'>,
  eventLoop: Pick<EventLoop, 'averageDelay' | 'noteWork' | 'speed'>,
): Admission {
  const room = createRoom(limit, principals, eventLoop.speed);
  const queues = createQueues(room);
  const rules = createRules(limit, room, queues, principals.isAccepted, eventLoop);
  const shared = { room, queues, rules, costs: createCosts(), eventLoop };
  return {
    refusal: rules.refusalOfSmall,
    open: (principal) => register(shared, principal, principals.ownerOf(principal)),
    noteAccepted() {
      room.noteAccepted();
      queues.admit();
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

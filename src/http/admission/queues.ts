import { createFairQueue, type Entry, type FairQueue } from '../../fairness/fair-queue.ts';
import type { Principal } from './principal.ts';
import type { Room } from './room.ts';

/** A queued request. */
export interface Waiting {
  readonly principal: Principal;
  readonly work: number;
  readonly enter: () => void;
}

/** The requests that wait until there is room for them, by size. */
export interface Queues {
  readonly small: FairQueue<Waiting>;
  readonly large: FairQueue<Waiting>;
  /** Whether a large request is queued that only waits for room: its caller's share has room for it. */
  isLargeNext(): boolean;
  /** Starts the queued requests for which there is room, in fair order. */
  admit(): void;
}

export function createQueues(room: Pick<Room, 'hasPlace' | 'hasShare' | 'hasWork'>): Queues {
  const small = createFairQueue<Waiting>();
  const large = createFairQueue<Waiting>();
  const hasPlace = ({ principal }: Waiting) => room.hasPlace(principal);
  const hasShare = ({ principal, work }: Waiting) => room.hasPlace(principal) && room.hasShare(principal, work);
  return {
    small,
    large,
    isLargeNext: () => large.next(hasShare) !== null,
    admit() {
      for (let next = small.next(hasPlace); next; next = small.next(hasPlace)) start(small, next);
      for (let next = large.next(hasShare); next && room.hasWork(next.cost); next = large.next(hasShare))
        start(large, next);
    },
  };
}

function start(queue: FairQueue<Waiting>, entry: Entry<Waiting>): void {
  queue.take(entry);
  entry.item.enter();
}

import { type Principal, type Principals, unknownOwner } from './principal.ts';
import { createShares } from './shares.ts';

/** Small requests are limited by their number only, large ones by their work as well. */
export type Size = 'small' | 'large';

/** What one request holds. */
export interface Part {
  readonly principal: Principal;
  readonly size: Size;
  /** The caller as it was known when the request began. */
  readonly owner: string;
  /** In microseconds. */
  work: number;
}

/** The requests that are executed at the same time, their work, and each caller's share of both. */
export interface Room {
  /** Whether a caller has used up its share of requests, including queued ones. */
  isUsedUp(principal: Principal): boolean;
  /** Counts a caller's requests: 1 when one starts or queues, -1 when it is over. */
  count(principal: Principal, amount: 1 | -1): void;
  /** Whether one more request of a caller may start. */
  hasPlace(principal: Principal): boolean;
  /** Whether this work fits into a caller's share. */
  hasShare(principal: Principal, work: number): boolean;
  /** Whether this work of a large request fits into the replica's. */
  hasWork(work: number): boolean;
  take(principal: Principal, size: Size, work: number): Part;
  /** Adds work to a part even if there is no room for it: the request is running. */
  grow(part: Part, work: number): void;
  giveBack(part: Part): void;
  /** To be called when a region has accepted a token for the first time. */
  readonly noteAccepted: () => void;
  readonly inFlight: number;
  readonly work: number;
}

/** The most work of all running requests at speed 1, in microseconds. */
const allWork = 1_000_000;

/** One caller's share of the requests and of the work; `eachUnknown` while no region has accepted its tokens. */
const parts = {
  requests: { each: 1 / 2, eachUnknown: 1 / 8 },
  work: { each: 3 / 4, eachUnknown: 1 / 8 },
};

/** Estimates are capped at one caller's share, so that every request can start. */
export const mostWork = allWork * parts.work.each;

/**
 * @param limit requests executed at the same time; at most half of them large ones.
 * @param speed of the event loop: limits the work by time, so that it is done equally soon on a slow machine.
 */
export function createRoom(
  limit: number,
  { isAccepted, ownerOf }: Pick<Principals, 'isAccepted' | 'ownerOf'>,
  speed: () => number,
): Room {
  const places = createShares(() => limit, parts.requests, isAccepted);
  const works = createShares(() => allWork * speed(), parts.work, isAccepted);
  /** Requests that are running, by known caller. */
  const running = new Map<string, number>();
  const inFlight: Record<Size, number> = { small: 0, large: 0 };
  let work = 0;

  /**
   * A caller may have as many places as it leaves free, and an equal part of all in any case. So one caller alone may have
   * half, and nobody has many while few are free (dynamic thresholds: Choudhury and Hahne, 1998). Callers whose tokens no
   * region has accepted have a share of their own, and take no part in the division.
   */
  function hasFairPlace(principal: Principal): boolean {
    const free = limit - inFlight.small - inFlight.large;
    const own = running.get(ownerOf(principal)) ?? 0;
    return free > 0 && (own === 0 || own < Math.max(free, Math.floor(limit / running.size)));
  }

  function countRunning(owner: string, more: 1 | -1): void {
    if (owner === unknownOwner) return;
    const own = (running.get(owner) ?? 0) + more;
    if (own === 0) running.delete(owner);
    else running.set(owner, own);
  }

  function addWork(principal: Principal, more: number): void {
    work += more;
    works.add(principal, more);
    if (more < 0 || !isAccepted(principal)) works.addUnknown(principal, more);
  }

  return {
    isUsedUp: (principal) => places.isUsedUp(principal, 1),
    count: (principal, amount) => places.add(principal, amount),
    hasPlace: (principal) => hasFairPlace(principal) && (isAccepted(principal) || places.isOpenToUnknown(principal, 1)),
    hasShare: (principal, more) =>
      !works.isUsedUp(principal, more) && (isAccepted(principal) || works.isOpenToUnknown(principal, more)),
    hasWork: (more) => inFlight.large === 0 || (work + more <= allWork * speed() && inFlight.large < limit / 2),
    take(principal, size, estimate) {
      inFlight[size]++;
      const owner = ownerOf(principal);
      countRunning(owner, 1);
      if (!isAccepted(principal)) places.addUnknown(principal, 1);
      addWork(principal, estimate);
      return { principal, size, owner, work: estimate };
    },
    grow(part, more) {
      part.work += more;
      addWork(part.principal, more);
    },
    giveBack({ principal, size, owner, work: held }) {
      inFlight[size]--;
      countRunning(owner, -1);
      places.addUnknown(principal, -1);
      addWork(principal, -held);
    },
    noteAccepted() {
      places.noteAccepted();
      works.noteAccepted();
    },
    get inFlight() {
      return inFlight.small + inFlight.large;
    },
    get work() {
      return work;
    },
  };
}

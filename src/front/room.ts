import type { Principal } from './principal.ts';
import { createShares } from './shares.ts';

/** Small requests are let in by their number alone; large ones by the work that they come to as well. */
export type Size = 'small' | 'large';

/** What one request has of the room. */
export interface Part {
  readonly principal: Principal;
  readonly size: Size;
  /** In microseconds. */
  work: number;
}

/** The places of requests that are executed at once, and the work that they come to. */
export interface Room {
  /** Whether a caller has as many requests as any caller may have, those that wait included. */
  isUsedUp(principal: Principal): boolean;
  /** Counts a request among those of its caller: 1 when it comes in or begins to wait, -1 when it is over. */
  count(principal: Principal, amount: 1 | -1): void;
  /** Whether there is a place for one more request of a caller. */
  hasPlace(principal: Principal): boolean;
  /** Whether a caller may have so much more work. */
  hasShare(principal: Principal, work: number): boolean;
  /** Whether there is room for so much more work of large requests. */
  hasWork(work: number): boolean;
  take(principal: Principal, size: Size, work: number): Part;
  /** Makes a part larger, whether there is room or not. */
  grow(part: Part, work: number): void;
  giveBack(part: Part): void;
  /** Told when a region has accepted a token for the first time. */
  readonly noteAccepted: () => void;
  readonly inFlight: number;
  readonly work: number;
}

/** Work of all requests at once where the event loop is as fast as estimated, in microseconds. */
const allWork = 2_000_000;

/** The part of the places, and of the work, that one caller may have. */
const parts = { each: 1 / 2, eachUnknown: 1 / 8 };

/** A request that comes to more than one caller may have is taken to come to that. */
export const mostWork = allWork * parts.each;

/**
 * @param limit requests at once. Large ones may be half of them.
 * @param speed of the event loop, so that the work of all requests is done in the same time on any machine.
 */
export function createRoom(limit: number, isAccepted: (principal: Principal) => boolean, speed: () => number): Room {
  const places = createShares(() => limit, parts, isAccepted);
  const works = createShares(() => allWork * speed(), parts, isAccepted);
  const inFlight: Record<Size, number> = { small: 0, large: 0 };
  let work = 0;

  function addWork(principal: Principal, more: number): void {
    work += more;
    works.add(principal, more);
    if (more < 0 || !isAccepted(principal)) works.addUnknown(principal, more);
  }

  return {
    isUsedUp: (principal) => places.isUsedUp(principal, 1),
    count: (principal, amount) => places.add(principal, amount),
    hasPlace: (principal) =>
      inFlight.small + inFlight.large < limit && (isAccepted(principal) || places.isOpenToUnknown(principal, 1)),
    hasShare: (principal, more) =>
      !works.isUsedUp(principal, more) && (isAccepted(principal) || works.isOpenToUnknown(principal, more)),
    hasWork: (more) => inFlight.large === 0 || (work + more <= allWork * speed() && inFlight.large < limit / 2),
    take(principal, size, estimate) {
      inFlight[size]++;
      if (!isAccepted(principal)) places.addUnknown(principal, 1);
      addWork(principal, estimate);
      return { principal, size, work: estimate };
    },
    grow(part, more) {
      part.work += more;
      addWork(part.principal, more);
    },
    giveBack({ principal, size, work: held }) {
      inFlight[size]--;
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

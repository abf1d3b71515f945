import { createPlaces, type Places } from './places.ts';
import type { Principal, Principals } from './principal.ts';
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
export interface Room extends Pick<Places, 'isUsedUp' | 'count' | 'hasPlace'> {
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

/** One caller's share of the work; `eachUnknown` while no region has accepted its tokens. */
const parts = { each: 3 / 4, eachUnknown: 1 / 8 };

/** Estimates are capped at one caller's share, so that every request can start. */
export const mostWork = allWork * parts.each;

/**
 * @param limit requests executed at the same time; at most half of them large ones.
 * @param speed of the event loop: limits the work by time, so that it is done equally soon on a slow machine.
 */
export function createRoom(
  limit: number,
  { isAccepted, ownerOf }: Pick<Principals, 'isAccepted' | 'ownerOf'>,
  speed: () => number,
): Room {
  const places = createPlaces(limit, { isAccepted, ownerOf });
  const works = createShares(() => allWork * speed(), parts, isAccepted);
  let large = 0;
  let work = 0;

  function addWork(principal: Principal, more: number): void {
    work += more;
    works.add(principal, more);
    if (more < 0 || !isAccepted(principal)) works.addUnknown(principal, more);
  }

  return {
    isUsedUp: places.isUsedUp,
    count: places.count,
    hasPlace: places.hasPlace,
    hasShare: (principal, more) =>
      !works.isUsedUp(principal, more) && (isAccepted(principal) || works.isOpenToUnknown(principal, more)),
    hasWork: (more) => large === 0 || (work + more <= allWork * speed() && large < limit / 2),
    take(principal, size, estimate) {
      if (size === 'large') large++;
      const owner = ownerOf(principal);
      places.take(principal, owner);
      addWork(principal, estimate);
      return { principal, size, owner, work: estimate };
    },
    grow(part, more) {
      part.work += more;
      addWork(part.principal, more);
    },
    giveBack({ principal, size, owner, work: held }) {
      if (size === 'large') large--;
      places.giveBack(principal, owner);
      addWork(principal, -held);
    },
    noteAccepted() {
      places.noteAccepted();
      works.noteAccepted();
    },
    get inFlight() {
      return places.taken;
    },
    get work() {
      return work;
    },
  };
}

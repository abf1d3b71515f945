import { type Principal, type Principals, unknownOwner } from './principal.ts';
import { createShares } from './shares.ts';

/** The places of the requests that are executed at the same time, and each caller's share of them. */
export interface Places {
  /** Whether a caller has used up its share of requests, including queued ones. */
  readonly isUsedUp: (principal: Principal) => boolean;
  /** Counts a caller's requests: 1 when one starts or queues, -1 when it is over. */
  readonly count: (principal: Principal, amount: 1 | -1) => void;
  /** Whether one more request of a caller may start. */
  readonly hasPlace: (principal: Principal) => boolean;
  /** @param owner the caller as it is known now. */
  take(principal: Principal, owner: string): void;
  /** @param owner the caller as it was known when the place was taken. */
  giveBack(principal: Principal, owner: string): void;
  /** To be called when a region has accepted a token for the first time. */
  readonly noteAccepted: () => void;
  /** Places that are taken. */
  readonly taken: number;
}

/** One caller's share of the places; `eachUnknown` while no region has accepted its tokens. */
const parts = { each: 1 / 2, eachUnknown: 1 / 8 };

/** @param limit requests executed at the same time. */
export function createPlaces(
  limit: number,
  { isAccepted, ownerOf }: Pick<Principals, 'isAccepted' | 'ownerOf'>,
): Places {
  const shares = createShares(() => limit, parts, isAccepted);
  /** Requests that are running, by known caller. */
  const running = new Map<string, number>();
  let taken = 0;

  /**
   * A caller may have as many places as it leaves free, and an equal part of all in any case. So one caller alone may have
   * half, and no caller has many while few are free (dynamic thresholds: Choudhury and Hahne, 1998). Callers whose tokens no
   * region has accepted have a share of their own, and take no part in the division.
   */
  function hasFairPlace(principal: Principal): boolean {
    const free = limit - taken;
    const own = running.get(ownerOf(principal)) ?? 0;
    return free > 0 && (own === 0 || own < Math.max(free, Math.floor(limit / running.size)));
  }

  function countRunning(owner: string, more: 1 | -1): void {
    taken += more;
    if (owner === unknownOwner) return;
    const own = (running.get(owner) ?? 0) + more;
    if (own === 0) running.delete(owner);
    else running.set(owner, own);
  }

  return {
    isUsedUp: (principal) => shares.isUsedUp(principal, 1),
    count: (principal, amount) => shares.add(principal, amount),
    hasPlace: (principal) => hasFairPlace(principal) && (isAccepted(principal) || shares.isOpenToUnknown(principal, 1)),
    take(principal, owner) {
      countRunning(owner, 1);
      if (!isAccepted(principal)) shares.addUnknown(principal, 1);
    },
    giveBack(principal, owner) {
      countRunning(owner, -1);
      shares.addUnknown(principal, -1);
    },
    noteAccepted: shares.noteAccepted,
    get taken() {
      return taken;
    },
  };
}

import type { Principal } from './principal.ts';
import { overloaded, type Refusal } from './refusal.ts';
import { createShares } from './shares.ts';

/** Lets so many requests in at once; some more wait, the rest is refused before anything is done for it. */
export interface Admission {
  /** Why a request would be refused now; null where it may come in, or wait. */
  refusal(principal: Principal): Refusal | null;
  /**
   * Resolves when the request may begin, with what to call when it is over.
   * @param signal aborts when the client leaves: then it takes no place any more.
   * @throws `Refusal` when too many wait, when it waited too long, or when its caller has too many already; and the
   * signal's reason when the client leaves.
   */
  admit(principal: Principal, signal: AbortSignal): Promise<() => void>;
  /** Told when a region has accepted a token for the first time. */
  readonly noteAccepted: () => void;
  /** Requests that are in. */
  readonly inFlight: number;
  readonly waiting: number;
}

/** How long a request may wait to be let in, in milliseconds: longer and its client will have given up. */
const maxWaitMs = 500;

/** Made once: thousands are refused each second, and each error made would walk the stack. */
const gatewayBusy = overloaded('The gateway has too much to do.');
const callerBusy = overloaded('The token has too many requests under way.');
const unknownBusy = overloaded('Too many requests are under way whose tokens no region has accepted yet.');

/** The part of the places that one caller may have. */
const parts = { each: 1 / 2, eachUnknown: 1 / 8 };

/** A request that waits to be let in. */
interface Waiting {
  readonly principal: Principal;
  /** Takes a place. */
  readonly enter: () => void;
}

/**
 * @param limit requests at once. A quarter as many may wait. As many as `limit` may wait whose tokens no region has
 * accepted yet: the first answer to a token usually makes it known, and the others are let in then.
 */
export function createAdmission(limit: number, isAccepted: (principal: Principal) => boolean): Admission {
  const shares = createShares(limit, parts, isAccepted);
  // Both in the order of arrival.
  const known = new Set<Waiting>();
  const unknown = new Set<Waiting>();
  let inFlight = 0;

  const mayEnter = (principal: Principal) =>
    inFlight < limit && (isAccepted(principal) || shares.isOpenToUnknown(principal));

  function refusal(principal: Principal): Refusal | null {
    if (shares.isUsedUp(principal)) return callerBusy;
    if (mayEnter(principal)) return null;
    if (isAccepted(principal)) return known.size >= limit / 4 ? gatewayBusy : null;
    return unknown.size >= limit ? unknownBusy : null;
  }

  /** Takes a place; returns what gives it back, and hands it on to those who wait and may have it. */
  function enter(principal: Principal): () => void {
    inFlight++;
    const giveBack = isAccepted(principal) ? null : shares.takeUnknown(principal);
    return () => {
      inFlight--;
      giveBack?.();
      admitWaiting();
    };
  }

  function admitWaiting(): void {
    for (const waiting of known) {
      if (inFlight >= limit) return;
      waiting.enter();
    }
    for (const waiting of unknown) {
      if (inFlight >= limit || shares.areUnknownUsedUp()) return;
      if (shares.isOpenToUnknown(waiting.principal)) waiting.enter();
    }
  }

  /** Those whose tokens have been accepted meanwhile wait among the known ones. */
  function moveAccepted(): void {
    for (const waiting of unknown) {
      if (!isAccepted(waiting.principal)) continue;
      unknown.delete(waiting);
      known.add(waiting);
    }
  }

  /** Resolves as soon as there is a place, which is taken then. */
  function wait(principal: Principal, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        known.delete(waiting);
        unknown.delete(waiting);
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
        settle();
      };
      const waiting: Waiting = { principal, enter: () => end(() => resolve(enter(principal))) };
      const giveUp = (reason: unknown) => end(() => reject(reason));
      const leave = () => giveUp(signal.reason);
      const timer = setTimeout(() => giveUp(known.has(waiting) ? gatewayBusy : unknownBusy), maxWaitMs);
      signal.addEventListener('abort', leave);
      if (isAccepted(principal)) known.add(waiting);
      else unknown.add(waiting);
    });
  }

  return {
    refusal,
    async admit(principal, signal) {
      const refused = refusal(principal);
      if (refused) throw refused;
      const giveBackShare = shares.take(principal);
      try {
        const leave = mayEnter(principal) ? enter(principal) : await wait(principal, signal);
        return () => {
          giveBackShare();
          leave();
        };
      } catch (error) {
        giveBackShare();
        throw error;
      }
    },
    noteAccepted() {
      shares.noteAccepted();
      moveAccepted();
      admitWaiting();
    },
    get inFlight() {
      return inFlight;
    },
    get waiting() {
      return known.size + unknown.size;
    },
  };
}

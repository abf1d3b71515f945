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
   * @throws `Refusal` when too many wait, when it waited too long, or when its caller has too many already.
   */
  admit(principal: Principal, signal: AbortSignal): Promise<() => void>;
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

/**
 * @param limit requests at once. A quarter as many may wait, half of them with tokens that no region has accepted yet:
 * as a rule a region accepts the token with the first answer, and the others are let in then.
 */
export function createAdmission(limit: number, isAccepted: (principal: Principal) => boolean): Admission {
  const shares = createShares(limit, parts, isAccepted);
  const queue: { readonly principal: Principal; readonly enter: () => void }[] = [];
  let inFlight = 0;

  const mayEnter = (principal: Principal) =>
    inFlight < limit && (isAccepted(principal) || shares.isOpenToUnknown(principal));

  function refusal(principal: Principal): Refusal | null {
    if (shares.isUsedUp(principal)) return callerBusy;
    if (mayEnter(principal)) return null;
    if (queue.length >= limit / 4) return gatewayBusy;
    if (isAccepted(principal)) return null;
    return queue.filter((waiting) => !isAccepted(waiting.principal)).length >= limit / 8 ? unknownBusy : null;
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
    for (const waiting of [...queue]) if (mayEnter(waiting.principal)) waiting.enter();
  }

  /** Resolves as soon as there is a place, which is taken then. */
  function wait(principal: Principal, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        queue.splice(queue.indexOf(waiting), 1);
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
        settle();
      };
      const waiting = { principal, enter: () => end(() => resolve(enter(principal))) };
      const giveUp = (reason: unknown) => end(() => reject(reason));
      const leave = () => giveUp(signal.reason);
      const timer = setTimeout(() => giveUp(isAccepted(principal) ? gatewayBusy : unknownBusy), maxWaitMs);
      signal.addEventListener('abort', leave);
      queue.push(waiting);
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
    get inFlight() {
      return inFlight;
    },
    get waiting() {
      return queue.length;
    },
  };
}

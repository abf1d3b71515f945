import { overloaded, type Refusal } from './refusal.ts';
import { createTokenCount } from './token-count.ts';

/** Lets so many requests in at once; some more wait, the rest is refused before anything is done for it. */
export interface Admission {
  /** Why a request would be refused now; null where it may come in, or wait. */
  refusal(token: string | null): Refusal | null;
  /**
   * Resolves when the request may begin, with what to call when it is over.
   * @param signal aborts when the client leaves: then it takes no place any more.
   * @throws `Refusal` when too many wait, when it waited too long, or when its token has too many already.
   */
  admit(token: string | null, signal: AbortSignal): Promise<() => void>;
  /** Requests that are in. */
  readonly inFlight: number;
  readonly waiting: number;
}

/** How long a request may wait to be let in, in milliseconds: longer and its client will have given up. */
const maxWaitMs = 500;

/** Made once: thousands are refused each second, and each error made would walk the stack. */
const gatewayBusy = overloaded('The gateway has too much to do.');
const tokenBusy = overloaded('The token has too many requests under way.');

/**
 * @param options.inFlight requests at once; a quarter as many may wait, and one token may have half of them.
 */
export function createAdmission({ inFlight: limit }: { inFlight: number }): Admission {
  const queue: { enter: () => void }[] = [];
  const ofToken = createTokenCount();
  let inFlight = 0;

  function refusal(token: string | null): Refusal | null {
    if (ofToken.of(token) >= Math.max(1, limit / 2)) return tokenBusy;
    return inFlight >= limit && queue.length >= limit / 4 ? gatewayBusy : null;
  }

  function wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
        settle();
      };
      const waiting = { enter: () => end(resolve) };
      const giveUp = (reason: unknown) => {
        queue.splice(queue.indexOf(waiting), 1);
        end(() => reject(reason));
      };
      const leave = () => giveUp(signal.reason);
      const timer = setTimeout(() => giveUp(gatewayBusy), maxWaitMs);
      signal.addEventListener('abort', leave);
      queue.push(waiting);
    });
  }

  return {
    refusal,
    async admit(token, signal) {
      const refused = refusal(token);
      if (refused) throw refused;
      ofToken.add(token, 1);
      try {
        // Whoever leaves hands its place over, so that nobody gets in before those who wait.
        if (inFlight >= limit) await wait(signal);
        else inFlight++;
      } catch (error) {
        ofToken.add(token, -1);
        throw error;
      }
      return () => {
        ofToken.add(token, -1);
        const next = queue.shift();
        if (next) next.enter();
        else inFlight--;
      };
    },
    get inFlight() {
      return inFlight;
    },
    get waiting() {
      return queue.length;
    },
  };
}

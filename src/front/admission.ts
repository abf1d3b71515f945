import { hash } from 'node:crypto';
import { overloaded } from './refusal.ts';

/** Lets so many requests in at once; some more wait, the rest is refused before anything is done for it. */
export interface Admission {
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

/**
 * @param options.inFlight requests at once; a quarter as many may wait, and one token may have half of them.
 */
export function createAdmission({ inFlight: limit }: { inFlight: number }): Admission {
  const queue: { enter: () => void }[] = [];
  const ofToken = new Map<string, number>();
  let inFlight = 0;

  /** Counts a request of a token; gives what takes it off again. */
  function count(token: string | null): () => void {
    if (token === null) return () => {};
    const key = hash('sha256', token, 'base64');
    const own = ofToken.get(key) ?? 0;
    if (own >= Math.max(1, limit / 2)) throw overloaded('The token has too many requests under way.');
    ofToken.set(key, own + 1);
    return () => {
      const left = (ofToken.get(key) ?? 1) - 1;
      if (left === 0) ofToken.delete(key);
      else ofToken.set(key, left);
    };
  }

  function wait(signal: AbortSignal): Promise<void> {
    if (queue.length >= limit / 4) throw overloaded('The gateway has too much to do.');
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
      const timer = setTimeout(() => giveUp(overloaded('The gateway has too much to do.')), maxWaitMs);
      signal.addEventListener('abort', leave);
      queue.push(waiting);
    });
  }

  return {
    async admit(token, signal) {
      const takeOff = count(token);
      try {
        // Whoever leaves hands its place over, so that nobody gets in before those who wait.
        if (inFlight >= limit) await wait(signal);
        else inFlight++;
      } catch (error) {
        takeOff();
        throw error;
      }
      return () => {
        takeOff();
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

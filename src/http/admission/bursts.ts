import { setImmediate as onImmediate } from 'node:timers';
import { setImmediate } from 'node:timers/promises';
import { type Refusal, tooManyRequests, tooMuchToDo } from '../refusal.ts';

/** Spreads a burst of new requests over several iterations of the event loop, so that other work runs in between. */
export interface Bursts {
  /** Why one more request of this caller is refused; null if it may start or wait. */
  refusal(owner: string): Refusal | null;
  /** Null if a request may start now; else resolves in an iteration that has time for it. */
  postpone(owner: string): Promise<void> | null;
}

/** New requests start for this time in each iteration of the event loop, in milliseconds. The others are postponed. */
const burstMs = 10;

/** One caller's share of the postponed requests. */
const share = 3 / 4;

/** @param most the most postponed requests: the admission does not count them yet. */
export function createBursts(most: number): Bursts {
  /** When the first request of this iteration started, on the clock of `performance.now()`; null if none has. */
  let since: number | null = null;
  let postponed = 0;
  const postponedOf = new Map<string, number>();

  function hasTime(): boolean {
    const now = performance.now();
    if (since === null) {
      since = now;
      onImmediate(() => {
        since = null;
      });
    }
    return now - since <= burstMs;
  }

  function count(owner: string, more: 1 | -1): void {
    postponed += more;
    const own = (postponedOf.get(owner) ?? 0) + more;
    if (own === 0) postponedOf.delete(owner);
    else postponedOf.set(owner, own);
  }

  async function wait(owner: string): Promise<void> {
    count(owner, 1);
    do await setImmediate();
    while (!hasTime());
    count(owner, -1);
  }

  return {
    refusal(owner) {
      if (postponed >= most) return tooMuchToDo;
      return postponed > 0 && (postponedOf.get(owner) ?? 0) >= most * share ? tooManyRequests : null;
    },
    postpone: (owner) => (hasTime() ? null : wait(owner)),
  };
}

import { BlockStorageError, isOwnShortage } from '../block-storage/error.ts';
import { mayPass } from './pace.ts';

/** Decides when a list is read next, and how long a failing region is waited for. */
export interface ListPace {
  /** A read was complete. */
  noteRead(read: { readonly isChanged: boolean; readonly isTransitional: boolean; readonly calls: number }): void;
  /**
   * A read has failed.
   * @returns whether another read may succeed, and whether changes were missed for too long to report them.
   */
  noteFailure(error: unknown): { readonly mayPass: boolean; readonly isOutOfPatience: boolean };
  /** Something of the list has changed or will soon: read often again for a while. */
  noteChange(): void;
  /** Milliseconds to the next read, which is soon if it is wanted now. A region that asks for more time gets it. */
  next(isWantedNow: boolean): number;
}

/** The longest time between two reads of a list that takes one call: in intervals, and in milliseconds. */
const rest = { intervals: 18, ms: 18_000 };

/** The longest time between two reads of a long list, in milliseconds. */
const longestMs = 180_000;

/** How fast the time between two reads grows while nothing changes. */
const growth = 1.2;

/** The shortest time between two reads, also if each is wanted at once, in milliseconds: callers can ask for many. */
const shortestMs = 1_000;

/** How long a region may fail before its changes count as missed and clients have to read its list again, in milliseconds. */
const patienceMs = 60_000;

/** The time between two reads of a region that fails, in milliseconds. */
const longestFailingMs = 30_000;

/** The longest time that a region may ask for, in milliseconds. */
const longestRetryAfterMs = 600_000;

/** Spreads the reads of many lists that began at the same time: each waits up to this part longer or shorter. */
const jitter = 0.1;

/** @param intervalMs the shortest time between two reads of a list that takes one call. */
export function createListPace(intervalMs: number): ListPace {
  const restMs = Math.min(rest.intervals * intervalMs, rest.ms);
  let usualMs = intervalMs;
  let calls = 1;
  // On the clock of `performance.now()`.
  let notBefore = 0;
  /** Null while the region answers. */
  let failingSince: number | null = null;
  let readAt = Number.NEGATIVE_INFINITY;

  return {
    noteRead(read) {
      calls = Math.max(1, read.calls);
      usualMs = read.isChanged || read.isTransitional ? intervalMs : Math.min(usualMs * growth, restMs);
      failingSince = null;
      readAt = performance.now();
    },
    noteFailure(error) {
      const now = performance.now();
      usualMs = failingSince === null ? intervalMs : Math.min(usualMs * growth, longestFailingMs);
      failingSince ??= now;
      readAt = now;
      if (error instanceof BlockStorageError && error.retryAfter !== null)
        notBefore = now + Math.min(error.retryAfter * 1000, longestRetryAfterMs);
      return {
        mayPass: mayPass(error) || isOwnShortage(error),
        isOutOfPatience: Math.max(now, notBefore) - failingSince >= patienceMs,
      };
    },
    noteChange() {
      usualMs = intervalMs;
    },
    next(isWantedNow) {
      const now = performance.now();
      const times = failingSince === null ? calls : 1;
      const longMs = Math.max(usualMs, Math.min(usualMs * times, longestMs));
      const wantedMs = isWantedNow
        ? readAt + Math.min(intervalMs, shortestMs) - now
        : longMs * (1 + jitter * (2 * Math.random() - 1));
      return Math.max(0, wantedMs, notBefore - now);
    },
  };
}

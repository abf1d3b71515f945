import { type Refusal, tooManyStreams } from '../refusal.ts';
import type { Principal } from './principal.ts';
import { createShares } from './shares.ts';

/** The event streams that are open. They hold no place of a request, and have limits of their own. */
export interface Streams {
  /** Why a stream would be refused now; null where it may begin. */
  refusal(principal: Principal): Refusal | null;
  /** Counts a stream in. Its signal aborts when it has to end: it is old, or the gateway closes. */
  open(principal: Principal): OpenStream;
  /** To be called when a region has accepted a token for the first time. */
  readonly noteAccepted: () => void;
  /** Ends all of them, and from now on each that begins. */
  end(): void;
  readonly count: number;
}

export interface OpenStream {
  readonly signal: AbortSignal;
  /** Counts it out again. */
  close(): void;
}

/** The part of the streams that one caller may have. */
const parts = { each: 1 / 10, eachUnknown: 1 / 40 };

/** A stream may end earlier by this part of the longest lifetime. */
const jitter = 0.1;

/** @param options.most streams at once. @param options.lifetimeMs of each, in milliseconds. */
export function createStreams(
  { most, lifetimeMs }: { most: number; lifetimeMs: number },
  isAccepted: (principal: Principal) => boolean,
): Streams {
  const open = new Set<AbortController>();
  const shares = createShares(() => most, parts, isAccepted);
  let isOver = false;

  return {
    refusal(principal) {
      if (shares.isUsedUp(principal, 1)) return tooManyStreams.ofCaller;
      if (open.size >= most) return tooManyStreams.ofGateway;
      return isAccepted(principal) || shares.isOpenToUnknown(principal, 1) ? null : tooManyStreams.ofUnaccepted;
    },
    open(principal) {
      const ends = new AbortController();
      if (isOver) ends.abort();
      // Streams that began together, as after a restart, end and begin again at different times.
      const timer = setTimeout(() => ends.abort(), lifetimeMs * (1 - jitter * Math.random()));
      open.add(ends);
      shares.add(principal, 1);
      if (!isAccepted(principal)) shares.addUnknown(principal, 1);
      return {
        signal: ends.signal,
        close() {
          clearTimeout(timer);
          open.delete(ends);
          shares.add(principal, -1);
          shares.addUnknown(principal, -1);
        },
      };
    },
    noteAccepted: shares.noteAccepted,
    end() {
      isOver = true;
      for (const ends of open) ends.abort();
    },
    get count() {
      return open.size;
    },
  };
}

import { overloaded, type Refusal } from './refusal.ts';
import { createTokenCount } from './token-count.ts';

/** The event streams that are open. They hold no place of a request, and have limits of their own. */
export interface Streams {
  /** Why a stream would be refused now; null where it may begin. */
  refusal(token: string | null): Refusal | null;
  /** Counts a stream in. Its signal aborts when it has to end: it is old, or the gateway closes. */
  open(token: string | null): OpenStream;
  /** Ends all of them, and from now on each that begins. */
  end(): void;
  readonly count: number;
}

export interface OpenStream {
  readonly signal: AbortSignal;
  /** Counts it out again. */
  close(): void;
}

const gatewayBusy = overloaded('The gateway has too many event streams open.');
const tokenBusy = overloaded('The token has too many event streams open.');

/** @param options.most streams at once; one token may have a tenth of them. @param options.lifetimeMs of each. */
export function createStreams({ most, lifetimeMs }: { most: number; lifetimeMs: number }): Streams {
  const open = new Set<AbortController>();
  const ofToken = createTokenCount();
  let isOver = false;

  return {
    refusal(token) {
      if (ofToken.of(token) >= Math.max(1, most / 10)) return tokenBusy;
      return open.size >= most ? gatewayBusy : null;
    },
    open(token) {
      const ends = new AbortController();
      if (isOver) ends.abort();
      const timer = setTimeout(() => ends.abort(), lifetimeMs);
      open.add(ends);
      ofToken.add(token, 1);
      return {
        signal: ends.signal,
        close() {
          clearTimeout(timer);
          open.delete(ends);
          ofToken.add(token, -1);
        },
      };
    },
    end() {
      isOver = true;
      for (const ends of open) ends.abort();
    },
    get count() {
      return open.size;
    },
  };
}

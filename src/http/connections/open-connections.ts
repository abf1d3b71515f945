import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The open connections of a server, and what each is used for. */
export interface OpenConnections {
  readonly all: Map<Socket, Use>;
  /** The connections without a request so far, with the time at which each was opened; the oldest first. */
  readonly unused: Map<Socket, number>;
  /** The connections that are kept for their next request; the one that has been idle for longest first. */
  readonly kept: Set<Socket>;
  /** Connections and requests that have come in so far. */
  arrivals: number;
  /** True once connections are no longer kept for their next request. */
  isClosing: boolean;
}

/** What a connection is used for. */
export interface Use {
  /** Requests whose answers are not written out, or whose bodies are still being discarded. */
  unanswered: number;
  /** Bytes that had been read when the last answer was written out; more of them are of a request. */
  bytesAnswered: number;
  /** The request that came last, until it is settled. */
  newest: IncomingMessage | null;
  /** When it is too old to be kept, on the clock of `performance.now()`. */
  readonly endsAt: number;
  /** The answer that says that the connection is too old. */
  last: ServerResponse | null;
}

/**
 * How long a connection may be open without a word before it is closed for others or at shutdown, in milliseconds, since
 * its request may be on its way; at shutdown also how long a connection may linger.
 */
export const silenceMs = 2_000;

export function createOpenConnections(): OpenConnections {
  return { all: new Map(), unused: new Map(), kept: new Set(), arrivals: 0, isClosing: false };
}

/** Registers a new connection until it closes. @param maxAgeMs 0 for no limit. */
export function noteConnection(open: OpenConnections, socket: Socket, maxAgeMs: number): Use {
  const now = performance.now();
  const endsAt = maxAgeMs === 0 ? Number.POSITIVE_INFINITY : now + maxAgeMs * (0.9 + 0.2 * Math.random());
  const use: Use = { unanswered: 0, bytesAnswered: 0, newest: null, endsAt, last: null };
  open.arrivals++;
  open.all.set(socket, use);
  open.unused.set(socket, now);
  socket.once('close', () => {
    open.all.delete(socket);
    open.unused.delete(socket);
    open.kept.delete(socket);
  });
  return use;
}

/** Registers a request until its answer is written out. */
export function noteRequest(open: OpenConnections, use: Use, request: IncomingMessage, response: ServerResponse): void {
  open.unused.delete(request.socket);
  open.kept.delete(request.socket);
  use.unanswered++;
  use.newest = request;
  // Not before all of the answer is with the system.
  response.on('close', () => {
    // A connection that is kept is in use until the rest of a refused body has been discarded.
    if (request.complete) settle(open, use, request);
    else request.once('end', () => settle(open, use, request));
  });
}

function settle(open: OpenConnections, use: Use, request: IncomingMessage): void {
  const { socket } = request;
  use.unanswered--;
  use.bytesAnswered = socket.bytesRead;
  if (use.unanswered === 0) {
    if (open.isClosing) socket.destroySoon();
    else if (socket.writable) open.kept.add(socket);
  }
  if (use.newest === request) use.newest = null;
}

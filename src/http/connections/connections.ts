import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Server as Listener, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Linger } from './linger.ts';

/** The connections of a server, so that it can be closed without losing what came in on one of them. */
export interface Connections {
  /**
   * Listens no more, and resolves when all that has come in is answered, with how many connections had to be cut off.
   * @param graceMs how long, in milliseconds.
   */
  close(graceMs: number): Promise<number>;
}

/** What bounds the connections of a server. */
export interface ConnectionLimits {
  /** Connections at once. One more closes the one that has been idle for longest; it is refused if none is idle. */
  readonly most: number;
  /**
   * In milliseconds, more or less by a tenth: the first answer after this age says `Connection: close`, so that the client
   * connects again, perhaps to another replica. 0 for no limit. An idle connection is not closed for its age: its next
   * request may be on its way.
   */
  readonly maxAgeMs: number;
}

/**
 * How long a connection may be open without a word before it is closed for others or at shutdown, since its request may
 * be on its way; at shutdown also how long a connection may linger.
 */
const silenceMs = 2_000;

/** Of the connections that have been idle for longest, the number that is searched for one that receives nothing. */
const searched = 32;

/** Bounds the loop below, in milliseconds, where clients never stop connecting. */
const takeInMs = 2_000;

/**
 * Watches a server that does not listen yet. Node's own `close` would do less: it destroys connections whose answer is
 * not written out, and waits for those that have said nothing, or are kept by an answer that came after it. Node's own
 * `maxConnections` would refuse new connections while idle ones are kept.
 * @param linger closes the connections whose last request has not arrived completely.
 * @param listener is given every request that is to be answered.
 */
export function watchConnections(
  server: Server,
  linger: Linger,
  listener: RequestListener,
  { most, maxAgeMs }: ConnectionLimits,
): Connections {
  const open = new Map<Socket, Use>();
  /** The connections without a request so far, with the time at which each was opened; the oldest first. */
  const unused = new Map<Socket, number>();
  /** The connections that are kept for their next request; the one that has been idle for longest first. */
  const kept = new Set<Socket>();
  let arrivals = 0;
  let isClosing = false;

  server.on('connection', (socket: Socket) => {
    arrivals++;
    const now = performance.now();
    const endsAt = maxAgeMs === 0 ? Number.POSITIVE_INFINITY : now + maxAgeMs * (0.9 + 0.2 * Math.random());
    const use: Use = { unanswered: 0, bytesAnswered: 0, newest: null, endsAt, last: null };
    open.set(socket, use);
    unused.set(socket, now);
    socket.once('close', () => {
      open.delete(socket);
      unused.delete(socket);
      kept.delete(socket);
    });
    // After one turn of the event loop, so that requests that have arrived on other connections are read first.
    if (open.size > most) void setImmediate().then(() => makeRoom(socket));
    // Node calls this when it has written an answer that says `Connection: close`.
    socket.destroySoon = () => {
      if (use.newest?.complete === false) linger(socket);
      else Socket.prototype.destroySoon.call(socket);
    };
  });
  server.on('request', (request, response) => {
    const { socket } = request;
    const use = open.get(socket);
    arrivals++;
    if (!use) return;
    unused.delete(socket);
    kept.delete(socket);
    use.unanswered++;
    use.newest = request;
    const settle = () => {
      use.unanswered--;
      use.bytesAnswered = socket.bytesRead;
      if (use.unanswered === 0) {
        if (isClosing) socket.destroySoon();
        else if (socket.writable) kept.add(socket);
      }
      if (use.newest === request) use.newest = null;
    };
    // Not before all of the answer is with the system.
    response.on('close', () => {
      // A connection that is kept is in use until the rest of a refused body has been discarded.
      if (request.complete) settle();
      else request.once('end', settle);
    });
    // Ignores requests that come after the connection's last answer (RFC 9112, 9.6).
    const answer = () => {
      if (!socket.writableEnded && !use.last?.headersSent) listener(request, response);
    };
    if (performance.now() < use.endsAt) {
      answer();
      return;
    }
    announceEnd(use, response);
    // The requests that came in the same packet are parsed first: they are answered too.
    process.nextTick(answer);
  });

  /** Closes the connection that has been idle for longest, for the newest one, which is closed itself if none is idle. */
  function makeRoom(newest: Socket): void {
    if (open.size > most) (longestUnused() ?? longestKept() ?? newest).destroy();
  }

  function longestUnused(): Socket | undefined {
    const latest = performance.now() - silenceMs;
    const isMeant = ([socket, since]: [Socket, number]) => socket.bytesRead === 0 && since < latest;
    return unused.entries().take(searched).find(isMeant)?.[0];
  }

  /** A request may still be on its way to it: its client has to send that again (RFC 9112, 9.6). */
  function longestKept(): Socket | undefined {
    const longest = kept.values().take(searched).toArray();
    const isMeant = (socket: Socket) => open.get(socket)?.bytesAnswered === socket.bytesRead;
    // If all of them are receiving, their clients send slowly on purpose: the longest idle one is closed.
    return longest.find(isMeant) ?? longest[0];
  }

  function end(isMeant: (socket: Socket, use: Use) => boolean): number {
    const meant = [...open].filter(([socket, use]) => isMeant(socket, use));
    for (const [socket] of meant) socket.destroy();
    return meant.length;
  }

  /**
   * Takes in what waits: a turn of the event loop accepts one connection and reads what has arrived, so turns are made
   * until one brings nothing.
   */
  async function takeIn(): Promise<void> {
    const latest = performance.now() + takeInMs;
    for (let before = -1; arrivals !== before && performance.now() < latest; ) {
      before = arrivals;
      await setImmediate();
    }
  }

  return {
    async close(graceMs) {
      let cutOff = 0;
      const rest = setTimeout(() => {
        cutOff = end(() => true);
      }, graceMs);
      await takeIn();
      isClosing = true;
      const closed = new Promise<void>((resolve) => Listener.prototype.close.call(server, () => resolve()));
      end((socket, use) => socket.bytesRead > 0 && use.unanswered === 0 && use.bytesAnswered === socket.bytesRead);
      const silent = setTimeout(() => end((socket) => socket.bytesRead === 0 || isLingering(socket)), silenceMs);
      await closed;
      clearTimeout(silent);
      clearTimeout(rest);
      // Nothing is left but the timer by which Node looks for slow clients.
      server.close();
      return cutOff;
    },
  };
}

/** Whether the last answer of a connection is written out: the connection lingers. */
function isLingering(socket: Socket): boolean {
  return socket.writableFinished;
}

/**
 * Makes this response say `Connection: close`, instead of an earlier response whose head is not sent yet. Does nothing if an
 * earlier response has said it already.
 */
function announceEnd(use: Use, response: ServerResponse): void {
  if (use.last?.headersSent) return;
  if (use.last) use.last.shouldKeepAlive = true;
  response.shouldKeepAlive = false;
  use.last = response;
}

/** What a connection is used for. */
interface Use {
  /** Requests whose answers are not written out, or whose bodies are still being discarded. */
  unanswered: number;
  /** Bytes that had been read when the last answer was; more of them are of a request. */
  bytesAnswered: number;
  /** The request that came last, until it is settled. */
  newest: IncomingMessage | null;
  /** When it is too old to be kept, on the clock of `performance.now()`. */
  readonly endsAt: number;
  /** The answer that says that the connection is too old. */
  last: ServerResponse | null;
}

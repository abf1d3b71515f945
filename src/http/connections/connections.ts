import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { close } from './close.ts';
import type { Linger } from './linger.ts';
import { makeRoom } from './make-room.ts';
import { createOpenConnections, noteConnection, noteRequest, type Use } from './open-connections.ts';

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
 * Watches a server that does not listen yet. Node's own `maxConnections` would refuse new connections while idle ones are
 * kept.
 * @param linger closes the connections whose last request has not arrived completely.
 * @param listener is given every request that is to be answered.
 */
export function watchConnections(
  server: Server,
  linger: Linger,
  listener: RequestListener,
  { most, maxAgeMs }: ConnectionLimits,
): Connections {
  const open = createOpenConnections();
  server.on('connection', (socket: Socket) => {
    const use = noteConnection(open, socket, maxAgeMs);
    // After one turn of the event loop, so that requests that have arrived on other connections are read first.
    if (open.all.size > most) void setImmediate().then(() => makeRoom(open, most, socket));
    // Node calls this when it has written an answer that says `Connection: close`.
    socket.destroySoon = () => {
      if (use.newest?.complete === false) linger(socket);
      else Socket.prototype.destroySoon.call(socket);
    };
  });
  server.on('request', (request, response) => {
    const use = open.all.get(request.socket);
    open.arrivals++;
    if (!use) return;
    noteRequest(open, use, request, response);
    if (performance.now() < use.endsAt) {
      answer(listener, use, request, response);
      return;
    }
    announceEnd(use, response);
    // The requests that came in the same packet are parsed first: they are answered too.
    process.nextTick(answer, listener, use, request, response);
  });
  return { close: (graceMs) => close(server, open, graceMs) };
}

/** Ignores requests that come after the connection's last answer (RFC 9112, 9.6). */
function answer(listener: RequestListener, use: Use, request: IncomingMessage, response: ServerResponse): void {
  if (!request.socket.writableEnded && !use.last?.headersSent) listener(request, response);
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

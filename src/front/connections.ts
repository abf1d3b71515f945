import type { IncomingMessage, Server } from 'node:http';
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

/**
 * When the server closes: how long a connection may be open without a word, since its request may be on its way, and how
 * long a connection may linger.
 */
const silenceMs = 2_000;

/** Bounds the loop below, in milliseconds, where clients never stop connecting. */
const takeInMs = 2_000;

/**
 * Watches a server that does not listen yet. Node's own `close` would do less: it destroys connections whose answer is
 * not written out, and waits for those that have said nothing, or are kept by an answer that came after it.
 * @param linger closes the connections whose last request has not arrived completely.
 */
export function watchConnections(server: Server, linger: Linger): Connections {
  const open = new Map<Socket, Use>();
  let arrivals = 0;
  let isClosing = false;

  server.on('connection', (socket: Socket) => {
    arrivals++;
    const use: Use = { unanswered: 0, bytesAnswered: 0, newest: null };
    open.set(socket, use);
    socket.once('close', () => open.delete(socket));
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
    use.unanswered++;
    use.newest = request;
    const settle = () => {
      use.unanswered--;
      use.bytesAnswered = socket.bytesRead;
      if (isClosing && use.unanswered === 0) socket.destroySoon();
      if (use.newest === request) use.newest = null;
    };
    // Not before all of the answer is with the system.
    response.on('close', () => {
      // A connection that is kept is in use until the rest of a refused body has been discarded.
      if (request.complete) settle();
      else request.once('end', settle);
    });
  });

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

/** What a connection is used for. */
interface Use {
  /** Requests whose answers are not written out, or whose bodies are still being discarded. */
  unanswered: number;
  /** Bytes that had been read when the last answer was; more of them are of a request. */
  bytesAnswered: number;
  /** The request that came last, until it is settled. */
  newest: IncomingMessage | null;
}

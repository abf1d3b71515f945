import type { Server } from 'node:http';
import { Server as Listener, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { type OpenConnections, silenceMs, type Use } from './open-connections.ts';

/** Bounds the loop below, in milliseconds, where clients never stop connecting. */
const takeInMs = 2_000;

/**
 * Listens no more, and resolves when all that has come in is answered, with how many connections had to be cut off. Node's
 * own `close` would do less: it destroys connections whose answer is not written out, and waits for those that have said
 * nothing, or are kept by an answer that came after it.
 */
export async function close(server: Server, open: OpenConnections, graceMs: number): Promise<number> {
  let cutOff = 0;
  const rest = setTimeout(() => {
    cutOff = destroy(open, () => true);
  }, graceMs);
  await takeIn(open);
  open.isClosing = true;
  const closed = new Promise<void>((resolve) => Listener.prototype.close.call(server, () => resolve()));
  destroy(open, isIdle);
  const silent = setTimeout(() => destroy(open, isSilent), silenceMs);
  await closed;
  clearTimeout(silent);
  clearTimeout(rest);
  // Only the timer is still there by which Node looks for slow clients.
  server.close();
  return cutOff;
}

/**
 * Takes in what waits: a turn of the event loop accepts one connection and reads what has arrived, so turns are made
 * until one brings nothing.
 */
async function takeIn(open: OpenConnections): Promise<void> {
  const latest = performance.now() + takeInMs;
  for (let before = -1; open.arrivals !== before && performance.now() < latest; ) {
    before = open.arrivals;
    await setImmediate();
  }
}

/** Destroys the connections that are meant. Returns their number. */
function destroy({ all }: OpenConnections, isMeant: (socket: Socket, use: Use) => boolean): number {
  const meant = [...all].filter(([socket, use]) => isMeant(socket, use));
  for (const [socket] of meant) socket.destroy();
  return meant.length;
}

/** Whether all that has come in is answered. */
function isIdle({ bytesRead }: Socket, { unanswered, bytesAnswered }: Use): boolean {
  return bytesRead > 0 && unanswered === 0 && bytesAnswered === bytesRead;
}

/** Whether a connection has said nothing so far, or lingers: its last answer is written out. */
function isSilent({ bytesRead, writableFinished }: Socket): boolean {
  return bytesRead === 0 || writableFinished;
}

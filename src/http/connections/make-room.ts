import type { Socket } from 'node:net';
import { type OpenConnections, silenceMs } from './open-connections.ts';

/** Of the connections that have been idle for longest, the number that is searched for one that receives nothing. */
const searched = 32;

/**
 * Closes the connection that has been idle for longest, for the newest one, which is closed itself if none is idle.
 * @param most connections at once. Does nothing while there are no more.
 */
export function makeRoom(open: OpenConnections, most: number, newest: Socket): void {
  if (open.all.size > most) (longestUnused(open) ?? longestKept(open) ?? newest).destroy();
}

function longestUnused({ unused }: OpenConnections): Socket | undefined {
  const latest = performance.now() - silenceMs;
  const isMeant = ([socket, since]: [Socket, number]) => socket.bytesRead === 0 && since < latest;
  return unused.entries().take(searched).find(isMeant)?.[0];
}

/** A request may still be on its way to it: its client has to send that again (RFC 9112, 9.6). */
function longestKept({ all, kept }: OpenConnections): Socket | undefined {
  const longest = kept.values().take(searched).toArray();
  const isMeant = (socket: Socket) => all.get(socket)?.bytesAnswered === socket.bytesRead;
  // If all of them are receiving, their clients send slowly on purpose: the longest idle one is closed.
  return longest.find(isMeant) ?? longest[0];
}

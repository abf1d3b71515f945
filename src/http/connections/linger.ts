import { Socket } from 'node:net';

/** Closes a connection after its last answer, although its client may still be sending. */
export type Linger = (socket: Socket) => void;

/**
 * Closing a socket that has unread input sends a reset, which can make the client lose the answer (RFC 9112, 9.6). A
 * lingering connection is half-closed instead: its input is discarded until the client closes it or a limit is reached.
 */
export function createLinger(): Linger {
  const lingering = new Set<Socket>();

  return (socket) => {
    if (lingering.has(socket)) return;
    if (!socket.writable) {
      Socket.prototype.destroySoon.call(socket);
      return;
    }
    // The oldest has had the most time to read its answer.
    const [oldest] = lingering;
    if (oldest && lingering.size >= maxLingering) {
      lingering.delete(oldest);
      oldest.destroy();
    }
    lingering.add(socket);
    const bytesReadMost = socket.bytesRead + maxBytes;
    // Detaches the HTTP parser: the input must not become another request, or an error.
    socket.removeAllListeners('data');
    socket.on('data', () => {
      if (socket.bytesRead > bytesReadMost) socket.destroy();
    });
    socket.resume();
    socket.end();
    socket.setTimeout(maxSilenceMs, () => socket.destroy());
    const timer = setTimeout(() => socket.destroy(), maxMs);
    // Node destroys a socket by itself once both sides have ended.
    socket.once('close', () => {
      clearTimeout(timer);
      lingering.delete(socket);
    });
  };
}

/** Connections that linger at once; one more closes the oldest. A fraction of the connections that may be open. */
const maxLingering = 256;

/**
 * Bytes discarded for one connection. A client that reads while it sends stops long before; one that sends its whole
 * body first gets its answer if the body is within this.
 */
const maxBytes = 16 * 1024 * 1024;

/** How long a connection lingers at most, in milliseconds: enough to send `maxBytes` at 30 Mbit/s. */
const maxMs = 5_000;

/** How long a lingering client may send nothing, in milliseconds: longer than a lost packet takes to be sent again. */
const maxSilenceMs = 2_000;

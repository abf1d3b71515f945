import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** Bytes of the body; of a chunked one with the marks of its chunks. */
  readonly size: number;
}

/** A bare socket to a server, which reads no more of an answer than where it ends. One request at a time. */
export interface Connection {
  /** Resolves when it is open. Rejects if it cannot be opened. */
  readonly opened: Promise<unknown>;
  /** Resolves when the whole answer is there. Rejects if the connection breaks off. */
  ask(request: Buffer): Promise<Answer>;
  isOpen(): boolean;
  close(): void;
}

const endOfHead = Buffer.from('\r\n\r\n');
const endOfChunks = Buffer.from('0\r\n\r\n');

export function openConnection(port: number): Connection {
  let waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null;
  const read = createReader((answer) => {
    const asked = waiting;
    waiting = null;
    asked?.resolve(answer);
  });
  const opening = Promise.withResolvers<void>();
  const socket: Socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: Buffer.allocUnsafe(256 * 1024),
      callback(count, buffer) {
        read(Buffer.from(buffer.buffer, buffer.byteOffset, count));
        return true;
      },
    },
  });
  const fail = (error: Error) => {
    opening.reject(error);
    waiting?.reject(error);
    waiting = null;
  };
  // Without effect on a connection that has been open.
  opening.promise.catch(() => {});
  socket.once('connect', opening.resolve);
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('connection closed')));

  return {
    opened: opening.promise,
    ask(request) {
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        if (socket.destroyed) fail(new Error('connection closed'));
        else socket.write(request);
      });
    },
    isOpen: () => !socket.destroyed,
    close: () => socket.destroy(),
  };
}

/** Reads the bytes of a connection, and calls `onAnswer` at the end of each answer. */
function createReader(onAnswer: (answer: Answer) => void): (bytes: Buffer) => void {
  let head: Buffer | null = null;
  let status = 0;
  /** Bytes of the body that are still to come; null while its length is not known. */
  let left: number | null = null;
  let size = 0;
  /** The last bytes of a chunked body. */
  let tail: Buffer = Buffer.alloc(0);

  return (bytes) => {
    let body = bytes;
    if (status === 0) {
      const all = head ? Buffer.concat([head, bytes]) : bytes;
      const end = all.indexOf(endOfHead);
      if (end < 0) {
        head = Buffer.from(all);
        return;
      }
      const text = all.toString('latin1', 0, end);
      status = Number(text.slice(9, 12));
      const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
      left = length === undefined ? null : Number(length);
      head = null;
      body = all.subarray(end + endOfHead.length);
    }
    size += body.length;
    if (left === null) {
      tail = Buffer.concat([tail, body.subarray(-endOfChunks.length)]).subarray(-endOfChunks.length);
      if (!tail.equals(endOfChunks)) return;
      tail = Buffer.alloc(0);
    } else {
      left -= body.length;
      if (left > 0) return;
    }
    const answer = { status, size };
    status = 0;
    size = 0;
    onAnswer(answer);
  };
}

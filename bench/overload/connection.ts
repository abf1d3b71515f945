import { connect, type Socket } from 'node:net';

/** An answer, as far as it matters. */
export interface RawAnswer {
  readonly status: string;
  readonly body: string;
}

/** Connections that are kept while the other side keeps them, as many as there are requests at once. */
export interface Pool {
  /** Sends a request; `done` hears its answer, or the code of the error that the connection ended with before it. */
  send(request: string, done: (answer: RawAnswer | string) => void): void;
  /** Connections opened so far. */
  readonly opened: number;
  close(): void;
}

/** Thin, so that one core can send thousands of requests a second: no streams of answers, no headers but two. */
export function createPool(port: number): Pool {
  const idle: Connection[] = [];
  const all = new Set<Connection>();
  let opened = 0;

  function open(): Connection {
    opened++;
    const connection = createConnection(port, localAddresses[opened % localAddresses.length], {
      free: () => idle.push(connection),
      closed() {
        all.delete(connection);
        const place = idle.indexOf(connection);
        if (place >= 0) idle.splice(place, 1);
      },
    });
    all.add(connection);
    return connection;
  }

  return {
    send: (request, done) => (idle.pop() ?? open()).send(request, done),
    get opened() {
      return opened;
    },
    close() {
      for (const { socket } of all) socket.destroy();
    },
  };
}

interface Connection {
  readonly socket: Socket;
  send(request: string, done: (answer: RawAnswer | string) => void): void;
}

/** One address has no more than 28,000 ports, and each is taken for a minute after its connection. */
const localAddresses =
  process.platform === 'linux' ? Array.from({ length: 64 }, (_, index) => `127.0.0.${index + 2}`) : ['127.0.0.1'];

/** All connections read into one buffer: what is read is taken out at once. */
const shared = Buffer.allocUnsafe(64 * 1024);

function createConnection(
  port: number,
  localAddress: string | undefined,
  on: { free(): void; closed(): void },
): Connection {
  let text = '';
  let failure = 'without an answer';
  let waiting: ((answer: RawAnswer | string) => void) | null = null;

  function tell(answer: RawAnswer | string): void {
    const done = waiting;
    waiting = null;
    text = '';
    done?.(answer);
  }

  function read(length: number): boolean {
    text += shared.toString('latin1', 0, length);
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return true;
    const head = text.slice(0, end).toLowerCase();
    const size = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
    if (text.length < end + 4 + size) return true;
    const isLast = head.includes('\r\nconnection: close');
    tell({ status: head.slice(9, 12), body: text.slice(end + 4) });
    if (isLast) socket.destroy();
    else on.free();
    return true;
  }

  const socket = connect({
    port,
    host: '127.0.0.1',
    ...(localAddress ? { localAddress } : {}),
    noDelay: true,
    onread: { buffer: shared, callback: read },
  });
  socket.on('error', (error) => {
    failure = 'code' in error ? String(error.code) : error.name;
  });
  socket.once('close', () => {
    on.closed();
    tell(failure);
  });
  return {
    socket,
    send(request, done) {
      waiting = done;
      socket.write(request, 'latin1');
    },
  };
}

import { connect, type Socket } from 'node:net';

/** An answer, as far as it matters. */
export interface RawAnswer {
  readonly status: string;
  readonly body: string;
}

/** Hears an answer, or the code of the error that the connection ended with before it. */
type Done = (answer: RawAnswer | string) => void;

/** Connections that are kept while the other side keeps them, as many as there are requests at once. */
export interface Pool {
  /** Sends a request, at once while there are fewer connections than allowed. */
  send(request: string, done: Done): void;
  /** Connections opened so far. */
  readonly opened: number;
  close(): void;
}

/** Thin, so that one core can send thousands of requests a second: no streams of answers, no headers but two. */
export function createPool(port: number, maxConnections: number): Pool {
  const idle: Connection[] = [];
  const all = new Set<Connection>();
  const waiting: (readonly [request: string, done: Done])[] = [];
  let opened = 0;
  let isClosed = false;

  function open(): Connection {
    const localAddress = localAddresses[opened % localAddresses.length];
    opened++;
    const connection = createConnection(port, localAddress, {
      free() {
        idle.push(connection);
        sendWaiting();
      },
      closed() {
        all.delete(connection);
        const place = idle.indexOf(connection);
        if (place >= 0) idle.splice(place, 1);
        sendWaiting();
      },
    });
    all.add(connection);
    return connection;
  }

  function sendWaiting(): void {
    const next = isClosed ? undefined : waiting.shift();
    if (next) send(...next);
  }

  function send(request: string, done: Done): void {
    const connection = idle.pop() ?? (all.size < maxConnections ? open() : null);
    if (connection) connection.send(request, done);
    else waiting.push([request, done]);
  }

  return {
    send,
    get opened() {
      return opened;
    },
    close() {
      isClosed = true;
      for (const { socket } of all) socket.destroy();
    },
  };
}

interface Connection {
  readonly socket: Socket;
  send(request: string, done: Done): void;
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
  let waiting: Done | null = null;

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

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
  answerFaults,
  connectionFaults,
  isAnswerFault,
  isConnectionFault,
  type Message,
  type ProxyFault,
  whole,
} from './network-fault.ts';

/** A TCP proxy in front of one region, on a port of its own, with a fault that can be changed at any time. */
export interface FaultyProxy extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`, or `https:` with a certificate. */
  readonly endpoint: string;
  readonly counts: ProxyCounts;
  /**
   * From now on, for connections that are open already, too. Resolves when it holds.
   * @param answers so many of them, then all pass again; without end when left out.
   */
  use(fault: ProxyFault, answers?: number): Promise<void>;
  /**
   * The next request is answered with this, a whole HTTP answer, as soon as it comes; on its connection each answer of
   * the region comes one request late from then on.
   */
  slip(stray: string): void;
}

export interface ProxyCounts {
  /** Connections so far. */
  readonly opened: number;
  /** Connections open now. */
  readonly open: number;
  /** Requests passed on to the region so far, answered or not. */
  readonly requests: number;
}

/**
 * Starts a proxy that passes everything on.
 * @param options.region the region's own endpoint.
 * @param options.certificate makes it an https endpoint.
 */
export async function startProxy(options: {
  readonly region: string;
  readonly certificate?: { readonly cert: string; readonly key: string };
}): Promise<FaultyProxy> {
  const { certificate } = options;
  const counts = { opened: 0, requests: 0 };
  const connections = new Set<Socket>();
  let fault: ProxyFault = 'pass';
  let left = Number.POSITIVE_INFINITY;
  let flaps = 0;
  let stray: Buffer | null = null;
  const server = certificate ? createTlsServer(certificate, serve) : createServer({ allowHalfOpen: true }, serve);
  // Of a TLS server too it is the connection below.
  server.on('connection', (socket: Socket) => {
    counts.opened++;
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  // A failed handshake is the other side's to report.
  server.on('tlsClientError', (_, socket) => socket.destroy());

  function serve(client: Socket): void {
    client.on('error', () => {});
    if (fault === 'flap' && flaps++ % 2 === 0) connectionFaults.hangUp(client);
    else if (isConnectionFault(fault)) connectionFaults[fault](client);
    else void relay(client);
  }

  async function relay(client: Socket): Promise<void> {
    const region = connect(Number(new URL(options.region).port), '127.0.0.1');
    region.on('error', () => {});
    const answers = messages(region);
    let late: Buffer | null = null;
    const answer = async (isLate: boolean) => {
      const { value } = await answers.next();
      if (!value) client.destroy();
      else if (isLate) late = whole(value);
      else if (isAnswerFault(fault) && left-- > 0) answerFaults[fault](client, value);
      else answerFaults.pass(client, value);
    };
    for await (const request of messages(client)) {
      counts.requests++;
      if (stray) [late, stray] = [stray, null];
      if (late) client.write(late);
      region.write(whole(request));
      // Not waited for, so that a client that leaves in the meantime is noticed.
      void answer(late !== null);
    }
    client.destroy();
    region.destroy();
  }

  async function listen(port: number): Promise<void> {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  }

  async function close(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    for (const socket of connections) socket.destroy();
    await closed;
  }

  await listen(0);
  // A listening TCP server always has an address of this shape.
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    get counts() {
      return { ...counts, open: connections.size };
    },
    async use(next, answers = Number.POSITIVE_INFINITY) {
      fault = next;
      left = answers;
      flaps = 0;
      if (next === 'refuse' && server.listening) await close();
      if (next !== 'refuse' && !server.listening) await listen(port);
    },
    slip(answer) {
      stray = Buffer.from(answer);
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await close();
    },
  };
}

/** The messages of one side of a connection, as far as they are whole; ends with the connection. */
async function* messages(socket: Socket): AsyncGenerator<Message, undefined> {
  let bytes = Buffer.alloc(0);
  try {
    for await (const chunk of socket) {
      bytes = Buffer.concat([bytes, chunk]);
      for (;;) {
        const end = bytes.indexOf('\r\n\r\n');
        if (end < 0) break;
        const head = bytes.toString('latin1', 0, end + 2);
        const behind = end + 4 + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
        if (bytes.length < behind) break;
        yield { head, body: bytes.subarray(end + 4, behind) };
        bytes = bytes.subarray(behind);
      }
    }
  } catch {
    // A connection that breaks ends, too.
  }
  return undefined;
}

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** What the proxy does with a CONNECT. */
export type TunnelAnswer =
  /** Opens a tunnel to the test's region, whatever host is named. */
  | 'open'
  /** Answers with this status. */
  | number
  /** Never answers. */
  | 'hang'
  /** Closes the connection. */
  | 'close'
  /** Opens a tunnel, and resets it. */
  | 'reset'
  /** Answers with something that is not HTTP. */
  | 'greet'
  /** Says that a tunnel is open, with a body. */
  | 'body';

const established = 'HTTP/1.1 200 Connection established\r\n\r\n';

/** An HTTP proxy that opens tunnels with CONNECT to one region, and nothing else. */
export interface ConnectProxy extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`, or `https:` with a certificate. */
  readonly url: string;
  /** Every CONNECT so far: `host:port`, and its headers. */
  readonly asked: readonly { readonly authority: string; readonly headers: IncomingHttpHeaders }[];
  /** The client’s side of each tunnel that has been opened. */
  readonly tunnels: readonly Socket[];
  /** The client’s side of each CONNECT that hangs. */
  readonly hanging: readonly Socket[];
  /** Answers the next `times` CONNECTs like this, all further ones if `times` is left out; then tunnels are opened again. */
  use(answer: TunnelAnswer, times?: number): void;
}

/**
 * @param region where every tunnel leads to, whatever host the gateway names: as with a name that only the proxy knows.
 * @param certificate makes it an https proxy.
 */
export async function startConnectProxy(
  region: string,
  certificate?: { readonly cert: string; readonly key: string },
): Promise<ConnectProxy> {
  const asked: { authority: string; headers: IncomingHttpHeaders }[] = [];
  const tunnels: Socket[] = [];
  const hanging: Socket[] = [];
  const sockets = new Set<Socket>();
  let way: TunnelAnswer = 'open';
  let left = Number.POSITIVE_INFINITY;
  const server = certificate ? createTlsServer(certificate) : createServer();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', (_, socket: Socket) => socket.destroy());
  // A request that is not a CONNECT has no business here.
  server.on('request', (_, response) => response.writeHead(405).end());
  server.on('connect', ({ url = '', headers }: IncomingMessage, client: Socket) => {
    asked.push({ authority: url, headers });
    client.on('error', () => {});
    const answer = left-- > 0 ? way : 'open';
    if (answer === 'open') open(client);
    else if (answer === 'close') client.end();
    else if (answer === 'reset') client.write(established, reset);
    else if (answer === 'greet') client.end('220 ready\r\n');
    else if (answer === 'body') client.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    else if (answer === 'hang') hanging.push(client.resume().once('end', () => client.destroy()));
    else client.end(`HTTP/1.1 ${answer} No\r\nContent-Length: 2\r\n\r\nno`);
  });

  function reset(): void {
    for (const socket of sockets) socket.resetAndDestroy();
  }

  function open(client: Socket): void {
    const target = connect(Number(new URL(region).port), '127.0.0.1', () => {
      tunnels.push(client);
      client.write(established);
      client.pipe(target).pipe(client);
    });
    sockets.add(target);
    target.once('close', () => client.destroy());
    target.on('error', () => {});
    client.once('close', () => {
      sockets.delete(target);
      target.destroy();
    });
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server always has an address of this shape.
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    asked,
    tunnels,
    hanging,
    use(answer, times = Number.POSITIVE_INFINITY) {
      way = answer;
      left = times;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

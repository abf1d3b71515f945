import type { Socket } from 'node:net';
import { buildConnector, Client } from 'undici';
import type { HttpProxy } from '../regions.ts';
import { codeOf } from './fault.ts';

/** What TLS with a region needs beyond its name: the texts of a client certificate and its key, if there is one. */
export interface TlsOptions {
  readonly cert?: string;
  readonly key?: string;
}

/** The proxy opened no tunnel. */
class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** `PROXY_407` for an answer of the proxy with that status, `PROXY_ECONNREFUSED` for an error with that code. */
  readonly code: string;

  constructor(message: string, reason: string | number, cause?: Error) {
    super(message, { cause });
    this.code = `PROXY_${reason}`;
  }
}

/**
 * Opens a tunnel through a proxy for each connection. TLS with the region goes through the tunnel from end to end.
 * @param connect opens connections to the proxy.
 * @param options.connectMs the longest time of each step: to reach the proxy, its answer, the TLS handshake with the region.
 * @returns a connector that fails with an error whose code begins with `PROXY_` if the proxy opens no tunnel.
 */
export function createTunnelConnector(
  { origin, headers }: HttpProxy,
  connect: buildConnector.connector,
  { tls, connectMs }: { tls: TlsOptions; connectMs: number },
): buildConnector.connector {
  const secure = buildConnector({ ...tls, allowH2: false, timeout: connectMs });
  const proxyOptions = {
    allowH2: false,
    headersTimeout: connectMs,
    // undici takes the name from the `Host` header, which is the region's. Without it, the host of the proxy's URL counts.
    connect: (target: buildConnector.Options, callback: buildConnector.Callback) =>
      connect({ ...target, servername: '' }, callback),
  } satisfies Client.Options;

  return (target, callback) => {
    const path = authorityOf(target);
    new Client(origin, proxyOptions).connect({ path, headers: { host: path, ...headers() } }, (error, answer) => {
      if (error) {
        callback(
          new ProxyError('the proxy cannot be reached, or does not answer', codeOf(error) ?? error.name, error),
          null,
        );
        return;
      }
      const { statusCode } = answer;
      // undici hands over what its connector opened, and that is a socket.
      const socket = answer.socket as Socket;
      // The reader of the socket handles its end. This listener only keeps an error from ending the process.
      socket.on('error', () => {});
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy();
        callback(new ProxyError(`the proxy answered CONNECT with ${statusCode}`, statusCode), null);
      } else if (socket.readableLength > 0) {
        // The region speaks only when it is asked. undici would connect again and again, without a pause.
        socket.destroy();
        callback(new ProxyError('bytes came through the tunnel before the request', 'UNASKED_BYTES'), null);
      } else if (target.protocol === 'https:') secure({ ...target, httpSocket: socket }, callback);
      else callback(null, socket);
    });
  };
}

/** Host and port, as `CONNECT` names them. */
function authorityOf({ host = '', port, protocol }: buildConnector.Options): string {
  return port ? host : `${host}:${protocol === 'https:' ? 443 : 80}`;
}

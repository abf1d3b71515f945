import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface CannedRequest {
  readonly method: string;
  /** Path and query behind `/v2/{tenantId}`. */
  readonly path: string;
  readonly tenant: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface CannedAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Text and bytes as they are; anything else as JSON. */
  readonly body?: unknown;
}

/** An upstream that answers whatever a test wants it to. */
export interface CannedUpstream extends AsyncDisposable {
  readonly endpoint: string;
  readonly requests: CannedRequest[];
}

/**
 * @param answer gives the answer to a request; null when it has been dealt with on `response` already.
 * @param tls makes it an https endpoint.
 */
export async function startCanned(
  answer: (request: CannedRequest, response: ServerResponse) => CannedAnswer | null,
  tls?: ServerOptions,
): Promise<CannedUpstream> {
  const requests: CannedRequest[] = [];
  const listener = (incoming: IncomingMessage, response: ServerResponse) => void respond(incoming, response);
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);

  async function respond(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (incoming.url === '/') {
      // The gateway's own question whether the region is well.
      response.writeHead(300, { 'content-type': 'application/json' }).end('{"versions": []}');
      return;
    }
    const [, , tenant = '', ...rest] = (incoming.url ?? '').split('/');
    const { method = '', headers } = incoming;
    const request = { method, path: `/${rest.join('/')}`, tenant, headers, body: await text(incoming) };
    requests.push(request);
    const canned = answer(request, response);
    if (!canned) return;
    const type = typeof canned.body === 'string' ? 'text/html; charset=UTF-8' : 'application/json';
    response.writeHead(canned.status ?? 200, {
      'content-type': type,
      'x-openstack-request-id': 'req-canned',
      ...canned.headers,
    });
    const isAsItIs = typeof canned.body === 'string' || Buffer.isBuffer(canned.body);
    response.end(isAsItIs ? canned.body : JSON.stringify(canned.body ?? {}));
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server always has an address of this shape.
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

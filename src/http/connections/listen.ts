import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../../config/config.ts';
import type { Cors } from '../cors.ts';
import { answerClientErrors } from './client-error.ts';
import { type ConnectionLimits, type Connections, watchConnections } from './connections.ts';
import { createLinger } from './linger.ts';

export interface ListenLimits extends ConnectionLimits {
  /** How long a connection is kept for its next request, in milliseconds. Node keeps it a second longer than it says. */
  readonly keepAliveMs: number;
}

/** A server that listens. */
export interface Listening {
  /** Such as `http://localhost:4000`. */
  readonly url: string;
  readonly server: Server;
  readonly connections: Connections;
}

/** Where to listen. */
interface Place {
  /** The environment variable of the port. */
  readonly variable: string;
  readonly port: number;
  /** Null for all addresses. */
  readonly host: string | null;
}

/** What a connection may take its time for, in milliseconds: enough for any client, too little for one that holds out. */
const timeouts = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
};

export function listen(listener: RequestListener, cors: Cors, place: Place, limits: ListenLimits): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = createServer({ ...timeouts, keepAliveTimeout: limits.keepAliveMs });
    const linger = createLinger();
    const connections = watchConnections(server, linger, listener, limits);
    answerClientErrors(server, linger, cors);
    // Node would send `100 Continue` before it is known whether the body is wanted: the body reader does it.
    server.on('checkContinue', (request, response) => server.emit('request', request, response));
    server.once('error', (error) => {
      const problem = 'code' in error ? problemOf(error.code, place) : null;
      reject(problem === null ? error : new ConfigError([problem]));
    });
    // Without a host Node listens on `::`, which takes IPv4 too, or on 0.0.0.0 if the machine has no IPv6.
    server.listen(place.port, place.host ?? undefined, () => resolve({ url: urlOf(server), server, connections }));
  });
}

/** What to change so that the gateway can listen; null if the error is not the configuration's. */
function problemOf(code: unknown, { variable, port, host }: Place): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `${variable}: ${port} is in use${host === null ? '' : ` on ${host}`}; choose another`;
    case 'EACCES':
      return `${variable}: only a privileged user may listen on ${port}: write a port from 1024 to 65535`;
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EAI_AGAIN':
    case 'EINVAL':
    case 'ENOTFOUND':
      return `HOST: ${host} is not an address of this machine: write one without scheme and port, such as 127.0.0.1 for programs on this machine, or leave HOST empty for all addresses`;
    default:
      return null;
  }
}

function urlOf(server: Server): string {
  // A listening TCP server always has an address of this shape.
  const { address, family, port } = server.address() as AddressInfo;
  const host = /^(127\.0\.0\.1|0\.0\.0\.0|::)$/.test(address)
    ? 'localhost'
    : family === 'IPv6'
      ? `[${address}]`
      : address;
  return `http://${host}:${port}`;
}

import type { Socket } from 'node:net';
import { type buildConnector, Client, type Dispatcher, Pool } from 'undici';
import { Decompressing } from './decompress.ts';

/** A handler that wants to know which connection carries its call. */
export interface CarriedHandler extends Dispatcher.DispatchHandler {
  /** Told before the call is handed to the connection. */
  readonly onConnection: (connection: Connection) => void;
}

/** One connection of a pool: an undici client, which opens one socket after the other and puts one call at a time on it. */
export interface Connection {
  /** The open socket; null while there is none. */
  readonly socket: () => Socket | null;
}

/** A connection pool to one origin, without a bound: the bulkhead says how many calls are made at once. */
export function openPool(origin: string, connect: buildConnector.connector): Pool {
  return new Pool(origin, {
    ...clientOptions,
    connect,
    connections: null,
    clientTtl: longestAgeMs,
    // The pool hands its own options to the factory, `connect` among them; its type says no more than `object`.
    factory: (url, options) => new ReportingClient(url, options as PooledOptions),
  });
}

/**
 * How long a connection is used, in milliseconds. An older one carries its call to the end and is closed, so that a region
 * whose name leads to another address is followed under steady traffic, and a renewed client certificate is used.
 */
const longestAgeMs = 60_000;

/** How every connection to a region behaves. */
export const clientOptions = {
  // A second answer on a shared connection could reach another caller.
  pipelining: 1,
  allowH2: false,
  // undici's own timeouts fire late, and never while a body trickles in. Each call has an exact timer instead.
  headersTimeout: 0,
  bodyTimeout: 0,
  // A full page of 1000 volumes is about 1.5 MB. It limits the bytes on the wire and, separately, the decompressed bytes.
  maxResponseSize: 32 * 1024 * 1024,
} satisfies Client.Options;

interface PooledOptions extends Client.Options {
  readonly connect: buildConnector.connector;
}

/** Tells each call which connection carries it. undici has no other way to find the socket of one call. */
class ReportingClient extends Client {
  readonly #connection: Connection;

  constructor(origin: URL, { connect, ...options }: PooledOptions) {
    let current: Socket | null = null;
    super(origin, {
      ...options,
      connect: (target, callback) =>
        connect(target, (...outcome) => {
          const [, socket] = outcome;
          current = socket;
          // An idle client must not keep the memory of a socket that is closed.
          socket?.once('close', () => {
            if (current === socket) current = null;
          });
          callback(...outcome);
        }),
    });
    this.#connection = { socket: () => current };
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if ('onConnection' in handler) (handler as CarriedHandler).onConnection(this.#connection);
    return super.dispatch(options, new Decompressing(handler, clientOptions.maxResponseSize));
  }
}

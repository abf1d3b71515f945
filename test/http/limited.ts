import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { startServer } from '../../src/http/server.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { type Connection, openConnection, requestOf } from '../support/connection.ts';
import { patience } from '../support/patience.ts';
import { openSimulator } from '../support/stack.ts';

/* A gateway that takes few connections, and connections of a known age. */

export const health = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n';
export const list = '{ region(code: KR1) { volumes { nodes { name } } } }';
export const create = 'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { id } } }';

/** A gateway over simulated regions that takes this number of connections. */
export async function startLimited({ environment = {}, maxConnections = 20 }: LimitedOptions = {}) {
  const simulator = await openSimulator();
  const regions = Object.entries(simulator.endpoints).map(([code, endpoint]) => `${code}=${endpoint}`);
  const server = await startServer(
    readConfig({ PORT: '0', HOST: '127.0.0.1', GRAPHIQL: 'true', REGIONS: regions.join(','), ...environment }),
    createLogger('silent'),
    undefined,
    maxConnections,
  );
  const port = Number(new URL(server.url).port);
  return {
    simulator,
    port,
    /** Opens connections one after the other, each of which is kept after an answer. */
    async openIdle(count: number): Promise<Connection[]> {
      const clients: Connection[] = [];
      for (let index = 0; index < count; index++) {
        const client = openConnection(port);
        await ask(client);
        clients.push(client);
      }
      return clients;
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await simulator[Symbol.asyncDispose]();
    },
  };
}

interface LimitedOptions {
  readonly environment?: Record<string, string>;
  readonly maxConnections?: number;
}

/** When the gateway accepted a connection, by the client's port. */
const acceptedAt = new Map<number | undefined, number>();
const remember = (message: unknown) => {
  // The channel's messages have no type of their own.
  const { socket } = message as { socket: Socket };
  acceptedAt.set(socket.remotePort, performance.now());
};

beforeAll(() => subscribe('net.server.socket', remember));
afterAll(() => void unsubscribe('net.server.socket', remember));

/** Opens a connection, and resolves when it has been open for this time; if left out, longer than a longest age of 1 ms. */
export async function openAged(port: number, ageMs = 2): Promise<Connection> {
  const client = openConnection(port);
  const openedAt = performance.now();
  await vi.waitFor(
    () => {
      // The system may have given the port to an earlier connection too.
      const since = acceptedAt.get(client.socket.localPort) ?? Number.NaN;
      expect(since).toBeGreaterThan(openedAt);
      expect(performance.now() - since).toBeGreaterThan(ageMs);
    },
    { ...patience, interval: 1 },
  );
  return client;
}

/** Sends bytes, and resolves with what has come since when that is as expected. */
export async function ask(client: Connection, bytes = health, expected = /alive\n/): Promise<string> {
  const before = client.received.length;
  await client.send(bytes);
  const since = () => client.received.slice(before);
  await vi.waitFor(() => expect(since()).toMatch(expected), { ...patience, interval: 5 });
  return since();
}

/** Whether a new connection is answered. */
export async function isServed(port: number): Promise<boolean> {
  using client = openConnection(port);
  await client.send(health);
  const isAnswered = vi.waitFor(() => expect(client.received).toContain('alive'), { ...patience, interval: 5 });
  return await Promise.race([isAnswered.then(() => true), client.closed.then(() => client.received !== '')]);
}

export const isClosed = ({ socket }: Connection) => socket.destroyed;

export function closeAll(clients: readonly Connection[]): void {
  for (const client of clients) client[Symbol.dispose]();
}

/** An event stream that goes on: the status of a volume that does not change. */
export function streamOf(id: string): string {
  const query = `subscription { volumeUpdated(id: "${id}", region: KR1) { status } }`;
  return requestOf(query).replace('\r\n', '\r\nAccept: text/event-stream\r\n');
}

/** Sends one request after the other, and tells when the connection was closed. */
export async function useUntilClosed(client: Connection): Promise<number> {
  while (!/^connection: close\r$/im.test(await ask(client)));
  await client.closed;
  return performance.now();
}

import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { alice, startGateway } from '../support/stack.ts';

/*
 * The name of a region leads to another address while calls are made all the time. The system's lookup is replaced, because
 * a test cannot change the names of the machine; and so is the clock of `Date`, because nobody waits a minute.
 */

const name = 'moving.invalid';
const list = '{ region(code: KR1) { volumes { nodes { name } } } }';
const create = 'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { name } } }';
const [before, after] = ['127.0.0.2', '127.0.0.3'] as const;
const patience = { timeout: 20_000 };

/** Where the name leads. */
let address: string = before;

beforeEach(() => {
  address = before;
  vi.useFakeTimers({ toFake: ['Date'] });
  const { lookup } = dns;
  type Found = (error: NodeJS.ErrnoException | null, addresses: dns.LookupAddress[]) => void;
  const found = (hostname: string, options: dns.LookupAllOptions, callback: Found) =>
    hostname === name
      ? process.nextTick(callback, null, [{ address, family: 4 }])
      : lookup(hostname, options, callback);
  // One of many overloads, the one by which a client asks for all addresses. What else is asked for is passed on as it is.
  vi.spyOn(dns, 'lookup').mockImplementation(found as typeof lookup);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A region at one address, whose volumes are called by that address. */
async function startAt(host: string, port = 0) {
  const sockets = new Set<Socket>();
  const state = { reads: 0, writes: 0, isHolding: false };
  const held: (() => void)[] = [];
  const server = createServer((request, response) => {
    request.resume();
    if (request.method === 'GET') state.reads++;
    else state.writes++;
    sockets.add(request.socket);
    const send = () => respond(response, request.method === 'GET' ? { volumes: [volume] } : { volume });
    if (state.isHolding) held.push(send);
    else send();
  });
  const volume = { id: '17975e9d-1533-40db-bd02-2072cd2ccb7f', name: host };
  server.listen(port, host);
  await once(server, 'listening');
  // A listening TCP server always has an address of this shape.
  const listening = server.address() as AddressInfo;
  return {
    port: listening.port,
    state,
    held,
    sockets,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function respond(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Both addresses, with the same port, and a gateway over the name. */
async function startMoving() {
  const old = await startAt(before);
  const next = await startAt(after, old.port);
  const gateway = await startGateway({ kr1: `http://${name}:${old.port}` }, { ALLOW_HTTP: 'true' });
  return {
    old,
    next,
    gateway,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await next[Symbol.asyncDispose]();
      await old[Symbol.asyncDispose]();
    },
  };
}

/** Lets time pass for connections. */
const pass = (seconds: number) => void vi.setSystemTime(Date.now() + seconds * 1000);

describe.runIf(process.platform === 'linux')('when the name of a region leads to another address', () => {
  test('steady calls follow it after a minute, and none of them fails', async () => {
    await using moving = await startMoving();
    const { old, next, gateway } = moving;
    let isOver = false;
    let [reads, writes] = [0, 0];
    const client = async () => {
      while (!isOver) {
        await gateway.data(list);
        reads++;
        await gateway.data(create);
        writes++;
      }
    };
    const clients = Promise.all([client(), client(), client(), client()]);
    await vi.waitFor(() => expect(old.state.writes).toBeGreaterThan(8), patience);
    address = after;
    pass(58);
    const seen = old.state.writes;
    await vi.waitFor(() => expect(old.state.writes).toBeGreaterThan(seen + 8), patience);
    expect(next.state).toMatchObject({ reads: 0, writes: 0 });
    pass(3);
    await vi.waitFor(() => expect(next.state.writes).toBeGreaterThan(8), patience);
    const last = { ...old.state };
    const now = next.state.writes;
    await vi.waitFor(() => expect(next.state.writes).toBeGreaterThan(now + 8), patience);
    expect(old.state).toEqual(last);
    isOver = true;
    await clients;
    expect(old.state.writes + next.state.writes).toBe(writes);
    expect(old.state.reads + next.state.reads).toBe(reads);
    await vi.waitFor(() => expect([...old.sockets].every(({ destroyed }) => destroyed)).toBe(true), patience);
  });

  test('a call that is under way ends where it has begun', async () => {
    await using moving = await startMoving();
    const { old, next, gateway } = moving;
    await gateway.data(list);
    old.state.isHolding = true;
    const write = gateway.data(create, { headers: { 'x-auth-token': alice.token } });
    await vi.waitFor(() => expect(old.held).toHaveLength(1), patience);
    address = after;
    pass(61);
    expect(await gateway.data(list)).toEqual({ region: { volumes: { nodes: [{ name: after }] } } });
    expect(next.state.reads).toBe(1);
    old.held[0]?.();
    expect(await write).toEqual({ createVolume: { volume: { name: before } } });
    expect(old.state.writes).toBe(1);
    old.state.isHolding = false;
    await gateway.data(list);
    expect(next.state.reads).toBe(2);
  });
});

import dns from 'node:dns';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { probe } from '../../src/upstream/probe.ts';
import { startCanned } from '../support/canned.ts';
import { regionAt } from '../support/region.ts';
import { startSlowListener } from '../support/slow-listener.ts';
import { startGateway } from '../support/stack.ts';

/* A region whose host name has several addresses. */

const list = '{ region(code: KR1) { volumes { nodes { name } } } }';
const empty = { region: { volumes: { nodes: [] } } };
const name = 'several.invalid';

/** The addresses of `name`, and how often they were looked up. */
let addresses: readonly string[] = [];
let lookups = 0;

type Found = (error: NodeJS.ErrnoException | null, addresses: dns.LookupAddress[]) => void;

const { lookup } = dns;
const found = (hostname: string, options: dns.LookupAllOptions, callback: Found) => {
  if (hostname !== name) return lookup(hostname, options, callback);
  lookups++;
  const all = addresses.map((address) => ({ address, family: 4 }));
  return process.nextTick(callback, null, all);
};
// One of many overloads, the one by which a client asks for all addresses. What else is asked for is passed on as it is.
const spy = vi.spyOn(dns, 'lookup').mockImplementation(found as typeof lookup);

beforeEach(() => {
  lookups = 0;
});

afterAll(() => spy.mockRestore());

/** A gateway over a region with that name. A call has so many milliseconds. */
const startOver = (port: number | string, callMs: number) =>
  startGateway(
    { kr1: `http://${name}:${port}` },
    { ALLOW_HTTP: 'true', UPSTREAM_TIMEOUT_MS: String(callMs), REQUEST_TIMEOUT_MS: String(callMs + 1000) },
  );

const patience = { timeout: 5000 };

describe.runIf(process.platform === 'linux')('each address has its part of the time of a call, so that', () => {
  /** Two addresses: a process that does not accept connections yet, and one that never does. */
  async function startSlow() {
    addresses = ['127.0.0.2', '127.0.0.3'];
    const slow = await startSlowListener('127.0.0.2');
    const dead = await startSlowListener('127.0.0.3', slow.port);
    return {
      port: slow.port,
      isLeft: () => dead.isAwaited(),
      /** Lets the handshake succeed that has been tried in vain: with the next SYN. */
      async wake() {
        await vi.waitFor(() => expect(slow.isAwaited()).toBe(true), patience);
        slow.wake();
      },
      async [Symbol.asyncDispose]() {
        await slow[Symbol.asyncDispose]();
        await dead[Symbol.asyncDispose]();
      },
    };
  }

  test('a handshake may lose a packet', async () => {
    await using region = await startSlow();
    await using gateway = await startOver(region.port, 20_000);
    const answer = gateway.data(list);
    await region.wake();
    expect(await answer).toEqual(empty);
    expect(region.isLeft()).toBe(false);
  });

  test('a handshake of the gateway’s own probe may lose a packet', async () => {
    await using region = await startSlow();
    const probed = probe(regionAt(`http://${name}:${region.port}`), 20_000);
    await region.wake();
    expect((await probed).fault).toBeNull();
    expect(region.isLeft()).toBe(false);
  });

  test('an address that does not answer leaves time for the next', async () => {
    addresses = ['127.0.0.2', '127.0.0.1'];
    await using region = await startCanned(() => ({ body: { volumes: [] } }));
    const { port } = new URL(region.endpoint);
    await using dead = await startSlowListener('127.0.0.2', Number(port));
    await using gateway = await startOver(port, 4000);
    const answer = gateway.data(list);
    await vi.waitFor(() => expect(dead.isAwaited()).toBe(true), patience);
    expect(await answer).toEqual(empty);
  });
});

test('an address that refuses connections is passed over', async () => {
  addresses = ['127.0.0.2', '127.0.0.1'];
  await using region = await startCanned(() => ({ body: { volumes: [] } }));
  const { port } = new URL(region.endpoint);
  await using gateway = await startOver(port, 5000);
  expect(await gateway.data(list)).toEqual(empty);
});

test('a name is looked up once for each connection', async () => {
  addresses = ['127.0.0.1'];
  await using region = await startCanned(() => ({ body: { volumes: [] }, headers: { connection: 'close' } }));
  const { port } = new URL(region.endpoint);
  await using named = await startOver(port, 5000);
  await named.data(list);
  await named.data(list);
  expect(lookups).toBe(2);
});

test('a later connection resumes the TLS session of an earlier one', async () => {
  const read = (file: string) => readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8');
  const certificate = { cert: read('self-signed.pem'), key: read('self-signed-key.pem') };
  setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);
  const resumed: boolean[] = [];
  const region = createServer(certificate, ({ socket }, response) => {
    // An https server has no other sockets.
    resumed.push((socket as TLSSocket).isSessionReused());
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end('{"volumes": []}');
  });
  region.listen(0, '127.0.0.1');
  await once(region, 'listening');
  // A listening TCP server always has an address of this shape.
  const { port } = region.address() as AddressInfo;
  await using gateway = await startGateway({ kr1: `https://127.0.0.1:${port}` });
  // Sessions are held weakly, so a garbage collection may take one.
  for (let connection = 0; connection < 5; connection++) expect(await gateway.data(list)).toEqual(empty);
  region.close();
  expect(resumed).toHaveLength(5);
  expect(resumed).toContain(true);
});

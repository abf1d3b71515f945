import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { listens, openConnection, requestOf } from '../support/connection.ts';
import { startLoad } from '../support/load.ts';
import { patience } from '../support/patience.ts';
import { acceptedPorts, portOf, readyStatus, startOver, tellAccepted } from '../support/process.ts';
import { alice, openSimulator } from '../support/stack.ts';

/*
 * What becomes of requests when the process is told to end. Whoever has been let in is answered: a request whose bytes
 * were written on a connection that the gateway had accepted, and had not announced to close.
 */

const list = '{ volumes(first: 5) { nodes { name size region { code } } failures { code } } }';
const isWhole = (body: string): boolean => JSON.parse(body).data?.volumes?.failures?.length === 0;

test('under load no request that was let in is lost, and it goes on serving for the drain delay', async () => {
  await using simulator = await openSimulator();
  simulator.inject({ kind: 'delay', ms: 50 });
  await using gateway = startOver(simulator, { DRAIN_DELAY_MS: '2000' }, tellAccepted);
  const port = await portOf(gateway);
  await using load = startLoad(`http://127.0.0.1:${port}/graphql`, { kept: 40, fresh: 8, query: list });
  await vi.waitFor(() => expect(load.shots.length).toBeGreaterThan(200), patience);

  gateway.child.kill('SIGTERM');
  await vi.waitFor(async () => expect(await readyStatus(port)).toBe(503), patience);
  const drainingAt = performance.now();
  await load.ended;
  const { code } = await gateway.ended;

  const served = load.shots.filter(({ failure }) => failure === null);
  const drained = served.filter(({ sentAt }) => sentAt > drainingAt);
  expect(served.filter(({ status, body }) => status !== 200 || !isWhole(body))).toEqual([]);
  expect(drained.length).toBeGreaterThan(48);
  expect(drained.filter(({ closes }) => !closes)).toEqual([]);
  const accepted = acceptedPorts(gateway);
  expect(load.shots.filter(({ failure, port }) => failure !== null && port && accepted.has(port))).toEqual([]);
  // It would be 1 had it been ended by force.
  expect(code).toBe(0);
}, 60_000);

test.each(['/graphql?query={__typename}', '/ready', '/health', '/metrics', '/nothing'])(
  'while it drains the answer to %s announces that its connection is closed',
  async (path) => {
    await using simulator = await openSimulator();
    await using gateway = startOver(simulator, { DRAIN_DELAY_MS: '60000' });
    const port = await portOf(gateway);
    gateway.child.kill('SIGTERM');
    await vi.waitFor(async () => expect(await readyStatus(port)).toBe(503), patience);
    const { headers } = await fetch(`http://127.0.0.1:${port}${path}`);
    expect(headers.get('connection')).toBe('close');
  },
);

test('without a drain delay it listens no more, and answers what it has begun', async () => {
  await using simulator = await openSimulator();
  const release = simulator.hold();
  await using gateway = startOver(simulator);
  const port = await portOf(gateway);
  await using load = startLoad(`http://127.0.0.1:${port}/graphql`, { kept: 10, fresh: 10, query: list });
  await simulator.waitForRequests(20 * 3);
  load.stop();
  gateway.child.kill('SIGTERM');
  await vi.waitFor(async () => expect(await listens(port)).toBe(false), patience);
  release();
  await load.ended;
  expect(load.shots).toHaveLength(20);
  expect(load.shots.filter(({ status, closes, body }) => status !== 200 || !closes || !isWhole(body))).toEqual([]);
  expect((await gateway.ended).code).toBe(0);
});

describe('what arrives while it is at work, just before it closes,', () => {
  test('on a connection that was idle is answered', async () => {
    await using simulator = await openSimulator();
    await using pause = await openPause();
    await using gateway = startOver(simulator, {}, pause.preload);
    using client = openConnection(await portOf(gateway));
    await client.send(requestOf('{ __typename }'));
    await vi.waitFor(() => expect(client.received).toContain('"__typename":"Query"'), patience);
    const idle = client.received.length;

    gateway.child.kill('SIGTERM');
    await vi.waitFor(() => expect(gateway.output).toContain('at work'), patience);
    await client.send(requestOf(list));
    await pause.end();
    await client.closed;
    expect(client.received.slice(idle)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(client.received.slice(idle)).toMatch(/^connection: close\r$/im);
    expect((await gateway.ended).code).toBe(0);
  });

  test('on connections that wait to be accepted is answered', async () => {
    await using simulator = await openSimulator();
    await using pause = await openPause();
    await using gateway = startOver(simulator, {}, pause.preload);
    const port = await portOf(gateway);
    gateway.child.kill('SIGTERM');
    await vi.waitFor(() => expect(gateway.output).toContain('at work'), patience);
    const clients = Array.from({ length: 30 }, () => openConnection(port));
    await Promise.all(clients.map((client) => client.send(requestOf(list))));
    await pause.end();
    await Promise.all(clients.map(({ closed }) => closed));
    expect(clients.filter(({ received }) => !received.startsWith('HTTP/1.1 200 OK\r\n'))).toEqual([]);
    expect((await gateway.ended).code).toBe(0);
  });
});

test('what comes on a connection that had said nothing is answered, though it listens no more', async () => {
  await using simulator = await openSimulator();
  const release = simulator.hold();
  await using gateway = startOver(simulator, {}, tellAccepted);
  const port = await portOf(gateway);
  using client = openConnection(port);
  await using load = startLoad(`http://127.0.0.1:${port}/graphql`, { kept: 1, fresh: 0, query: list });
  await vi.waitFor(() => expect(acceptedPorts(gateway).size).toBe(2), patience);
  load.stop();
  gateway.child.kill('SIGTERM');
  await vi.waitFor(async () => expect(await listens(port)).toBe(false), patience);
  await client.send('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  await client.closed;
  expect(client.received).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  release();
  expect((await gateway.ended).code).toBe(0);
});

test('an answer that its client has not taken in yet is not cut off', async () => {
  await using simulator = await openSimulator();
  // More than any system keeps for a connection.
  const description = 'd'.repeat(20_000);
  for (let index = 0; index < 1000; index++) simulator.store('kr1').addVolume(alice.tenant, { size: 1, description });
  await using gateway = startOver(simulator);
  const port = await portOf(gateway);
  using client = openConnection(port);
  client.socket.once('data', () => client.socket.pause());
  await client.send(requestOf('{ region(code: KR1) { volumes(first: 1000) { nodes { description } } } }'));
  await vi.waitFor(() => expect(gateway.output).toContain('"msg":"request"'), patience);

  gateway.child.kill('SIGTERM');
  await vi.waitFor(async () => expect(await listens(port)).toBe(false), patience);
  client.socket.resume();
  await client.closed;
  const [head = '', body = ''] = client.received.split('\r\n\r\n');
  expect(body.length).toBe(Number(/^content-length: (\d+)/im.exec(head)?.[1]));
  expect(body.length).toBeGreaterThan(1000 * description.length);
  expect((await gateway.ended).code).toBe(0);
}, 60_000);

/**
 * For the process: the signal finds it at work, as under load, and what arrives until the pause ends lies unread. The
 * work is a timer's, so that closing comes next, with no look at the connections between.
 */
async function openPause(): Promise<AsyncDisposable & { readonly preload: string; end(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'drain-'));
  const file = join(folder, 'go-on');
  return {
    preload: `
      import { existsSync, writeSync } from 'node:fs';
      const work = () => { writeSync(1, 'at work\\n'); while (!existsSync(${JSON.stringify(file)})); };
      process.once('SIGTERM', () => setTimeout(work, 0));`,
    end: () => writeFile(file, ''),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

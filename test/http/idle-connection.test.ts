import { describe, expect, test, vi } from 'vitest';
import { type Connection, openConnection, requestOf } from '../support/connection.ts';
import { patience } from '../support/patience.ts';
import { alice } from '../support/stack.ts';
import {
  ask,
  closeAll,
  create,
  health,
  isClosed,
  isServed,
  list,
  openAged,
  startLimited,
  streamOf,
  useUntilClosed,
} from './limited.ts';

/* How long the connections of clients are kept, and which of them are closed when there are too many. */

describe('an idle connection', () => {
  test('is kept for 620 seconds by default, as its answers say', async () => {
    await using gateway = await startLimited();
    using client = openConnection(gateway.port);
    expect(await ask(client)).toMatch(/^Keep-Alive: timeout=620\r$/m);
  });

  test('is kept for KEEP_ALIVE_TIMEOUT_MS, then closed', async () => {
    await using gateway = await startLimited({ environment: { KEEP_ALIVE_TIMEOUT_MS: '1000' } });
    using client = openConnection(gateway.port);
    expect(await ask(client)).toMatch(/^Keep-Alive: timeout=1\r$/m);
    const answeredAt = performance.now();
    await client.closed;
    // Node's timers may be a millisecond early.
    expect(performance.now() - answeredAt).toBeGreaterThan(990);
  });

  test('outlives the time that a connection has for its first request', async () => {
    await using gateway = await startLimited();
    using kept = openConnection(gateway.port);
    await ask(kept);
    using silent = openConnection(gateway.port);
    await silent.closed;
    expect(silent.received).toMatch(/^HTTP\/1\.1 408 /);
    expect(await ask(kept)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('at the limit of connections a new one', () => {
  test('is answered, and the one that has been idle for longest is closed', async () => {
    await using gateway = await startLimited();
    const clients = await gateway.openIdle(20);
    // The first one has just been used.
    const [first, second] = clients;
    if (first) await ask(first);
    expect(await isServed(gateway.port)).toBe(true);
    await second?.closed;
    expect(clients.filter(isClosed)).toEqual([second]);
    closeAll(clients);
  });

  test('is answered whatever one client keeps: that client loses its longest idle connections', async () => {
    await using gateway = await startLimited();
    const hoard = await gateway.openIdle(20);
    const others = await gateway.openIdle(15);
    const lost = [...Array(15).fill(true), ...Array(5).fill(false)];
    await vi.waitFor(() => expect(hoard.map(isClosed)).toEqual(lost), patience);
    expect(others.filter(isClosed)).toEqual([]);
    closeAll([...hoard, ...others]);
  });

  test('is refused if all are in use: none of a request, an answer or an event stream is closed', async () => {
    await using gateway = await startLimited({ maxConnections: 3 });
    const [waiting, reading, streaming] = [1, 2, 3].map(() => openConnection(gateway.port)) as [
      Connection,
      Connection,
      Connection,
    ];
    const { id } = gateway.simulator.store('kr1').addVolume(alice.tenant, {});
    await ask(streaming, streamOf(id), /event: next\n/);
    const release = gateway.simulator.hold();
    await waiting.send(requestOf(list));
    await gateway.simulator.waitForRequests(1);
    // GraphiQL's page is larger than what the system takes for a client that does not read.
    reading.socket.pause();
    await reading.send('GET /graphql HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n');
    await vi.waitFor(async () => expect(await isServed(gateway.port)).toBe(false), patience);
    for (let more = 0; more < 5; more++) expect(await isServed(gateway.port)).toBe(false);

    release();
    await vi.waitFor(() => expect(waiting.received).toContain('"nodes"'), patience);
    reading.socket.resume();
    await vi.waitFor(() => expect(reading.received).toContain('</html>'), patience);
    expect([waiting, reading, streaming].filter(isClosed)).toEqual([]);
    await vi.waitFor(async () => expect(await isServed(gateway.port)).toBe(true), patience);
    expect(isClosed(streaming)).toBe(false);
    closeAll([waiting, reading, streaming]);
  });

  test('closes one that has sent nothing for two seconds before one that is kept for its next request', async () => {
    await using gateway = await startLimited({ maxConnections: 2 });
    const [kept] = await gateway.openIdle(1);
    if (!kept) throw new Error('one was opened');
    using silent = await openAged(gateway.port, 2_000);
    expect(await isServed(gateway.port)).toBe(true);
    await silent.closed;
    expect(silent.received).toBe('');
    expect(isClosed(kept)).toBe(false);
    closeAll([kept]);
  });

  test('does not close one on which the next request has begun to arrive', async () => {
    await using gateway = await startLimited({ maxConnections: 2 });
    const [sending, idle] = await gateway.openIdle(2);
    if (!sending || !idle) throw new Error('two were opened');
    await sending.send(health.slice(0, 10));
    expect(await isServed(gateway.port)).toBe(true);
    await idle.closed;
    expect(await ask(sending, health.slice(10))).toMatch(/^HTTP\/1\.1 200 /);
    closeAll([sending]);
  });

  test('does not close one whose request has arrived, but is not read yet', async () => {
    await using gateway = await startLimited({ maxConnections: 1 });
    const [kept] = await gateway.openIdle(1);
    if (!kept) throw new Error('one was opened');
    using newer = openConnection(gateway.port);
    // The gateway, in this process, finds both when it looks next; the new connection first.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(await ask(kept, requestOf(list), /"nodes":/)).toMatch(/^HTTP\/1\.1 200 /);
    await newer.closed;
    expect(newer.received).toBe('');
    closeAll([kept]);
  });
});

describe('a connection that has reached CONNECTION_MAX_AGE_MS', () => {
  const aged = { environment: { CONNECTION_MAX_AGE_MS: '1' } };

  test.each([
    ['a query', requestOf(list), / 200 OK/],
    ['/health', health, / 200 OK/],
    ['a request that is refused', 'GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n', / 404 /],
  ])('is closed after the answer to %s, which says so', async (_, request, status) => {
    await using gateway = await startLimited(aged);
    using client = await openAged(gateway.port);
    await client.send(request);
    await client.closed;
    expect(client.received).toMatch(status);
    expect(client.received).toMatch(/^connection: close\r$/im);
  });

  test('has all requests answered that came together, the last of which announces the end', async () => {
    await using gateway = await startLimited(aged);
    using client = await openAged(gateway.port);
    await client.send(health + requestOf(list) + health);
    await client.closed;
    const ends = Array.from(client.received.matchAll(/^connection: (.*)\r$/gim), ([, option]) => option);
    expect(ends).toEqual(['keep-alive', 'keep-alive', 'close']);
    expect(client.received).toMatch(/alive\n.*"nodes":.*alive\n/s);
  });

  test('answers a request too that comes while an earlier one waits for its answer', async () => {
    await using gateway = await startLimited(aged);
    const release = gateway.simulator.hold();
    using client = await openAged(gateway.port);
    await client.send(requestOf(list));
    await gateway.simulator.waitForRequests(1);
    await client.send(requestOf('{ region(code: KR2) { volumes { nodes { name } } } }'));
    await gateway.simulator.waitForRequests(2);
    release();
    await client.closed;
    expect(client.received.match(/"nodes":/g)).toHaveLength(2);
    expect(client.received.match(/^connection: close\r$/gim)).toHaveLength(1);
  });

  test('takes in the whole body of its last request', async () => {
    await using gateway = await startLimited(aged);
    using client = await openAged(gateway.port);
    const request = requestOf(list);
    // The interim answer says that the head has arrived.
    const head = request.slice(0, request.indexOf('\r\n\r\n'));
    await ask(client, `${head}\r\nExpect: 100-continue\r\n\r\n`, /^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    await client.send(request.slice(head.length + 4));
    await client.closed;
    expect(client.received).toMatch(/HTTP\/1\.1 200 OK\r\n.*"nodes":/s);
    expect(client.received).toMatch(/^connection: close\r$/im);
  });

  test('has its event stream to the end, and executes no request that comes after the announcement', async () => {
    await using gateway = await startLimited({
      environment: { ...aged.environment, POLL_INTERVAL_MS: '10' },
    });
    const store = gateway.simulator.store('kr1');
    const { id } = store.addVolume(alice.tenant, {});
    using client = await openAged(gateway.port);
    expect(await ask(client, streamOf(id), /event: next\n/)).toMatch(/^connection: close\r$/im);
    await client.send(requestOf(create));
    using other = await openAged(gateway.port);
    await other.send(requestOf(`mutation { deleteVolume(input: { id: "${id}", region: KR1 }) { deletedVolumeId } }`));
    await client.closed;
    expect(client.received).toContain('"volumeUpdated":null');
    expect(client.received).toContain('event: complete');
    expect(gateway.simulator.requests.map(({ method }) => method)).not.toContain('POST');
  });

  test('is not closed while it is idle, because its next request may be on its way', async () => {
    await using gateway = await startLimited({ environment: { CONNECTION_MAX_AGE_MS: '2000' } });
    using client = openConnection(gateway.port);
    expect(await ask(client)).not.toMatch(/^connection: close\r$/im);
    // Two that are used until they are closed, one after the other, take longer than the first may have.
    for (let others = 0; others < 2; others++) await useUntilClosed(openConnection(gateway.port));
    expect(isClosed(client)).toBe(false);
    expect(await ask(client)).toMatch(/^connection: close\r$/im);
  });

  test('is up to a tenth younger or older than another, so that clients do not come back at once', async () => {
    await using gateway = await startLimited({ environment: { CONNECTION_MAX_AGE_MS: '1000' } });
    const clients = Array.from({ length: 20 }, () => openConnection(gateway.port));
    const openedAt = performance.now();
    const ages = await Promise.all(clients.map(async (client) => (await useUntilClosed(client)) - openedAt));
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(900);
    expect(Math.max(...ages) - Math.min(...ages)).toBeGreaterThan(50);
  });

  test('is kept when the variable is 0', async () => {
    await using gateway = await startLimited({ environment: { CONNECTION_MAX_AGE_MS: '0' } });
    using client = openConnection(gateway.port);
    for (let times = 0; times < 3; times++) expect(await ask(client)).toMatch(/^connection: keep-alive\r$/im);
  });
});

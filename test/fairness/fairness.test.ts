import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { startCanned } from '../support/canned.ts';
import { alice, bob, type GatewayUnderTest, type Stack, startGateway, startStack } from '../support/stack.ts';

/* Admission by work over HTTP: large requests queue or are refused, small ones are not delayed. */

const scan = '{ volumes(filter: { nameContains: "zzz" }) { totalCount nodes { status } } }';
const small = '{ region(code: KR1) { volumes(first: 1) { nodes { status } } } }';
const asBob = { headers: { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant } };

/** A gateway that has accepted alice and bob, and regions that do not answer until they are released. */
async function startHeld(environment: Record<string, string> = {}): Promise<Stack & { release: () => void }> {
  const stack = await startStack({ environment });
  for (const options of [{}, asBob]) await stack.data('{ volumeTypes { nodes { name } } }', options);
  stack.simulator.clearRequests();
  return { ...stack, release: stack.simulator.hold() };
}

async function figure(stack: GatewayUnderTest, name: string): Promise<number> {
  const { text } = await stack.fetch('/metrics');
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
}

const send = (stack: Stack, { token, tenant }: typeof alice, query: string, accept = 'application/json') =>
  stack.fetch('/graphql', {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json', 'x-auth-token': token, 'x-tenant-id': tenant },
    body: JSON.stringify({ query }),
  });

describe('the work is estimated', () => {
  // Three pages of 1000 rows per list, 10.1 ms each.
  const list = 30.3;
  const id = '00000000-0000-4000-8000-000000000001';
  test.each([
    ['volumes { totalCount }', 3 * list],
    ['volumes(filter: { nameContains: "a" }) { totalCount nodes { name } }', 3 * list],
    ['volumes(regions: [KR1, JP1]) { totalCount }', 2 * list],
    ['region(code: KR1) { snapshots { totalCount } }', list],
    ['regions { volumes(filter: { sizeMin: 1 }) { nodes { name } } }', 3 * list],
    ['storageSummary { total { count } }', 3 * list],
    ['region(code: KR1) { storageSummary { total { count } snapshots { count } } }', 2 * list],
    ['volumes(first: 10) { nodes { snapshots(first: 1) { nodes { name } } } }', 3 * list],
    ['region(code: KR1) { snapshots(first: 10) { nodes { volume { name } } } }', list],
    ['region(code: KR1) { volumes(first: 10) { nodes { sourceVolume { name } } } }', list],
    ['volumes(first: 9) { nodes { snapshots(first: 1) { nodes { name } } } }', 0],
    [`volumes(filter: { uuids: ["${id}"] }) { totalCount }`, 0],
    ['volumeTypes { totalCount }', 0],
    ['volumes { nodes { name } }', 0],
  ])('of { %s } by the lists that it scans', async (query, milliseconds) => {
    await using stack = await startHeld();
    const answer = stack.data(`{ ${query} }`);
    await vi.waitFor(async () => expect(await figure(stack, 'gateway_requests_in_flight')).toBe(1));
    const work = 1000 * (await figure(stack, 'gateway_work_seconds'));
    stack.release();
    await answer;
    expect(work).toBeGreaterThanOrEqual(milliseconds);
    expect(work).toBeLessThan(milliseconds + 10);
  });
});

test('of many scans some run, some queue, and the rest is refused at once with the reason', async () => {
  await using stack = await startHeld();
  const scans = Array.from({ length: 100 }, (_, index) => send(stack, alice, scan.replace('zzz', `z${index}`)));
  const refused = await Promise.race(scans);
  expect(refused.status).toBe(503);
  const [error] = JSON.parse(refused.text).errors;
  expect(error.message).toBe('The token has too many large queries under way. Wait a second, then try again.');
  expect(error.extensions).toEqual({ code: 'OVERLOADED', retryAfter: 1 });
  await vi.waitFor(async () => expect(await figure(stack, 'gateway_large_requests_waiting')).toBeGreaterThan(0));
  expect(await figure(stack, 'gateway_work_seconds')).toBeGreaterThan(0.1);
  stack.release();
  const statuses = (await Promise.all(scans)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect(await figure(stack, 'gateway_refused_total{share="caller"}')).toBe(
    statuses.filter((status) => status === 503).length,
  );
  await vi.waitFor(async () => expect(await figure(stack, 'gateway_work_seconds')).toBe(0));
});

test('an event stream that is refused leaves no timer', async () => {
  await using stack = await startHeld();
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const scans = Array.from({ length: 100 }, (_, index) =>
    send(stack, alice, scan.replace('zzz', `z${index}`), 'text/event-stream'),
  );
  await vi.waitFor(async () =>
    expect(await figure(stack, 'gateway_refused_total{share="caller"}')).toBeGreaterThan(20),
  );
  stack.release();
  const refused = (await Promise.all(scans)).filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(20);
  await vi.waitFor(() => expect(timers()).toBeLessThan(before + refused.length / 2));
});

test('a small request of another caller runs while scans use up the limit for work', async () => {
  await using stack = await startHeld({ UPSTREAM_CONCURRENCY: '512' });
  const scans = Array.from({ length: 60 }, (_, index) => send(stack, alice, scan.replace('zzz', `z${index}`)));
  await vi.waitFor(async () => expect(await figure(stack, 'gateway_large_requests_waiting')).toBeGreaterThan(0));
  const before = stack.calls().length;
  const answer = stack.data(small, asBob);
  await vi.waitFor(() => expect(stack.calls().length).toBeGreaterThan(before));
  stack.release();
  expect(await answer).toEqual({ region: { volumes: { nodes: [] } } });
  await Promise.all(scans);
});

test('scans of a small tenant are small requests from the second one on', async () => {
  await using stack = await startHeld({ EARLY_CUTOFF: 'false' });
  stack.release();
  await stack.data(scan);
  const release = stack.simulator.hold();
  const scans = Array.from({ length: 60 }, () => send(stack, alice, scan));
  await vi.waitFor(async () => expect(await figure(stack, 'gateway_requests_in_flight')).toBe(60));
  expect(await figure(stack, 'gateway_large_requests_waiting')).toBe(0);
  release();
  for (const { status } of await Promise.all(scans)) expect(status).toBe(200);
});

test('a request is charged for what it reads while it runs', async () => {
  const row = { id: '00000000-0000-4000-8000-000000000001', metadata: { text: 'x'.repeat(4 * 1024 * 1024) } };
  let release = () => {};
  await using region = await startCanned(({ path }, response) => {
    if (path.includes('detail')) return { body: { volumes: [row] } };
    release = () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"volume_types":[]}');
    return null;
  });
  await using gateway = await startGateway({ kr1: region.endpoint });
  const answer = gateway.data('{ volumes(first: 1) { nodes { volumeType { name } } } }');
  // Its estimate is less than a millisecond.
  await vi.waitFor(async () => expect(await figure(gateway, 'gateway_work_seconds')).toBeGreaterThan(0.02));
  release();
  await answer;
  await vi.waitFor(async () => expect(await figure(gateway, 'gateway_work_seconds')).toBe(0));
});

test('scans are refused and small requests run while the event loop is late', async () => {
  await using stack = await startStack();
  for (let index = 0; index < 30; index++) {
    block(150);
    await sleep(0);
  }
  const [refused, answered] = await Promise.all([send(stack, alice, scan), send(stack, alice, small)]);
  expect(refused.status).toBe(503);
  expect(refused.text).toContain('The gateway has too much to do.');
  expect(answered.status).toBe(200);
  await vi.waitFor(async () => expect((await send(stack, alice, scan)).status).toBe(200), 5000);
});

test('the time that a request has waited for the event loop counts towards its deadline, and is logged', async () => {
  await using region = await startCanned(() => ({ body: { volume_types: [] } }));
  await using gateway = await startGateway({ kr1: region.endpoint }, { REQUEST_TIMEOUT_MS: '400' });
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const body = '{"query":"{ volumeTypes { nodes { name } } }"}';
  const head = `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  socket.write(`${head}\r\nX-Auth-Token: ${alice.token}\r\nX-Tenant-Id: ${alice.tenant}\r\n\r\n${body}`);
  block(600);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  expect(String(answer)).toContain('"code":"UPSTREAM_TIMEOUT"');
  expect(region.requests).toEqual([]);
  const line = gateway.log.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'request');
  expect(line.milliseconds).toBeGreaterThanOrEqual(500);
});

/** Blocks the event loop. */
function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

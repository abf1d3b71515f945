import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { alice, bob, type Stack, startStack } from '../support/stack.ts';

/* The layers between a resolver and a socket: what is repeated, what waits, and what is shared. */

const list = '{ region(code: KR1) { volumes { nodes { status } } } }';
const create = 'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { id } } }';
const one = (index: number) =>
  `{ volume(id: "00000000-0000-4000-8000-${String(index).padStart(12, '0')}", region: KR1) { status } }`;

describe('retries', () => {
  let stack: Stack;

  beforeEach(async () => {
    stack = await startStack({ environment: { REQUEST_TIMEOUT_MS: '3000' } });
  });

  afterEach(() => stack[Symbol.asyncDispose]());

  test.each([
    ['a 503', { kind: 'html', status: 503 }],
    ['a 502', { kind: 'html', status: 502 }],
    ['a 504', { kind: 'html', status: 504 }],
    ['a reset connection', { kind: 'reset' }],
    ['an answer that is broken off', { kind: 'halfBody' }],
    ['a 429 that says when to come again', { kind: 'status', status: 429, headers: { 'Retry-After': '1' } }],
  ] as const)('a read is repeated after %s, and nobody notices', async (_, fault) => {
    stack.simulator.inject({ ...fault, times: 1 });
    expect(await stack.data(list)).toEqual({ region: { volumes: { nodes: [] } } });
    expect(stack.calls()).toHaveLength(2);
  });

  test.each([
    ['401', { kind: 'status', status: 401 }],
    ['403', { kind: 'status', status: 403 }],
    ['500', { kind: 'status', status: 500 }],
    ['429 without advice', { kind: 'status', status: 429 }],
    ['429 that asks for more time than there is', { kind: 'status', status: 429, headers: { 'Retry-After': '60' } }],
    ['413 of a quota', { kind: 'status', status: 413, headers: { 'Retry-After': '0' } }],
  ] as const)('a read is not repeated after a %s', async (_, fault) => {
    stack.simulator.inject({ ...fault, times: 1 });
    expect((await stack.query(list)).errors).toHaveLength(1);
    expect(stack.calls()).toHaveLength(1);
  });

  test('a read is given up after three attempts', async () => {
    stack.simulator.inject({ kind: 'html' });
    expect((await stack.query(list)).errors?.[0]?.extensions?.code).toBe('UPSTREAM_UNAVAILABLE');
    expect(stack.calls()).toHaveLength(3);
  });

  test.each(['html', 'reset', 'halfBody'] as const)('a write is never repeated, as after %s', async (kind) => {
    stack.simulator.inject({ kind, times: 1 });
    expect((await stack.query(create)).errors).toHaveLength(1);
    expect(stack.calls()).toEqual(['POST /volumes']);
  });

  test('no more than a few of many failing reads are repeated', async () => {
    stack.simulator.inject({ kind: 'status', status: 503 });
    // Fewer than open the breaker at once, all in flight together.
    const release = stack.simulator.hold();
    const answers = Array.from({ length: 15 }, (_, index) => stack.query(one(index)));
    await stack.simulator.waitForRequests(15);
    release();
    await Promise.all(answers);
    expect(stack.calls().length).toBeGreaterThan(15);
    expect(stack.calls().length).toBeLessThanOrEqual(15 + 2 * 3);
  });

  test('a read is repeated though another caller’s reads wait as long as the region asked them to', async () => {
    stack.simulator.inject({
      kind: 'status',
      status: 429,
      headers: { 'Retry-After': '2' },
      path: new RegExp(bob.tenant),
    });
    const headers = { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant };
    const waiting = [1, 2, 3, 4].map((index) => stack.query(one(index), { headers }));
    await stack.simulator.waitForRequests(4);
    stack.simulator.inject({ kind: 'reset', times: 1, path: new RegExp(alice.tenant) });
    await stack.data(list);
    await Promise.all(waiting);
  });

  test('a client that leaves while a retry waits ends it', async () => {
    stack.simulator.inject({ kind: 'status', status: 429, headers: { 'Retry-After': '2' } });
    const leaving = new AbortController();
    const answer = stack.query(list, { signal: leaving.signal });
    await stack.simulator.waitForRequests(1);
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await vi.waitFor(() => expect(stack.log.join('')).toContain('"status":499'));
    expect(stack.calls()).toHaveLength(1);
  });
});

describe('the bulkhead', () => {
  let stack: Stack;
  let release: () => void;

  beforeEach(async () => {
    stack = await startStack({
      environment: { UPSTREAM_CONCURRENCY: '2', MAX_IN_FLIGHT: '2000', REQUEST_TIMEOUT_MS: '3000' },
    });
    stack.simulator.store('kr1').addVolume(alice.tenant);
    // Known callers may have more places.
    for (const user of [alice, bob])
      await stack.data(list, { headers: { 'x-auth-token': user.token, 'x-tenant-id': user.tenant } });
    stack.simulator.clearRequests();
    release = stack.simulator.hold();
  });

  afterEach(async () => {
    release();
    await stack[Symbol.asyncDispose]();
  });

  /** Two calls that keep the region busy. */
  async function occupy() {
    const busy = [stack.query(one(1)), stack.query(one(2))];
    await stack.simulator.waitForRequests(2);
    return busy;
  }

  /** Waits until so many requests have been received and have had time to get as far as they can. */
  const begun = (count: number) =>
    vi.waitFor(async () =>
      expect((await stack.fetch('/metrics')).text).toMatch(
        new RegExp(`gateway_upstream_waiting\\{region="kr1"\\} ${count}\n`),
      ),
    );

  test('lets so many calls of a region through at once, the others wait; other regions go on', async () => {
    const busy = await occupy();
    const waiting = [3, 4, 5].map((index) => stack.data(one(index)));
    await begun(3);
    expect(stack.calls()).toHaveLength(2);
    const other = stack.data('{ region(code: KR2) { volumes { nodes { status } } } }');
    await stack.simulator.waitForRequests(3);
    expect(stack.simulator.requests.map(({ region }) => region)).toEqual(['kr1', 'kr1', 'kr2']);
    release();
    await Promise.all([...busy, ...waiting, other]);
    expect(stack.calls()).toHaveLength(6);
  });

  test('equal reads of one caller that wait are one call; those of another caller are not', async () => {
    const busy = await occupy();
    const asBob = { headers: { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant } };
    const waiting = [...Array(20)].map(() => stack.data(list));
    const others = [...Array(20)].map(() => stack.data(list, asBob));
    // All have arrived: these, the two that keep the region busy, and none is on its way any more.
    await vi.waitFor(async () =>
      expect((await stack.fetch('/metrics')).text).toContain('gateway_requests_in_flight 42\n'),
    );
    await begun(2);
    release();
    for (const { region } of await Promise.all(waiting)) expect(region.volumes.nodes).toHaveLength(1);
    for (const { region } of await Promise.all(others)) expect(region.volumes.nodes).toHaveLength(0);
    await Promise.all(busy);
    expect(stack.calls().filter((call) => call.startsWith('GET /volumes/detail'))).toHaveLength(2);
  });

  test('a read that has been handed to a socket is joined by nobody', async () => {
    const first = stack.data(list);
    await stack.simulator.waitForRequests(1);
    const second = stack.data(list);
    await stack.simulator.waitForRequests(2);
    release();
    await Promise.all([first, second]);
  });

  test('of those who share a call one may leave; the last to leave takes it out of the queue', async () => {
    const busy = await occupy();
    const [leaving, last] = [new AbortController(), new AbortController()];
    const stays = stack.data(list);
    const leaves = stack.query(list, { signal: leaving.signal });
    const alone = stack.query(one(9), { signal: last.signal });
    await begun(2);
    leaving.abort();
    last.abort();
    await expect(leaves).rejects.toThrow();
    await expect(alone).rejects.toThrow();
    await begun(1);
    release();
    expect((await stays).region.volumes.nodes).toHaveLength(1);
    await Promise.all(busy);
    expect(stack.calls().filter((call) => call.includes('000000000009'))).toEqual([]);
  });

  test('callers take turns, whatever each of them has waiting', async () => {
    const busy = await occupy();
    const waiting = Array.from({ length: 20 }, (_, index) => stack.data(one(100 + index)));
    await begun(20);
    const other = stack.data(list, { headers: { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant } });
    await begun(21);
    release();
    await Promise.all([...busy, ...waiting, other]);
    const tokens = stack.simulator.requests.map(({ headers }) => headers['x-auth-token']);
    expect(tokens.indexOf(bob.token)).toBeLessThan(5);
  });

  test('two callers with many calls in the queue leave room in it for a third', async () => {
    const busy = await occupy();
    const carol = { token: 'secret-token-of-carol', tenant: alice.tenant };
    const send = (user: typeof alice, index: number) =>
      stack.query(one(index), { headers: { 'x-auth-token': user.token, 'x-tenant-id': user.tenant } });
    const ofAlice = Array.from({ length: 100 }, (_, index) => send(alice, 100 + index));
    await begun(100);
    let settled = 0;
    const ofBob = Array.from({ length: 100 }, async (_, index) => {
      const answer = await send(bob, 300 + index);
      settled++;
      return answer;
    });
    // Of the 156 free places the second caller takes 78, and leaves as many. The other calls are refused at once.
    await vi.waitFor(() => expect(settled).toBe(22));
    await begun(178);
    const ofCarol = send(carol, 500);
    await begun(179);
    release();
    const outcomes = await Promise.all([...ofBob, ofCarol]);
    const refused = outcomes.filter(({ errors }) => errors?.[0]?.extensions?.code === 'OVERLOADED');
    expect(refused).toHaveLength(22);
    expect(outcomes.at(-1)?.errors?.[0]?.extensions?.code).not.toBe('OVERLOADED');
    await Promise.all([...busy, ...ofAlice]);
  });

  test('what waits longer than its time ends, and one caller may have half of the queue', async () => {
    const busy = await occupy();
    const waiting = Array.from({ length: 128 }, (_, index) => stack.query(one(100 + index)));
    await begun(128);
    const other = stack.query(list, { headers: { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant } });
    await begun(129);
    const refused = await stack.query(one(3));
    expect((await other).errors?.[0]?.extensions).toEqual({ code: 'UPSTREAM_TIMEOUT', region: 'KR1' });
    expect(refused.errors?.[0]?.extensions).toEqual({ code: 'OVERLOADED', region: 'KR1', retryAfter: 1 });
    expect(refused.errors?.[0]?.message).toContain('has too many calls of your token waiting');
    for (const { errors } of await Promise.all(waiting))
      expect(errors?.[0]?.extensions).toEqual({ code: 'UPSTREAM_TIMEOUT', region: 'KR1' });
    await Promise.all(busy);
  });
});

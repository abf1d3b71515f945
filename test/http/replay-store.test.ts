import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createStore } from '../../src/replay/store.ts';
import { alice, bob, startGateway, startStack } from '../support/stack.ts';
import { known, list, queries, remembering } from './replay.ts';

/* Replicas with a memory answer as one without, and the room for records is shared. */

describe('two replicas with a memory each, and one without', () => {
  const users = [
    { 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant },
    { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant },
    { 'x-auth-token': alice.token, 'x-tenant-id': bob.tenant },
    { 'x-auth-token': 'unknown', 'x-tenant-id': alice.tenant },
    { 'x-tenant-id': alice.tenant },
  ];
  const tenants = [alice.tenant, bob.tenant];
  const regions = ['kr1', 'kr2', 'jp1'];

  const read = fc.record({
    kind: fc.constant('read' as const),
    replica: fc.nat({ max: 1 }),
    // Mostly the same ones again.
    query: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.nat({ max: queries.length - 1 }) },
    ),
    user: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.nat({ max: users.length - 1 }) },
    ),
    accept: fc.constantFrom('*/*', 'application/json', 'application/graphql-response+json'),
    method: fc.constantFrom('POST' as const, 'POST' as const, 'GET' as const),
  });
  const change = fc.record({
    kind: fc.constantFrom('add' as const, 'remove' as const, 'fail' as const, 'mend' as const),
    region: fc.constantFrom(...regions),
    tenant: fc.constantFrom(...tenants),
    status: fc.constantFrom(500, 403, 404),
  });

  test('say the same, whatever is written, read and broken in between', async () => {
    await using stack = await startStack({ environment: remembering });
    const { simulator } = stack;
    await using second = await startGateway(simulator.endpoints, remembering);
    await using without = await startGateway(simulator.endpoints, { EARLY_CUTOFF: 'false' });
    const replicas = [stack, second];
    const failing = new Map<string, () => void>();
    let names = 0;
    const mend = (region: string) => {
      failing.get(region)?.();
      failing.delete(region);
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 6, arbitrary: read }, { weight: 1, arbitrary: change }), {
          minLength: 20,
          maxLength: 40,
        }),
        async (steps) => {
          for (const step of steps) {
            if (step.kind === 'read') {
              const headers = { ...users[step.user], accept: step.accept };
              const query = queries[step.query] ?? list;
              const [known, fresh] = [replicas[step.replica] ?? stack, without].map((gateway) =>
                gateway.fetch(...requestOf(query, headers, step.method)),
              );
              const [one, other] = await Promise.all([known, fresh]);
              expect([one?.status, withoutIds(one?.text)]).toEqual([other?.status, withoutIds(other?.text)]);
            } else if (step.kind === 'add') {
              simulator.store(step.region).addVolume(step.tenant, { name: `a${names++}`, size: 1 + (names % 3) });
            } else if (step.kind === 'remove') {
              const store = simulator.store(step.region);
              const [volume] = store.volumes(step.tenant);
              if (volume) store.remove(volume.id);
            } else if (step.kind === 'fail') {
              mend(step.region);
              failing.set(step.region, simulator.inject({ kind: 'status', status: step.status, region: step.region }));
            } else mend(step.region);
          }
          for (const region of regions) mend(region);
        },
      ),
      { numRuns: 40 },
    );
    // Or else nothing has been shown.
    expect((await known(stack)) + (await known(second))).toBeGreaterThan(0);
  }, 60_000);

  function requestOf(query: string, headers: Record<string, string>, method: 'GET' | 'POST'): [string, RequestInit] {
    if (method === 'GET') return [`/graphql?query=${encodeURIComponent(query)}`, { headers }];
    const init = {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    };
    return ['/graphql', init];
  }

  const withoutIds = (text = '') => text.replace(/"requestId":"req-[^"]*"/g, '');
});

describe('the room for records', () => {
  const region = {
    code: 'kr1',
    enumName: 'KR1',
    name: 'kr1',
    endpoint: 'http://127.0.0.1',
    ownIdentity: false,
    proxy: null,
    clientCertificate: null,
  };
  const recorded = {
    calls: [],
    answer: { contentType: 'application/json', body: Buffer.alloc(900_000) },
    report: { name: null, operation: null, hash: null, cost: null, errorCodes: [] },
  };
  let store: ReturnType<typeof createStore>;
  let now = 1;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout'] });
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    store = createStore(64 * 1024 * 1024);
  });

  afterEach(() => {
    store.close();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  /** How many of these executions of a request are recorded, if no record is of use. */
  const recordings = (executions: number) =>
    Array.from({ length: executions }, () => store.noteMiss('a request', store.find('a request'))).filter(Boolean)
      .length;

  test.each([
    ['changes each time', () => store.keep('a request', ['alice'], recorded)],
    ['may never be recorded', () => {}],
  ])('is offered to one answer in 64 of a request that %s, and at once when a record was of use', (_, end) => {
    for (let time = 0; time < 200; time++) if (store.noteMiss('a request', store.find('a request'))) end();
    expect(recordings(64)).toBe(1);
    expect(recordings(640)).toBe(10);
    store.noteHit('a request');
    expect(recordings(1)).toBe(1);
  });

  const keep = (key: string, owners: readonly string[]) => {
    store.keep(key, owners, recorded);
    return store.find(key) !== undefined;
  };
  const keepMany = (owner: string) =>
    Array.from({ length: 10 }, (_, index) => keep(`${owner} ${index}`, [owner])).filter(Boolean).length;

  test('is shared by tokens: a second one beside the first brings no share of its own', () => {
    expect(keepMany('alice')).toBe(7);
    expect(keep('with another', ['alice', 'another'])).toBe(false);
    expect(keep('of another', ['another'])).toBe(true);
  });

  test('is never exceeded by 10,000 callers with a record each: the records of the first ones are dropped', () => {
    const callers = Array.from({ length: 10_000 }, (_, index) => `caller ${index}`);
    const body = Buffer.alloc(20_000);
    for (const caller of callers) store.keep(caller, [caller], { ...recorded, answer: { ...recorded.answer, body } });
    const kept = callers.filter((caller) => store.find(caller));
    expect(kept.length * body.length).toBeLessThan(64 * 1024 * 1024);
    expect(kept.length * body.length).toBeGreaterThan(50 * 1024 * 1024);
    expect(kept).toEqual(callers.slice(-kept.length));
    // The shares of the dropped records are free again.
    expect(keepMany('caller 0')).toBe(7);
  });

  test('is counted with paths and fingerprints: a record of many calls is larger than its answer', () => {
    const request = { region, method: 'GET' as const, path: `/volumes/${'0'.repeat(36)}` };
    const body = { bytes: 1_000, mark: Buffer.alloc(1_000) };
    const calls = Array.from({ length: 100 }, (_, rank) => ({ request, after: 0, rank, contentType: '', body }));
    const small = { ...recorded, calls, answer: { ...recorded.answer, body: Buffer.alloc(100) } };
    for (let index = 0; index < 100; index++) store.keep(`${index}`, ['alice'], small);
    const kept = Array.from({ length: 100 }, (_, index) => store.find(`${index}`)).filter(Boolean);
    expect(kept.length).toBeGreaterThan(35);
    expect(kept.length).toBeLessThan(45);
  });

  test('holds an answer of some MiB, and none that is larger', () => {
    const sized = (bytes: number) => ({ ...recorded, answer: { ...recorded.answer, body: Buffer.alloc(bytes) } });
    store.keep('10,000 rows', ['alice'], sized(3_000_000));
    store.keep('more', ['bob'], sized(4_500_000));
    expect(store.find('10,000 rows')).toBeDefined();
    expect(store.find('more')).toBeUndefined();
  });

  test('is given back when nobody asks for a record for a minute, though nobody asks for anything', () => {
    expect(keepMany('alice')).toBe(7);
    expect(keep('too much', ['alice'])).toBe(false);
    now += 65_000;
    vi.advanceTimersByTime(65_000);
    expect(keep('later', ['alice'])).toBe(true);
  });
});

import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createStore, type Store } from '../../src/replay/store.ts';
import { alice, bob, type GatewayUnderTest, type Stack, startGateway, startStack } from '../support/stack.ts';

/*
 * A request that comes again is answered from memory when every region says what it said. Nobody may notice but by the
 * time it takes: the answer is always the one that a gateway without memory gives.
 */

const list = '{ region(code: KR1) { volumes { nodes { id name status volumeType { name } } } } }';
const merged = '{ volumes(first: 5) { nodes { name } failures { region { code } code } pageInfo { endCursor } } }';
const paged = '{ volumes(first: 2, filter: { nameContains: "a" }) { totalCount nodes { name } } }';
const summary = '{ storageSummary { total { count sizeGb } failures { region { code } } } }';
const snapshots = '{ snapshots { nodes { name volume { name } } } }';
const queries = [list, merged, paged, summary, snapshots];

/** Also where the whole suite is run without. */
const remembering = { EARLY_CUTOFF: 'true' };

async function known(gateway: GatewayUnderTest): Promise<number> {
  const { text } = await gateway.fetch('/metrics');
  return Number(/^gateway_answers_known_total (\d+)$/m.exec(text)?.[1]);
}

/** An answer as it was sent: all of it that does not differ from request to request. */
async function ask(
  gateway: GatewayUnderTest,
  query: string,
  headers: Record<string, string> = {},
  method: 'GET' | 'POST' = 'POST',
) {
  const credentials = { 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant, ...headers };
  const {
    status,
    text,
    headers: sent,
  } = method === 'GET'
    ? await gateway.fetch(`/graphql?query=${encodeURIComponent(query)}`, { headers: credentials })
    : await gateway.fetch('/graphql', {
        method,
        headers: { 'content-type': 'application/json', ...credentials },
        body: JSON.stringify({ query }),
      });
  // Ids of failed calls differ.
  return { status, text: text.replace(/"requestId":"req-[^"]*"/g, ''), type: sent.get('content-type'), headers: sent };
}

describe('an answer is known', () => {
  let stack: Stack;

  beforeAll(async () => {
    const anotherRole = { 'another-role': alice.tenant };
    stack = await startStack({
      tokens: { [alice.token]: alice.tenant, [bob.token]: bob.tenant, ...anotherRole },
      environment: remembering,
    });
    stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'a', volume_type: 'General SSD' });
    stack.simulator.store('kr1').addVolume(bob.tenant, { name: 'of bob' });
  });

  afterAll(() => stack[Symbol.asyncDispose]());

  test('from the third time on, with the same calls each time, and is logged and counted like any', async () => {
    const answers = [];
    for (let time = 0; time < 4; time++) {
      stack.simulator.clearRequests();
      answers.push((await ask(stack, list, { 'x-request-id': `time-${time}` })).text);
      expect(stack.calls().toSorted()).toEqual([expect.stringMatching('/types'), expect.stringMatching('/volumes')]);
      expect(stack.simulator.requests.map(({ headers }) => headers['x-request-id'])).toEqual(
        Array(2).fill(`time-${time}`),
      );
    }
    expect(new Set(answers).size).toBe(1);
    expect(await known(stack)).toBe(2);
    const lines = stack.log.map((line) => JSON.parse(line)).filter(({ requestId }) => requestId?.startsWith('time-'));
    const alike = lines.map(({ hash, cost, calls, status }) => ({ hash, cost, calls, status }));
    expect(alike).toEqual(Array(4).fill(alike[0]));
  });

  test('to nobody else: not to another tenant, another token of the tenant, another form or language of answer', async () => {
    for (let time = 0; time < 3; time++) await ask(stack, merged);
    const before = await known(stack);
    for (const headers of [
      { 'x-auth-token': 'another-role' },
      { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant },
      { 'x-tenant-id-kr2': bob.tenant },
      { accept: 'application/graphql-response+json' },
      { origin: 'https://console.example' },
      { 'x-gateway-trace': '1' },
    ])
      await ask(stack, merged, headers);
    expect(await known(stack)).toBe(before);
    const { text } = await ask(stack, list, { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant });
    expect(text).toContain('of bob');
  });

  test.each([
    ['a change', async () => void stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'new' })],
    ['an error', async () => void stack.simulator.inject({ kind: 'status', status: 500, region: 'kr1', times: 1 })],
    ['a token that has expired', async () => void stack.simulator.inject({ kind: 'status', status: 401, times: 1 })],
  ])('no longer after %s, and no call is made twice', async (_, happen) => {
    for (let time = 0; time < 3; time++) await ask(stack, list);
    const before = await known(stack);
    await happen();
    stack.simulator.clearRequests();
    await ask(stack, list);
    expect(stack.calls()).toHaveLength(2);
    expect(await known(stack)).toBe(before);
    // Whatever it was, the answer is right again, and known again.
    const { text } = await ask(stack, list);
    expect(text).not.toContain('errors');
  });

  test.each([
    ['a failed region', merged, { kind: 'status', status: 500, region: 'kr2' }],
    ['a region whose answer cannot be read', merged, { kind: 'body', body: '{}', region: 'kr2' }],
    ['a region that was asked twice', merged, { kind: 'html', status: 503, region: 'kr2', times: 1 }],
  ] as const)('never where it tells of %s', async (_, query, fault) => {
    const own = `${query} # ${JSON.stringify(fault)}`;
    const before = await known(stack);
    for (let time = 0; time < 3; time++) {
      const lift = stack.simulator.inject(fault);
      await ask(stack, own);
      lift();
    }
    expect(await known(stack)).toBe(before);
  });

  test('never where it tells how a region is doing, or of a region without credentials', async () => {
    await using apart = await startStack({ environment: { ...remembering, REGIONS_OWN_IDENTITY: 'jp1' } });
    for (let time = 0; time < 4; time++) {
      await ask(apart, '{ regions { available volumes { nodes { name } } } }');
      await ask(apart, merged);
    }
    expect(await known(apart)).toBe(0);
  });

  test('once something that was not there is there', async () => {
    const [volume] = stack.simulator.store('kr1').volumes(bob.tenant);
    const query = `{ volume(id: "${volume?.id}", region: KR1) { name } }`;
    for (let time = 0; time < 3; time++) expect((await ask(stack, query)).text).toBe('{"data":{"volume":null}}');
    const asBob = { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant };
    for (let time = 0; time < 3; time++)
      expect((await ask(stack, query, asBob)).text).toBe('{"data":{"volume":{"name":"of bob"}}}');
  });

  test('soon again where it has changed each time for long', async () => {
    const [volume] = stack.simulator.store('kr1').volumes(alice.tenant);
    const query = `{ volume(id: "${volume?.id}", region: KR1) { name } } # changing`;
    const before = await known(stack);
    for (let time = 0; time < 40; time++) {
      stack.simulator.store('kr1').addVolume(alice.tenant, { ...volume, name: `name ${time}` });
      expect((await ask(stack, query)).text).toBe(`{"data":{"volume":{"name":"name ${time}"}}}`);
    }
    expect(await known(stack)).toBe(before);
    for (let time = 0; time < 20; time++) await ask(stack, query);
    expect(await known(stack)).toBeGreaterThan(before);
  });

  test('not where EARLY_CUTOFF is off', async () => {
    await using plain = await startStack({ environment: { EARLY_CUTOFF: 'false' } });
    for (let time = 0; time < 4; time++) await ask(plain, list);
    expect(await known(plain)).toBe(0);
  });
});

describe('a query by GET', () => {
  test('has an ETag that is the same on every replica, and is not sent again to who has it, after its calls', async () => {
    await using stack = await startStack({ environment: remembering });
    await using other = await startGateway(stack.simulator.endpoints, remembering);
    stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'a' });
    const first = await ask(stack, list, {}, 'GET');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    expect(first.headers.get('vary')).toMatch(
      /Accept, Accept-Encoding, Origin, X-Auth-Token, Authorization, X-Tenant-Id, X-Auth-Token-kr1/,
    );
    expect((await ask(other, list, {}, 'GET')).headers.get('etag')).toBe(etag);
    for (let time = 0; time < 3; time++) {
      stack.simulator.clearRequests();
      const again = await ask(stack, list, { 'if-none-match': etag }, 'GET');
      expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' });
      expect(stack.calls()).toHaveLength(2);
    }
    for (const held of [`W/${etag}`, `"another", W/${etag}`, '*'])
      expect((await ask(stack, list, { 'if-none-match': held }, 'GET')).status).toBe(304);
    stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'b' });
    expect((await ask(stack, list, { 'if-none-match': etag }, 'GET')).status).toBe(200);
    expect((await ask(stack, list)).headers.get('etag')).toBeNull();
  });

  test('that fails may not be kept', async () => {
    await using stack = await startStack();
    const { headers } = await ask(stack, list, { 'x-auth-token': 'nobody' }, 'GET');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('etag')).toBeNull();
  });
});

test('the breaker: what was known is not told while a region is left alone, nor what was told meanwhile after it', async () => {
  await using stack = await startStack({ environment: remembering });
  stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'a' });
  for (let time = 0; time < 3; time++) await ask(stack, merged);
  const whole = await ask(stack, merged);
  expect(whole.text).toContain('"failures":[]');
  const mend = stack.simulator.inject({ kind: 'reset', region: 'kr1' });
  for (let time = 0; time < 12; time++)
    expect((await ask(stack, merged)).text).toContain('"code":"UPSTREAM_UNAVAILABLE"');
  mend();
  await expect.poll(async () => (await ask(stack, merged)).text, { timeout: 8000, interval: 200 }).toBe(whole.text);
});

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
  const recorded = {
    calls: [],
    answer: { contentType: 'application/json', body: Buffer.alloc(900_000) },
    report: { name: null, operation: null, hash: null, cost: null, errorCodes: [] },
  };
  let store: Store;
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

  test('is given back when nobody asks for a record for a minute, though nobody asks for anything', () => {
    expect(keepMany('alice')).toBe(7);
    expect(keep('too much', ['alice'])).toBe(false);
    now += 65_000;
    vi.advanceTimersByTime(65_000);
    expect(keep('later', ['alice'])).toBe(true);
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linesOf } from '../support/log.ts';
import { alice, bob, type Stack, startGateway, startStack } from '../support/stack.ts';
import { ask, known, list, merged, remembering } from './replay.ts';

/*
 * A request that comes again is answered from memory when every region says what it said. Nobody may notice but by the
 * time it takes: the answer is always the one that a gateway without memory gives.
 */

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
    const lines = linesOf(stack.log).filter(({ requestId }) => requestId?.startsWith('time-'));
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
    for (let time = 0; time < 66; time++) await ask(stack, query);
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

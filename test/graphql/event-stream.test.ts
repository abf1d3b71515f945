import { describe, expect, test, vi } from 'vitest';
import { subscribe } from '../support/event-stream.ts';
import { postOf } from '../support/post.ts';
import { startOver } from '../support/process.ts';
import { alice, bob, openSimulator, startStack } from '../support/stack.ts';
import { addVolume, environment, metric, ofVolume, patience, pollsOf } from './subscription.ts';

/* Event streams: failures, refusals, how they are kept alive, limited and ended. */

describe('when a region fails', () => {
  test.each([
    ['answers 500', { kind: 'status', status: 500 }],
    ['answers in HTML', { kind: 'html' }],
    ['resets connections', { kind: 'reset' }],
    ['asks for fewer requests', { kind: 'status', status: 429 }],
  ] as const)('one that %s for a while is asked again, and nothing is said of it', async (_, fault) => {
    await using stack = await startStack({ environment });
    const { id } = addVolume(stack);
    await using subscribed = subscribe(stack, ofVolume(id, ', until: [AVAILABLE]'));
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    stack.simulator.clearRequests();
    const mend = stack.simulator.inject(fault);
    await stack.simulator.waitForRequests(3);
    stack.simulator.store('kr1').setStatus(id, 'available');
    mend();
    await subscribed.ended;
    expect(subscribed.results).toEqual([
      { data: { volumeUpdated: { name: 'watched', status: 'CREATING' } } },
      { data: { volumeUpdated: { name: 'watched', status: 'AVAILABLE' } } },
    ]);
  });

  test.each([
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
  ])('%i is told once as %s, and is the end', async (status, code) => {
    await using stack = await startStack({ environment });
    const { id } = addVolume(stack);
    await using subscribed = subscribe(stack, ofVolume(id));
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    stack.simulator.inject({ kind: 'status', status });
    await subscribed.ended;
    expect(subscribed.results.slice(1)).toMatchObject([
      { data: { volumeUpdated: null }, errors: [{ path: ['volumeUpdated'], extensions: { code, region: 'KR1' } }] },
    ]);
  });
});

describe('what is refused', () => {
  test.each([
    ['an id that is none', '"nonsense"', {}, 'BAD_USER_INPUT'],
    ['a UUID without its region', '"17975e9d-1533-40db-bd02-2072cd2ccb7f"', {}, 'BAD_USER_INPUT'],
    ['no token', '"17975e9d-1533-40db-bd02-2072cd2ccb7f", region: KR1', { 'x-auth-token': '' }, 'UNAUTHENTICATED'],
    ['no tenant', '"17975e9d-1533-40db-bd02-2072cd2ccb7f", region: KR1', { 'x-tenant-id': '' }, 'TENANT_REQUIRED'],
  ])('%s is told as an event, and no region is asked', async (_, id, headers, code) => {
    await using stack = await startStack();
    const given = Object.fromEntries(
      Object.entries({ 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant, ...headers }).filter(
        ([, value]) => value,
      ),
    );
    const { status, text } = await stack.fetch('/graphql', {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...given },
      body: JSON.stringify({ query: `subscription { volumeUpdated(id: ${id}) { name } }` }),
    });
    expect(status).toBe(200);
    expect(text).toContain(`"code":"${code}"`);
    expect(text).toMatch(/event: next\n.*\n\nevent: complete\n/);
    expect(stack.calls()).toEqual([]);
  });

  test.each(['application/json', 'application/graphql-response+json', 'multipart/mixed, application/json'])(
    'a client that accepts %s is told to accept an event stream, and no region is asked',
    async (accept) => {
      await using stack = await startStack();
      const { text } = await stack.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query: ofVolume(addVolume(stack).id) }),
      });
      expect(JSON.parse(text).errors).toMatchObject([
        { message: expect.stringContaining('text/event-stream'), extensions: { code: 'BAD_USER_INPUT' } },
      ]);
      expect(stack.calls()).toEqual([]);
    },
  );

  test('a subscription is measured like a query', async () => {
    await using stack = await startStack();
    const nested = 'snapshots(first: 1000) { nodes { volume { snapshots(first: 1000) { nodes { name } } } } }';
    await using subscribed = subscribe(stack, `subscription { volumeUpdated(id: "x") { ${nested} } }`);
    await subscribed.ended;
    expect(subscribed.results).toMatchObject([{ errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] }]);
  });
});

describe('event streams', () => {
  test('a query can be answered in one too', async () => {
    await using stack = await startStack();
    await using subscribed = subscribe(stack, '{ regions { code } }');
    await subscribed.ended;
    expect(subscribed.results).toEqual([{ data: { regions: [{ code: 'KR1' }, { code: 'KR2' }, { code: 'JP1' }] } }]);
  });

  test('while nothing is told a comment says from time to time that it is alive', async () => {
    await using stack = await startStack({ environment });
    const response = await fetch(
      `${stack.url}/graphql`,
      postOf(ofVolume(addVolume(stack).id), { accept: 'application/json, text/event-stream' }),
    );
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('cache-control')).toBe('no-store, no-transform');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    let text = '';
    for await (const part of response.body ?? []) {
      text += Buffer.from(part).toString();
      if (/event: next\n.*\n\n:\n\n/.test(text)) break;
    }
    expect(text).toMatch(/^:\n\n/);
  });

  test('a client that reads nothing for a while is told the latest state then, not all that it has missed', async () => {
    await using stack = await startStack({ environment });
    const row = addVolume(stack);
    const response = await fetch(
      `${stack.url}/graphql`,
      postOf(`subscription { volumeUpdated(id: "${row.id}", region: KR1, until: [ERROR]) { status description } }`, {
        accept: 'text/event-stream',
      }),
    );
    // Each is more than the buffers of a connection hold.
    const changes = 24;
    for (let change = 0; change < changes; change++) {
      const before = pollsOf(stack, row.id).length;
      row.description = String(change).padEnd(2 ** 20, 'x');
      await vi.waitFor(() => expect(pollsOf(stack, row.id).length).toBeGreaterThan(before + 1), patience);
    }
    stack.simulator.store('kr1').setStatus(row.id, 'error');
    const told = (await response.text()).match(/^data: \{.*$/gm) ?? [];
    expect(told.length).toBeLessThan(changes / 2);
    expect(JSON.parse(told.at(-1)?.slice(6) ?? '')).toMatchObject({
      data: { volumeUpdated: { status: 'ERROR', description: expect.stringMatching(`^${changes - 1}x`) } },
    });
  });

  test('an open stream holds no place of a request', async () => {
    await using stack = await startStack({ environment: { ...environment, MAX_IN_FLIGHT: '1' } });
    await using subscribed = subscribe(stack, ofVolume(addVolume(stack).id));
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    expect(await metric(stack, 'gateway_requests_in_flight')).toBe(0);
    expect(await stack.data('{ regions { code } }')).toMatchObject({ regions: [{}, {}, {}] });
  });

  test.each([
    ['one token has too many', '10', alice.token],
    ['there are too many', '1', bob.token],
  ])('where %s, the next is refused with 503', async (_, most, token) => {
    await using stack = await startStack({
      environment: { ...environment, MAX_STREAMS: most, POLL_INTERVAL_MS: '10000' },
    });
    await using subscribed = subscribe(stack, ofVolume(addVolume(stack).id));
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    const { id } = addVolume(stack);
    const send = (accept: string) =>
      stack.fetch('/graphql', {
        method: 'POST',
        headers: { accept, 'content-type': 'application/json', 'x-auth-token': token, 'x-tenant-id': alice.tenant },
        body: JSON.stringify({ query: ofVolume(id) }),
      });
    const refused = { status: 503, text: expect.stringContaining('"code":"OVERLOADED","retryAfter":1') };
    expect(await send('text/event-stream')).toMatchObject(refused);
    expect(pollsOf(stack, id)).toEqual([]);
    // Who accepts JSON too may have meant no stream.
    const { headers, ...answer } = await send('application/json, text/event-stream');
    expect(answer).toMatchObject(refused);
    expect(headers.get('retry-after')).toBe('1');
    await subscribed[Symbol.asyncDispose]();
    await vi.waitFor(async () => expect(await metric(stack, 'gateway_streams')).toBe(0), patience);
    expect(await metric(stack, 'gateway_polls')).toBe(0);
    await using next = subscribe(stack, ofVolume(id));
    await vi.waitFor(() => expect(next.results).toHaveLength(1), patience);
  });

  test('one that is old ends without being complete, so that clients open it anew', async () => {
    await using stack = await startStack({ environment: { ...environment, STREAM_LIFETIME_MS: '1000' } });
    const { id } = addVolume(stack);
    await using subscribed = subscribe(stack, ofVolume(id, ', until: [AVAILABLE]'), { retryAttempts: 5 });
    await vi.waitFor(() => expect(subscribed.connections).toBeGreaterThan(1), patience);
    stack.simulator.store('kr1').setStatus(id, 'available');
    await subscribed.ended;
    expect(subscribed.results.at(-1)).toEqual({ data: { volumeUpdated: { name: 'watched', status: 'AVAILABLE' } } });
  });

  test('on SIGTERM all of them end without being complete, and so does the process', async () => {
    await using simulator = await openSimulator();
    await using gateway = startOver(simulator);
    const { id } = addVolume({ simulator });
    const url = await gateway.listening;
    await using subscribed = subscribe({ url }, ofVolume(id));
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    gateway.child.kill('SIGTERM');
    await expect(subscribed.ended).rejects.toThrow();
    expect(await gateway.ended).toMatchObject({ code: 0, output: expect.not.stringContaining('cut off') });
  });
});

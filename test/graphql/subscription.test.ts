import { describe, expect, test, vi } from 'vitest';
import { subscribe } from '../support/event-stream.ts';
import { startOver } from '../support/process.ts';
import { alice, bob, openSimulator, type Stack, startStack } from '../support/stack.ts';

/* What becomes of one object, as server-sent events. */

const environment = { POLL_INTERVAL_MS: '20' };
/** Less than the time between two reads of what is read rarely. */
const patience = { timeout: 8_000 };

function addVolume(stack: Pick<Stack, 'simulator'>, status = 'creating') {
  return stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'watched', status });
}

const ofVolume = (id: string, more = '') =>
  `subscription { volumeUpdated(id: "${id}", region: KR1${more}) { name status } }`;

const pollsOf = (stack: Stack, id: string) => stack.calls().filter((call) => call === `GET /volumes/${id}`);

async function metric(stack: Stack, name: string): Promise<number> {
  const { text } = await stack.fetch('/metrics');
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

describe('what is told', () => {
  test('a volume is told at once and at each change, until it is in a status that was waited for', async () => {
    await using stack = await startStack({ environment });
    const { id } = addVolume(stack);
    await using subscribed = subscribe(stack, ofVolume(id, ', until: [ERROR, IN_USE]'));
    const told = (status: string) => ({ data: { volumeUpdated: { name: 'watched', status } } });
    await vi.waitFor(() => expect(subscribed.results).toEqual([told('CREATING')]), patience);
    stack.simulator.store('kr1').setStatus(id, 'available');
    await vi.waitFor(() => expect(subscribed.results).toEqual([told('CREATING'), told('AVAILABLE')]), patience);
    stack.simulator.store('kr1').setStatus(id, 'in-use');
    await subscribed.ended;
    expect(subscribed.results).toEqual([told('CREATING'), told('AVAILABLE'), told('IN_USE')]);
  });

  test('a status that was waited for and is there already is told, and that is all', async () => {
    await using stack = await startStack({ environment });
    await using subscribed = subscribe(stack, ofVolume(addVolume(stack, 'available').id, ', until: [AVAILABLE]'));
    await subscribed.ended;
    expect(subscribed.results).toEqual([{ data: { volumeUpdated: { name: 'watched', status: 'AVAILABLE' } } }]);
  });

  test('a snapshot is told alike, by its global id, also a change of another field than its status', async () => {
    await using stack = await startStack({ environment });
    const row = stack.simulator.store('kr1').addSnapshot(alice.tenant, { name: 'watched', status: 'creating' });
    const { snapshot } = await stack.data(`{ snapshot(id: "${row.id}", region: KR1) { id } }`);
    const query = `subscription ($id: ID!) { snapshotUpdated(id: $id, until: [AVAILABLE]) { name status progress } }`;
    await using subscribed = subscribe(stack, query, { variables: snapshot });
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    row['os-extended-snapshot-attributes:progress'] = '42%';
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(2), patience);
    stack.simulator.store('kr1').setStatus(row.id, 'available');
    await subscribed.ended;
    expect(subscribed.results.map(({ data }) => data?.snapshotUpdated)).toEqual([
      { name: 'watched', status: 'CREATING', progress: expect.not.stringMatching(/^42%$/) },
      { name: 'watched', status: 'CREATING', progress: '42%' },
      { name: 'watched', status: 'AVAILABLE', progress: '42%' },
    ]);
  });

  test('of an object that is deleted the last that is told is null, without errors', async () => {
    await using stack = await startStack({ environment });
    const { id } = addVolume(stack, 'available');
    await using subscribed = subscribe(stack, ofVolume(id));
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    stack.simulator.store('kr1').remove(id);
    await subscribed.ended;
    expect(subscribed.results.slice(1)).toEqual([{ data: { volumeUpdated: null } }]);
  });

  test('of an object that there is not, null is all that is told', async () => {
    await using stack = await startStack({ environment });
    await using subscribed = subscribe(stack, ofVolume('17975e9d-1533-40db-bd02-2072cd2ccb7f'));
    await subscribed.ended;
    expect(subscribed.results).toEqual([{ data: { volumeUpdated: null } }]);
  });

  test('what the object refers to is read anew for each event, and fails alone', async () => {
    await using stack = await startStack({ environment });
    const store = stack.simulator.store('kr1');
    const { id } = addVolume(stack);
    const query = `subscription { volumeUpdated(id: "${id}", region: KR1, until: [ERROR]) { status snapshots { nodes { name } } } }`;
    await using subscribed = subscribe(stack, query);
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    store.addSnapshot(alice.tenant, { name: 'new', volume_id: id });
    store.setStatus(id, 'available');
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(2), patience);
    stack.simulator.inject({ kind: 'status', status: 403, path: /snapshots/ });
    store.setStatus(id, 'error');
    await subscribed.ended;
    expect(subscribed.results).toMatchObject([
      { data: { volumeUpdated: { status: 'CREATING', snapshots: { nodes: [] } } } },
      { data: { volumeUpdated: { status: 'AVAILABLE', snapshots: { nodes: [{ name: 'new' }] } } } },
      {
        data: { volumeUpdated: { status: 'ERROR', snapshots: null } },
        errors: [{ path: ['volumeUpdated', 'snapshots'], extensions: { code: 'FORBIDDEN', region: 'KR1' } }],
      },
    ]);
    expect(stack.log.join('')).toContain('"errorCodes":["FORBIDDEN"],"msg":"stream ended"');
    expect((await stack.fetch('/metrics')).text).toContain('gateway_errors_total{code="FORBIDDEN"} 1\n');
  });
});

describe('the polls behind it', () => {
  test('one poll serves all who follow the same object with the same token and tenant, and stops with the last', async () => {
    await using stack = await startStack({ environment: { POLL_INTERVAL_MS: '10000' } });
    const { id } = addVolume(stack);
    const all = Array.from({ length: 5 }, () => subscribe(stack, ofVolume(id)));
    const other = { token: 'secret-token-of-alice-too', tenant: alice.tenant };
    await using foreign = subscribe(stack, ofVolume(id), { headers: { 'x-auth-token': other.token } });
    await vi.waitFor(() => expect(all.flatMap(({ results }) => results)).toHaveLength(5), patience);
    // Nobody knows the token: it is told so and was not given what the others were.
    await foreign.ended;
    expect(foreign.results).toMatchObject([{ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }]);
    // Each is told what was read after it had come: whoever came during a read is told the next.
    expect(pollsOf(stack, id).length).toBeLessThanOrEqual(3);
    expect(await metric(stack, 'gateway_polls')).toBe(1);
    expect(await metric(stack, 'gateway_streams')).toBe(5);
    for (const one of all.slice(1)) await one[Symbol.asyncDispose]();
    await vi.waitFor(async () => expect(await metric(stack, 'gateway_streams')).toBe(1), patience);
    expect(await metric(stack, 'gateway_polls')).toBe(1);
    await all[0]?.[Symbol.asyncDispose]();
    await vi.waitFor(async () => expect(await metric(stack, 'gateway_streams')).toBe(0), patience);
    expect(await metric(stack, 'gateway_polls')).toBe(0);
  });

  test('two tenants that follow the same id are told each their own', async () => {
    await using stack = await startStack({ environment });
    const { id } = addVolume(stack);
    await using mine = subscribe(stack, ofVolume(id));
    await using theirs = subscribe(stack, ofVolume(id), {
      headers: { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant },
    });
    await theirs.ended;
    expect(theirs.results).toEqual([{ data: { volumeUpdated: null } }]);
    await vi.waitFor(() => expect(mine.results).toHaveLength(1), patience);
  });

  test('the longer nothing changes the less often the object is read, and after a change often again', async () => {
    await using stack = await startStack({ environment });
    const { id } = addVolume(stack);
    await using subscribed = subscribe(stack, ofVolume(id));
    const gaps = () =>
      stack.simulator.requests
        .slice(1)
        .map(({ receivedAt }, index) => receivedAt - (stack.simulator.requests[index]?.receivedAt ?? 0));
    await vi.waitFor(() => expect(gaps().length).toBeGreaterThan(8), patience);
    const longest = Math.max(...gaps());
    expect(longest).toBeGreaterThan(2 * (gaps()[0] ?? 0));
    stack.simulator.clearRequests();
    stack.simulator.store('kr1').setStatus(id, 'available');
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(2), patience);
    await vi.waitFor(() => expect(gaps().length).toBeGreaterThan(1), patience);
    expect(gaps().at(-1)).toBeLessThan(longest / 2);
  });

  test('a write of this gateway to the object is told at once, however rarely the object is read', async () => {
    await using stack = await startStack({ environment: { POLL_INTERVAL_MS: '10000' }, changeAfterMs: 60_000 });
    const { id } = addVolume(stack, 'available');
    await using subscribed = subscribe(stack, ofVolume(id));
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    stack.simulator.inject({ kind: 'delay', ms: 300, method: 'GET' });
    await stack.data(`mutation { deleteVolume(input: { id: "${id}", region: KR1 }) { deletedVolumeId } }`);
    // Nor is anybody new told what it was before.
    await using late = subscribe(stack, ofVolume(id));
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(2), patience);
    expect(subscribed.results[1]).toEqual({ data: { volumeUpdated: { name: 'watched', status: 'DELETING' } } });
    await vi.waitFor(() => expect(late.results).toHaveLength(1), patience);
    expect(late.results[0]).toEqual(subscribed.results[1]);
  });

  test('what was read before a write is told to nobody after it', async () => {
    await using stack = await startStack({ environment: { POLL_INTERVAL_MS: '10000' } });
    const { id } = addVolume(stack, 'available');
    await using subscribed = subscribe(stack, ofVolume(id));
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    // The read for the next one has the old state, and is slow to tell it.
    stack.simulator.clearRequests();
    stack.simulator.inject({ kind: 'delay', ms: 500, method: 'GET', times: 1 });
    await using next = subscribe(stack, ofVolume(id, ', until: [AVAILABLE]'));
    await stack.simulator.waitForRequests(1);
    await stack.data(
      `mutation { uploadVolumeToImage(input: { volumeId: "${id}", region: KR1, imageName: "i" }) { image { imageId } } }`,
    );
    stack.simulator.store('kr1').setStatus(id, 'uploading');
    await vi.waitFor(() => expect(next.results).toHaveLength(1), patience);
    expect(next.results).toEqual([{ data: { volumeUpdated: { name: 'watched', status: 'UPLOADING' } } }]);
  });

  test('who comes later is told the state of then, however rarely the object is read', async () => {
    await using stack = await startStack({ environment: { POLL_INTERVAL_MS: '10000' } });
    const { id } = addVolume(stack);
    await using first = subscribe(stack, ofVolume(id));
    await vi.waitFor(() => expect(first.results).toHaveLength(1), patience);
    // By another gateway.
    stack.simulator.store('kr1').setStatus(id, 'available');
    await using later = subscribe(stack, ofVolume(id, ', until: [AVAILABLE]'));
    await later.ended;
    expect(later.results).toEqual([{ data: { volumeUpdated: { name: 'watched', status: 'AVAILABLE' } } }]);
    await vi.waitFor(() => expect(first.results).toHaveLength(2), patience);
  });

  test('who comes while a read is under way is told the next, which began after', async () => {
    await using stack = await startStack({ environment: { POLL_INTERVAL_MS: '10000' } });
    const { id } = addVolume(stack, 'available');
    stack.simulator.inject({ kind: 'delay', ms: 500, method: 'GET', times: 1 });
    await using first = subscribe(stack, ofVolume(id));
    await stack.simulator.waitForRequests(1);
    // By then the region has made its answer.
    await stack.fetch('/health');
    // By another gateway, and then somebody comes who waits for the old state to come again.
    stack.simulator.store('kr1').setStatus(id, 'uploading');
    await using later = subscribe(stack, ofVolume(id, ', until: [AVAILABLE]'));
    await vi.waitFor(() => expect(later.results).toHaveLength(1), patience);
    expect(later.results).toEqual([{ data: { volumeUpdated: { name: 'watched', status: 'UPLOADING' } } }]);
    await vi.waitFor(() => expect(first.results).toHaveLength(2), patience);
  });

  test('a write that is refused makes nobody read with another one’s token', async () => {
    await using stack = await startStack({ environment: { POLL_INTERVAL_MS: '10000' } });
    const { id } = addVolume(stack, 'available');
    await using subscribed = subscribe(stack, ofVolume(id));
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    stack.simulator.clearRequests();
    const mutation = `mutation { deleteVolume(input: { id: "${id}", region: KR1 }) { deletedVolumeId } }`;
    const { errors } = await stack.query(mutation, { headers: { 'x-auth-token': 'of-nobody' } });
    expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    // A read would have begun by the time that this is answered.
    await stack.data('{ region(code: KR1) { volumes { nodes { name } } } }');
    expect(pollsOf(stack, id)).toEqual([]);
  });

  test.each([429, 503])(
    'a region that asks for some time is not asked within it, whoever comes: %i',
    async (status) => {
      await using stack = await startStack({ environment });
      const { id } = addVolume(stack);
      stack.simulator.inject({ kind: 'status', status, headers: { 'Retry-After': '30' } });
      await using first = subscribe(stack, ofVolume(id));
      await stack.simulator.waitForRequests(1);
      await using second = subscribe(stack, ofVolume(id));
      await vi.waitFor(async () => expect(await metric(stack, 'gateway_streams')).toBe(2), patience);
      await stack.data('{ regions { code } }');
      expect(pollsOf(stack, id)).toHaveLength(1);
      expect([first, second].flatMap(({ results }) => results)).toEqual([]);
    },
  );

  test('a client that leaves while the first read waits closes the socket to the upstream', async () => {
    await using stack = await startStack({ environment });
    stack.simulator.inject({ kind: 'hang' });
    await using subscribed = subscribe(stack, ofVolume(addVolume(stack).id));
    await stack.simulator.waitForRequests(1);
    await subscribed[Symbol.asyncDispose]();
    await vi.waitFor(() => expect(stack.simulator.requests.map(({ aborted }) => aborted)).toEqual([true]), patience);
    await vi.waitFor(async () => expect(await metric(stack, 'gateway_polls')).toBe(0), patience);
  });
});

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
    const response = await fetch(`${stack.url}/graphql`, {
      method: 'POST',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'x-auth-token': alice.token,
        'x-tenant-id': alice.tenant,
      },
      body: JSON.stringify({ query: ofVolume(addVolume(stack).id) }),
    });
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
    const response = await fetch(`${stack.url}/graphql`, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        'x-auth-token': alice.token,
        'x-tenant-id': alice.tenant,
      },
      body: JSON.stringify({
        query: `subscription { volumeUpdated(id: "${row.id}", region: KR1, until: [ERROR]) { status description } }`,
      }),
    });
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

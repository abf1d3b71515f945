import { describe, expect, test, vi } from 'vitest';
import { subscribe } from '../support/event-stream.ts';
import { alice, bob, startStack } from '../support/stack.ts';
import { addVolume, environment, metric, ofVolume, patience, pollsOf } from './subscription.ts';

/* What becomes of one object, as server-sent events, and the reads behind them. */

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

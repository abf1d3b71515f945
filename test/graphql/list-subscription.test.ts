import { describe, expect, test, vi } from 'vitest';
import { subscribe } from '../support/event-stream.ts';
import { alice, bob, startStack } from '../support/stack.ts';
import { followVolumes, listCalls } from './list-changes.ts';
import { environment, metric, ofVolume, patience, pollsOf } from './subscription.ts';

/* What becomes of lists, as server-sent events, and the reads behind them. */

const nothing = { changes: [], refetch: [], failures: [] };

describe('events', () => {
  test('the first event has no changes, and each later change of a row is reported', async () => {
    await using stack = await startStack({ environment });
    const store = stack.simulator.store('kr1');
    const old = store.addVolume(alice.tenant, { name: 'old', status: 'available' });
    await using followed = followVolumes(stack);
    await vi.waitFor(() => expect(followed.events()).toEqual([nothing]), patience);
    const { id } = store.addVolume(alice.tenant, { name: 'new', status: 'creating' });
    await vi.waitFor(() => expect(followed.changes()).toEqual(['ADDED new CREATING']), patience);
    store.setStatus(id, 'available');
    await vi.waitFor(() => expect(followed.changes().at(-1)).toBe('UPDATED new AVAILABLE'), patience);
    store.remove(old.id);
    await vi.waitFor(() => expect(followed.changes().at(-1)).toBe('REMOVED'), patience);
    expect(followed.changes()).toHaveLength(3);
    const { volume } = await stack.data(`{ volume(id: "${id}", region: KR1) { id } }`);
    expect(followed.events()[1]?.changes[0]?.id).toBe(volume.id);
  });

  test('a row that begins to match the filter is added, and one that no longer matches is removed', async () => {
    await using stack = await startStack({ environment });
    const store = stack.simulator.store('kr1');
    const { id } = store.addVolume(alice.tenant, { name: 'a', status: 'available' });
    await using followed = followVolumes(stack, '(filter: { status: [IN_USE] }, regions: [KR1])');
    await vi.waitFor(() => expect(followed.events()).toEqual([nothing]), patience);
    store.setStatus(id, 'in-use');
    await vi.waitFor(() => expect(followed.changes()).toEqual(['ADDED a IN_USE']), patience);
    store.setStatus(id, 'error');
    await vi.waitFor(() => expect(followed.changes()).toEqual(['ADDED a IN_USE', 'REMOVED']), patience);
  });

  test('snapshots are followed alike, also those of one volume', async () => {
    await using stack = await startStack({ environment });
    const store = stack.simulator.store('kr1');
    const volume = store.addVolume(alice.tenant);
    const query = `subscription { snapshotsChanged(regions: [KR1], filter: { volumeId: "${volume.id}" }) { changes { kind snapshot { name volume { uuid } } } } }`;
    await using subscribed = subscribe(stack, query);
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    store.addSnapshot(alice.tenant, { name: 'of another', volume_id: store.addVolume(alice.tenant).id });
    store.addSnapshot(alice.tenant, { name: 'taken', volume_id: volume.id });
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(2), patience);
    expect(subscribed.results[1]?.data?.snapshotsChanged).toEqual({
      changes: [{ kind: 'ADDED', snapshot: { name: 'taken', volume: { uuid: volume.id } } }],
    });
  });

  test('what a changed row refers to is read for each event', async () => {
    await using stack = await startStack({ environment });
    const store = stack.simulator.store('kr1');
    const { id } = store.addVolume(alice.tenant, { name: 'a', status: 'available' });
    const query =
      'subscription { volumesChanged(regions: [KR1]) { changes { volume { snapshots { nodes { name } } } } } }';
    await using subscribed = subscribe(stack, query);
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    store.addSnapshot(alice.tenant, { name: 'of a', volume_id: id });
    store.setStatus(id, 'in-use');
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(2), patience);
    const volume = { snapshots: { nodes: [{ name: 'of a' }] } };
    expect(subscribed.results[1]).toEqual({ data: { volumesChanged: { changes: [{ volume }] } } });
  });

  test('a filter with a volume of a region that is not followed is rejected', async () => {
    await using stack = await startStack({ environment });
    const { id } = stack.simulator.store('kr1').addVolume(alice.tenant);
    const { volume } = await stack.data(`{ volume(id: "${id}", region: KR1) { id } }`);
    await using subscribed = subscribe(
      stack,
      `subscription { snapshotsChanged(regions: [KR2], filter: { volumeId: "${volume.id}" }) { refetch } }`,
    );
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    expect(subscribed.results).toMatchObject([{ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] }]);
  });
});

describe('regions that fail', () => {
  test('a region that is down at the start is reported, and named in `refetch` when it recovers', async () => {
    await using stack = await startStack({ environment });
    const recover = stack.simulator.inject({ kind: 'status', status: 500, region: 'kr2' });
    await using followed = followVolumes(stack);
    const failed = { ...nothing, failures: [{ code: 'UPSTREAM_ERROR', region: { code: 'KR2' } }] };
    await vi.waitFor(() => expect(followed.events()).toEqual([failed]), patience);
    stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'beside', status: 'available' });
    await vi.waitFor(() => expect(followed.changes()).toEqual(['ADDED beside AVAILABLE']), patience);
    recover();
    await vi.waitFor(() => expect(followed.events().at(-1)).toEqual({ ...nothing, refetch: ['KR2'] }), patience);
    stack.simulator.store('kr2').addVolume(alice.tenant, { name: 'later', status: 'available' });
    await vi.waitFor(() => expect(followed.changes().at(-1)).toBe('ADDED later AVAILABLE'), patience);
  });

  test('the first event has no changes although one region comes late', async () => {
    await using stack = await startStack({ environment });
    stack.simulator.inject({ kind: 'delay', ms: 600, region: 'kr2', times: 1 });
    await using followed = followVolumes(stack, '(regions: [KR1, KR2])');
    await stack.simulator.waitForRequests(4);
    stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'early', status: 'available' });
    await vi.waitFor(() => expect(followed.results).not.toEqual([]), patience);
    expect(followed.events()[0]).toEqual(nothing);
  });

  test('a short failure is not reported, and the changes of that time are', async () => {
    await using stack = await startStack({ environment });
    const store = stack.simulator.store('kr1');
    await using followed = followVolumes(stack, '(regions: [KR1])');
    await vi.waitFor(() => expect(followed.events()).toEqual([nothing]), patience);
    stack.simulator.clearRequests();
    const recover = stack.simulator.inject({ kind: 'halfBody' });
    await stack.simulator.waitForRequests(3);
    store.addVolume(alice.tenant, { name: 'meanwhile', status: 'available' });
    recover();
    await vi.waitFor(() => expect(followed.changes()).toEqual(['ADDED meanwhile AVAILABLE']), patience);
    expect(followed.events().every(({ failures }) => failures.length === 0)).toBe(true);
  });

  test('a token that every region rejects ends the stream with its error', async () => {
    await using stack = await startStack({ environment });
    await using followed = followVolumes(stack, '', { headers: { 'x-auth-token': 'secret-token-of-alice-of-old' } });
    await followed.ended;
    expect(followed.results).toMatchObject([
      { data: { volumesChanged: null }, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
    ]);
  });
});

describe('removals', () => {
  test('a row that is missing in a page once is not removed', async () => {
    await using stack = await startStack({ environment });
    stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'there', status: 'available' });
    await using followed = followVolumes(stack, '(regions: [KR1])');
    await vi.waitFor(() => expect(followed.events()).toEqual([nothing]), patience);
    stack.simulator.clearRequests();
    stack.simulator.inject({ kind: 'body', body: '{"volumes":[]}', times: 1 });
    await stack.simulator.waitForRequests(4);
    stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'last', status: 'available' });
    await vi.waitFor(() => expect(followed.changes()).toEqual(['ADDED last AVAILABLE']), patience);
  });

  test('a row that was being deleted is removed as soon as its own read finds nothing', async () => {
    await using stack = await startStack({ environment: { POLL_INTERVAL_MS: '200' } });
    const store = stack.simulator.store('kr1');
    const { id } = store.addVolume(alice.tenant, { name: 'old', status: 'deleting' });
    await using followed = followVolumes(stack, '(regions: [KR1])');
    await vi.waitFor(() => expect(followed.events()).toEqual([nothing]), patience);
    store.remove(id);
    stack.simulator.clearRequests();
    await vi.waitFor(() => expect(followed.changes()).toEqual(['REMOVED']), patience);
    expect(stack.calls()).toContain(`GET /volumes/${id}`);
  });
});

describe('lagging replicas', () => {
  test('a row that its own read still finds is removed later, although the list stays the same', async () => {
    await using stack = await startStack({ environment });
    const store = stack.simulator.store('kr1');
    const row = store.addVolume(alice.tenant, { name: 'old', status: 'deleting' });
    await using followed = followVolumes(stack, '(regions: [KR1])');
    await vi.waitFor(() => expect(followed.events()).toEqual([nothing]), patience);
    const body = JSON.stringify({ volume: row });
    stack.simulator.inject({ kind: 'body', body, path: new RegExp(`/volumes/${row.id}`), times: 1 });
    store.remove(row.id);
    await vi.waitFor(() => expect(followed.changes()).toEqual(['REMOVED']), patience);
  });

  test('a row whose own read always fails does not keep other rows from being removed', async () => {
    await using stack = await startStack({ environment });
    const store = stack.simulator.store('kr1');
    const stuck = store.addVolume(alice.tenant, { name: 'stuck', status: 'deleting' });
    const other = store.addVolume(alice.tenant, { name: 'other', status: 'available' });
    await using followed = followVolumes(stack, '(regions: [KR1])');
    await vi.waitFor(() => expect(followed.events()).toEqual([nothing]), patience);
    stack.simulator.inject({ kind: 'status', status: 403, path: new RegExp(`/volumes/${stuck.id}`) });
    store.remove(stuck.id);
    store.remove(other.id);
    await vi.waitFor(() => expect(followed.changes()).toEqual(['REMOVED']), patience);
    const { id } = followed.events()[1]?.changes[0] ?? {};
    expect(Buffer.from(id ?? '', 'base64url').toString()).toContain(other.id);
    // Nor does it keep a new filter from being followed.
    await using next = followVolumes(stack, '(regions: [KR1], filter: { sizeMin: 1 })');
    await vi.waitFor(() => expect(next.events()).toEqual([nothing]), patience);
  });
});

describe('polls', () => {
  test('one poll serves all followers with the same credentials, whatever their filters, and stops with the last', async () => {
    await using stack = await startStack({ environment: { POLL_INTERVAL_MS: '200' } });
    stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'a', status: 'available' });
    const filters = ['', ', filter: { status: [AVAILABLE] }', ', filter: { nameContains: "a" }'];
    const all = filters.flatMap((filter) => [1, 2].map(() => followVolumes(stack, `(regions: [KR1]${filter})`)));
    await using foreign = followVolumes(stack, '(regions: [KR1])', {
      headers: { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant },
    });
    await vi.waitFor(() => expect(all.every(({ results }) => results.length === 1)).toBe(true), patience);
    await vi.waitFor(() => expect(foreign.results).toHaveLength(1), patience);
    expect(await metric(stack, 'gateway_polls')).toBe(2);
    stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'another', status: 'available' });
    await vi.waitFor(() => {
      for (const one of all) expect(one.changes()).toEqual(['ADDED another AVAILABLE']);
    }, patience);
    expect(foreign.changes()).toEqual([]);
    for (const one of [...all, foreign]) await one[Symbol.asyncDispose]();
    await vi.waitFor(async () => expect(await metric(stack, 'gateway_polls')).toBe(0), patience);
  });

  test('a write through the gateway is reported at once, however rarely the list is read', async () => {
    await using stack = await startStack({ environment: { POLL_INTERVAL_MS: '5000' } });
    await using followed = followVolumes(stack, '(regions: [KR1])');
    await vi.waitFor(() => expect(followed.events()).toEqual([nothing]), patience);
    await stack.data('mutation { createVolume(input: { region: KR1, size: 10, name: "mine" }) { volume { id } } }');
    await vi.waitFor(() => expect(followed.changes()[0]).toMatch(/^ADDED mine/), { timeout: 4_000 });
  });

  test('while nothing changes the list is read less and less often, and nothing is reported', async () => {
    await using stack = await startStack({ environment });
    stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'a', status: 'available' });
    await using followed = followVolumes(stack, '(regions: [KR1])');
    const gaps = () =>
      stack.simulator.requests
        .slice(1)
        .map(({ receivedAt }, index) => receivedAt - (stack.simulator.requests[index]?.receivedAt ?? 0));
    await vi.waitFor(() => expect(gaps().length).toBeGreaterThan(12), patience);
    expect(Math.max(...gaps().slice(-3))).toBeGreaterThan(3 * (gaps()[0] ?? 0));
    expect(followed.events()).toEqual([nothing]);
  });

  test('followers with new filters do not make the list be read more often than while it changes', async () => {
    await using stack = await startStack({ environment: { POLL_INTERVAL_MS: '400' } });
    await using first = followVolumes(stack, '(regions: [KR1])');
    await vi.waitFor(() => expect(first.results).toHaveLength(1), patience);
    const start = performance.now();
    for (let index = 0; index < 8; index++) {
      await using next = followVolumes(stack, `(regions: [KR1], filter: { sizeMin: ${index} })`);
      await vi.waitFor(() => expect(next.results).toHaveLength(1), patience);
    }
    expect(listCalls(stack).length - 1).toBeLessThanOrEqual(Math.ceil((performance.now() - start) / 400) + 1);
  });

  test('a list that exceeds the memory for lists fails with a code, and the other regions are followed', async () => {
    await using stack = await startStack({ environment: { ...environment, MEMORY_LIMIT_MIB: '256' } });
    for (let index = 0; index < 5_000; index++) stack.simulator.store('kr1').addVolume(alice.tenant);
    await using followed = followVolumes(stack, '(regions: [KR1, KR2])');
    await vi.waitFor(() => expect(followed.results).toHaveLength(1), { timeout: 30_000 });
    expect(followed.events()[0]?.failures).toEqual([{ code: 'OVERLOADED', region: { code: 'KR1' } }]);
  }, 40_000);

  test('fewer than ten rows that a filter names are read one by one', async () => {
    await using stack = await startStack({ environment });
    const store = stack.simulator.store('kr1');
    const { id } = store.addVolume(alice.tenant, { name: 'named', status: 'available' });
    await using followed = followVolumes(stack, `(regions: [KR1], filter: { uuids: ["${id}"] })`);
    await vi.waitFor(() => expect(followed.events()).toEqual([nothing]), patience);
    store.setStatus(id, 'in-use');
    await vi.waitFor(() => expect(followed.changes()).toEqual(['UPDATED named IN_USE']), patience);
    store.remove(id);
    await vi.waitFor(() => expect(followed.changes()).toEqual(['UPDATED named IN_USE', 'REMOVED']), patience);
    expect(listCalls(stack)).toEqual([]);
  });

  test('a filter that names no row does not disturb the followers of the whole list', async () => {
    await using stack = await startStack({ environment });
    await using none = followVolumes(stack, '(regions: [KR1], filter: { uuids: [] })');
    await vi.waitFor(() => expect(none.events()).toEqual([nothing]), patience);
    await using all = followVolumes(stack, '(regions: [KR1])');
    await vi.waitFor(() => expect(all.events()).toEqual([nothing]), patience);
    stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'new', status: 'available' });
    await vi.waitFor(() => expect(all.changes()).toEqual(['ADDED new AVAILABLE']), patience);
    expect(none.changes()).toEqual([]);
  });

  test('a region that asks for a long time is reported as failing at once', async () => {
    await using stack = await startStack({ environment });
    await using followed = followVolumes(stack, '(regions: [KR1])');
    await vi.waitFor(() => expect(followed.events()).toEqual([nothing]), patience);
    stack.simulator.inject({ kind: 'status', status: 429, headers: { 'Retry-After': '3600' } });
    const failures = [{ code: 'RATE_LIMITED', region: { code: 'KR1' } }];
    await vi.waitFor(() => expect(followed.events().at(-1)).toEqual({ ...nothing, failures }), patience);
  });

  test('an object is not read on its own while its list is read, and its changes are reported all the same', async () => {
    await using stack = await startStack({ environment });
    const store = stack.simulator.store('kr1');
    const { id } = store.addVolume(alice.tenant, { name: 'watched', status: 'available' });
    await using list = followVolumes(stack, '(regions: [KR1])');
    await vi.waitFor(() => expect(list.results).toHaveLength(1), patience);
    await using object = subscribe(stack, ofVolume(id));
    await vi.waitFor(() => expect(object.results).toHaveLength(1), patience);
    stack.simulator.clearRequests();
    await vi.waitFor(() => expect(listCalls(stack).length).toBeGreaterThan(10), patience);
    expect(pollsOf(stack, id)).toEqual([]);
    store.setStatus(id, 'in-use');
    await vi.waitFor(() => expect(object.results).toHaveLength(2), patience);
    store.remove(id);
    await object.ended;
    expect(object.results.map(({ data }) => data?.volumeUpdated)).toEqual([
      { name: 'watched', status: 'AVAILABLE' },
      { name: 'watched', status: 'IN_USE' },
      null,
    ]);
  });

  test('a list of more than 10,000 rows is rejected with advice', async () => {
    await using stack = await startStack({ environment });
    for (let index = 0; index <= 10_000; index++) stack.simulator.store('kr1').addVolume(alice.tenant);
    await using followed = followVolumes(stack, '(regions: [KR1])');
    await vi.waitFor(() => expect(followed.results).toHaveLength(1), { timeout: 30_000 });
    expect(followed.results).toMatchObject([
      {
        errors: [{ message: expect.stringContaining('too many to follow'), extensions: { code: 'QUERY_TOO_COMPLEX' } }],
      },
    ]);
  }, 40_000);
});

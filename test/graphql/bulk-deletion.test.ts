import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { alice, type Stack, startStack } from '../support/stack.ts';

/* Deletions of many objects in one mutation. */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ changeAfterMs: 100 });
});

afterAll(() => stack[Symbol.asyncDispose]());
beforeEach(() => stack.simulator.clearRequests());

test('many volumes are deleted each for itself: one that fails stops no other, one named twice is deleted once', async () => {
  await using many = await startStack({ changeAfterMs: 60_000 });
  const [kr1, kr2] = [many.simulator.store('kr1'), many.simulator.store('kr2')];
  const free = kr1.addVolume(alice.tenant);
  const held = kr1.addVolume(alice.tenant);
  kr1.addSnapshot(alice.tenant, { volume_id: held.id });
  const other = kr2.addVolume(alice.tenant);
  const id = (region: string, uuid: string) => Buffer.from(`Volume:${region}:${uuid}`).toString('base64url');
  const missing = '00000000-0000-4000-8000-000000000000';
  const ids = [free.id, held.id, missing, 'nonsense', id('kr1', free.id), id('kr2', other.id)];
  const query = `mutation($ids: [ID!]!, $region: RegionCode) { deleteVolumes(input: { ids: $ids, region: $region }) {
    results { givenId deletedVolumeId volume { uuid status } error { code region { code } outcomeUnknown } }
  } }`;
  const { deleteVolumes } = await many.data(query, { variables: { ids, region: 'KR1' } });
  const failed = (code: string) => ({ code, region: { code: 'KR1' }, outcomeUnknown: false });
  expect(deleteVolumes.results).toEqual([
    {
      givenId: ids[0],
      deletedVolumeId: id('kr1', free.id),
      volume: { uuid: free.id, status: 'DELETING' },
      error: null,
    },
    { givenId: ids[1], deletedVolumeId: null, volume: null, error: failed('CONFLICT') },
    { givenId: ids[2], deletedVolumeId: null, volume: null, error: failed('NOT_FOUND') },
    { givenId: ids[3], deletedVolumeId: null, volume: null, error: failed('BAD_USER_INPUT') },
    {
      givenId: ids[4],
      deletedVolumeId: id('kr1', free.id),
      volume: { uuid: free.id, status: 'DELETING' },
      error: null,
    },
    { givenId: ids[5], deletedVolumeId: null, volume: null, error: failed('BAD_USER_INPUT') },
  ]);
  expect(many.calls().filter((call) => call.startsWith('DELETE'))).toHaveLength(3);
  const { deleteVolumes: over } = await many.data(query, { variables: { ids: [ids[5]] } });
  expect(over.results[0].error).toBeNull();
});

test('many deletions are under way together, but not all at once; lost answers say so', async () => {
  await using many = await startStack();
  const store = many.simulator.store('kr1');
  const volume = store.addVolume(alice.tenant);
  const snapshots = Array.from({ length: 30 }, () => store.addSnapshot(alice.tenant, { volume_id: volume.id }).id);
  const release = many.simulator.hold();
  const answer = many.data(
    'mutation($ids: [ID!]!) { deleteSnapshots(input: { ids: $ids, region: KR1 }) { results { deletedSnapshotId error { code } } } }',
    { variables: { ids: snapshots } },
  );
  await many.simulator.waitForRequests(8);
  expect(many.calls()).toHaveLength(8);
  release();
  expect((await answer).deleteSnapshots.results.every(({ error }: { error: unknown }) => error === null)).toBe(true);
  many.simulator.inject({ kind: 'reset', method: 'DELETE' });
  const lost = await many.data(
    'mutation($ids: [ID!]!) { deleteVolumes(input: { ids: $ids, region: KR1 }) { results { error { code outcomeUnknown } } } }',
    { variables: { ids: [volume.id] } },
  );
  expect(lost.deleteVolumes.results).toEqual([{ error: { code: 'UPSTREAM_UNAVAILABLE', outcomeUnknown: true } }]);
});

test('many snapshots that are being deleted are read as a list', async () => {
  await using many = await startStack({ changeAfterMs: 60_000 });
  const store = many.simulator.store('kr1');
  const volume = store.addVolume(alice.tenant);
  const ids = Array.from({ length: 40 }, () => store.addSnapshot(alice.tenant, { volume_id: volume.id }).id);
  const { deleteSnapshots } = await many.data(
    'mutation($ids: [ID!]!) { deleteSnapshots(input: { ids: $ids, region: KR1 }) { results { snapshot { uuid status } } } }',
    { variables: { ids } },
  );
  expect(deleteSnapshots.results).toEqual(ids.map((uuid) => ({ snapshot: { uuid, status: 'DELETING' } })));
  expect(many.calls().filter((call) => call.startsWith('GET'))).toHaveLength(1);
});

test('deletions that could not finish in time are not sent, and say so', async () => {
  await using slow = await startStack({ environment: { REQUEST_TIMEOUT_MS: '1000' } });
  const store = slow.simulator.store('kr1');
  const ids = Array.from({ length: 60 }, () => store.addVolume(alice.tenant).id);
  slow.simulator.inject({ kind: 'delay', ms: 300, method: 'DELETE' });
  const { deleteVolumes } = await slow.data(
    'mutation($ids: [ID!]!) { deleteVolumes(input: { ids: $ids, region: KR1 }) { results { deletedVolumeId error { code message outcomeUnknown } } } }',
    { variables: { ids } },
  );
  const failed = deleteVolumes.results.flatMap(({ error }: { error: object | null }) => error ?? []);
  const message = 'Region KR1 was not asked in time: the call was not sent. Ask for less at once, or try again.';
  expect(failed).toEqual(Array(failed.length).fill({ code: 'UPSTREAM_TIMEOUT', message, outcomeUnknown: false }));
  expect(failed.length).toBeGreaterThan(0);
  expect(slow.calls().filter((call) => call.startsWith('DELETE'))).toHaveLength(ids.length - failed.length);
});

test('a slow region keeps no deletion of another from being sent', async () => {
  await using slow = await startStack({ environment: { REQUEST_TIMEOUT_MS: '1000' } });
  const id = (region: string) =>
    Buffer.from(`Volume:${region}:${slow.simulator.store(region).addVolume(alice.tenant).id}`).toString('base64url');
  const ids = [...Array.from({ length: 8 }, () => id('kr2')), ...Array.from({ length: 30 }, () => id('kr1'))];
  slow.simulator.inject({ kind: 'delay', ms: 600, method: 'DELETE', region: 'kr2' });
  const { deleteVolumes } = await slow.data(
    'mutation($ids: [ID!]!) { deleteVolumes(input: { ids: $ids }) { results { error { message } } } }',
    { variables: { ids } },
  );
  expect(deleteVolumes.results).toEqual(Array(38).fill({ error: null }));
});

test('more than 100 deletions at once are refused', async () => {
  const { data, errors } = await stack.query(
    'mutation($ids: [ID!]!) { deleteVolumes(input: { ids: $ids }) { results { givenId } } }',
    { variables: { ids: Array(101).fill('x') } },
  );
  expect(data).toEqual({ deleteVolumes: null });
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
});

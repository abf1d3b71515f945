import { afterEach, beforeEach, expect, test } from 'vitest';
import { alice, startStack } from '../support/stack.ts';
import { addSnapshots, addVolumes, closeStack, openStack, run, stack } from './call-count.ts';

/* How many REST calls a query of one region makes, and which of them are in flight together. */

beforeEach(openStack);
afterEach(closeStack);

test('100 volumes with type, snapshots and attachments are 3 calls, started together', async () => {
  addSnapshots(addVolumes(100));
  const { data, first, all } = await run(
    `{ region(code: KR1) { volumes(first: 100) { nodes {
      uuid status volumeType { name } snapshots { nodes { name } } attachments { device }
    } } } }`,
    3,
  );
  expect(first).toEqual(['GET /snapshots/detail', 'GET /types', 'GET /volumes/detail']);
  expect(all).toEqual(first);
  const { nodes } = data.region.volumes;
  expect(nodes).toHaveLength(100);
  for (const node of nodes) {
    expect(node.volumeType.name).toBe('General SSD');
    expect(node.snapshots.nodes).toHaveLength(1);
  }
});

test('the same through edges, fragments and an alias', async () => {
  addSnapshots(addVolumes(3));
  const { all } = await run(
    `query { region(code: KR1) { v: volumes(first: 100) { edges { node { ...Row } } } } }
     fragment Row on Volume { ... on Node { id } kind: volumeType { name } ...Snapshots }
     fragment Snapshots on Volume { snapshots(first: 1) { edges { node { name } } } }`,
    3,
  );
  expect(all).toHaveLength(3);
});

test('what @skip and @include leave out is not fetched', async () => {
  addVolumes(3);
  const { all } = await run(
    `query($no: Boolean!, $yes: Boolean!) { region(code: KR1) { volumes { nodes {
      status volumeType @include(if: $no) { name } snapshots @skip(if: $yes) { nodes { name } }
    } } } }`,
    1,
    { no: false, yes: true },
  );
  expect(all).toEqual(['GET /volumes/detail']);
});

test.each([
  ['id uuid name region { code } links { href } __typename', 'GET /volumes'],
  ['id status', 'GET /volumes/detail'],
])('volumes with { %s } are read from %s', async (fields, call) => {
  addVolumes(2);
  const { all } = await run(`{ region(code: KR1) { volumes { nodes { ${fields} } } } }`, 1);
  expect(all).toEqual([call]);
});

test.each([
  ['uuid name status size createdAt description metadata volumeUuid', 'GET /snapshots'],
  ['progress', 'GET /snapshots/detail'],
  ['projectId', 'GET /snapshots/detail'],
])('snapshots with { %s } are read from %s', async (fields, call) => {
  addSnapshots(addVolumes(2));
  const { all } = await run(`{ region(code: KR1) { snapshots { nodes { ${fields} } } } }`, 1);
  expect(all).toEqual([call]);
});

test('one volume with its type and its snapshots is 3 calls, started together', async () => {
  const volume = addVolumes(3)[0] ?? expect.unreachable();
  addSnapshots([volume, volume]);
  const { data, all } = await run(
    'query($id: ID!) { volume(id: $id, region: KR1) { volumeType { name } snapshots { nodes { name } } } }',
    3,
    { id: volume.id },
  );
  expect(all).toEqual(['GET /snapshots/detail', 'GET /types', `GET /volumes/${volume.id}`]);
  expect(data.volume.snapshots.nodes).toHaveLength(2);
});

test('a snapshot filter that the upstream ignores still gives the volume its own snapshots only', async () => {
  const volumes = addVolumes(2);
  const volume = volumes[0] ?? expect.unreachable();
  addSnapshots([...volumes, volume]);
  const { data: before } = await run('{ region(code: KR1) { snapshots { nodes { progress } } } }', 1);
  expect(before.region.snapshots.nodes).toHaveLength(3);
  const rows = stack.simulator.store('kr1').snapshots(alice.tenant);
  stack.simulator.inject({ kind: 'body', path: /volume_id=/, body: JSON.stringify({ snapshots: rows }) });
  const { data } = await run(
    'query($id: ID!) { volume(id: $id, region: KR1) { snapshots { nodes { volumeUuid } } } }',
    2,
    {
      id: volume.id,
    },
  );
  expect(data.volume.snapshots.nodes).toEqual([{ volumeUuid: volume.id }, { volumeUuid: volume.id }]);
});

test('500 snapshots, each with its volume, are 2 calls, started together', async () => {
  addSnapshots(addVolumes(500));
  const { data, all } = await run(
    '{ region(code: KR1) { snapshots(first: 500) { nodes { name volume { name } } } } }',
    2,
  );
  expect(all).toEqual(['GET /snapshots', 'GET /volumes/detail']);
  const { nodes } = data.region.snapshots;
  expect(nodes).toHaveLength(500);
  for (const { name, volume } of nodes) expect(volume.name).toBe(name.replace('snapshot', 'volume'));
});

test('the same where pages are short: the lists are read to their ends, and no volume singly', async () => {
  await using short = await startStack({ regions: [{ code: 'kr1', maxLimit: 10 }] });
  const store = short.simulator.store('kr1');
  const volumes = Array.from({ length: 35 }, () => store.addVolume(alice.tenant));
  for (const { id } of volumes) store.addSnapshot(alice.tenant, { volume_id: id });
  // The volumes come later than the snapshots that name them.
  short.simulator.inject({ kind: 'delay', ms: 20, path: /volumes/ });
  short.simulator.clearRequests();
  await short.data('{ region(code: KR1) { snapshots(first: 100) { nodes { volume { name } } } } }');
  const paths = short.calls().map((call) => call.replace(/\?.*$/, ''));
  expect(paths.toSorted()).toEqual([...Array(4).fill('GET /snapshots'), ...Array(4).fill('GET /volumes/detail')]);
});

test('three levels down costs nothing more: the volumes of the snapshots of the volumes', async () => {
  addSnapshots(addVolumes(20));
  const { all } = await run(
    '{ region(code: KR1) { volumes { nodes { status snapshots { nodes { volume { name volumeType { name } } } } } } } }',
    3,
  );
  expect(all).toEqual(['GET /snapshots/detail', 'GET /types', 'GET /volumes/detail']);
});

test('fields that are said to cost no call cost none', async () => {
  const volume = stack.simulator.store('kr1').addVolume(alice.tenant, {
    status: 'in-use',
    snapshot_id: '00000000-0000-4000-8000-000000000001',
    attachments: [
      {
        server_id: '00000000-0000-4000-8000-000000000002',
        attachment_id: '00000000-0000-4000-8000-000000000003',
        device: '/dev/vdb',
        id: '00000000-0000-4000-8000-000000000004',
        volume_id: '00000000-0000-4000-8000-000000000004',
        host_name: null,
        attached_at: '',
      },
    ],
  });
  const { data, all } = await run(
    `query($id: ID!) { volume(id: $id, region: KR1) {
      volumeTypeName sourceSnapshotUuid sourceVolumeUuid attachments { volumeUuid server { uuid } }
    } }`,
    1,
    { id: volume.id },
  );
  expect(all).toHaveLength(1);
  expect(data.volume.attachments).toEqual([
    { volumeUuid: volume.id, server: { uuid: '00000000-0000-4000-8000-000000000002' } },
  ]);
});

test('two fields that ask the same list make one call', async () => {
  addVolumes(3);
  const { all } = await run(
    '{ a: region(code: KR1) { volumes { nodes { status } } } b: region(code: KR1) { volumes { nodes { size } } } }',
    1,
  );
  expect(all).toHaveLength(1);
});

test('fields that need no credentials make no call and need none', async () => {
  stack.simulator.clearRequests();
  const data = await stack.data('{ regions { code name available } region(code: JP1) { id name } __typename }', {
    headers: { 'x-auth-token': '', 'x-tenant-id': '' },
  });
  expect(data.regions).toHaveLength(3);
  expect(stack.calls()).toEqual([]);
});

test('X-Gateway-Trace shows each call, and only when asked for', async () => {
  addVolumes(1);
  const query = '{ region(code: KR1) { volumes { nodes { status } } } }';
  const traced = await stack.query(query, { headers: { 'x-gateway-trace': '1' } });
  expect(traced.extensions?.upstream).toEqual([
    expect.objectContaining({
      region: 'kr1',
      method: 'GET',
      status: 200,
      path: expect.stringMatching(/^\/volumes\/detail\?/),
    }),
  ]);
  expect(await stack.query(query)).not.toHaveProperty('extensions');
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { alice, type Stack, startStack } from '../support/stack.ts';

/*
 * How many REST calls a query makes, and which of them are in flight together. "Together" is proved by holding every
 * answer back until all the calls have arrived: a call that waits for another's answer would never come.
 */

let stack: Stack;

beforeEach(async () => {
  stack = await startStack();
});

afterEach(() => stack[Symbol.asyncDispose]());

function addVolumes(count: number, region = 'kr1') {
  return Array.from({ length: count }, (_, index) =>
    stack.simulator.store(region).addVolume(alice.tenant, { name: `volume ${index}`, volume_type: 'General SSD' }),
  );
}

function addSnapshots(volumes: readonly { id: string }[], region = 'kr1') {
  const store = stack.simulator.store(region);
  return volumes.map(({ id }, index) => store.addSnapshot(alice.tenant, { name: `snapshot ${index}`, volume_id: id }));
}

/** Runs a query while the upstream answers nothing until `together` calls wait. */
async function run(query: string, together: number, variables: Record<string, unknown> = {}) {
  stack.simulator.clearRequests();
  const release = stack.simulator.hold();
  const answer = stack.data(query, { variables });
  await stack.simulator.waitForRequests(together);
  const first = paths();
  release();
  return { data: await answer, first: first.toSorted(), all: paths().toSorted() };
}

function paths(): string[] {
  return stack.calls().map((call) => call.replace(/\?.*$/, ''));
}

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

test('three regions, each with its nested page, are 9 calls, started together', async () => {
  for (const region of ['kr1', 'kr2', 'jp1']) addSnapshots(addVolumes(10, region), region);
  const page = 'volumes(first: 100) { nodes { status volumeType { name } snapshots { nodes { name } } } }';
  const { all } = await run(
    `{ a: region(code: KR1) { ${page} } b: region(code: KR2) { ${page} } c: region(code: JP1) { ${page} } }`,
    9,
  );
  expect(all).toHaveLength(9);
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

test('9 aliases of distinct volumes are 9 single reads, a repeated one none', async () => {
  const volumes = addVolumes(9);
  const aliases = [...volumes, ...volumes].map(
    ({ id }, index) => `v${index}: volume(id: "${id}", region: KR1) { name }`,
  );
  const { all } = await run(`{ ${aliases.join(' ')} }`, 9);
  expect(all).toHaveLength(9);
});

test('from 10 distinct ids on one list of 1000 is read, and what it lacks singly', async () => {
  const volumes = addVolumes(12);
  const missing = '00000000-0000-4000-8000-000000000000';
  const ids = [...volumes.map(({ id }) => id), missing];
  const aliases = ids.map((id, index) => `v${index}: volume(id: "${id}", region: KR1) { name }`);
  const { data, all } = await run(`{ ${aliases.join(' ')} }`, 1);
  expect(all).toEqual([`GET /volumes/${missing}`, 'GET /volumes/detail']);
  expect(stack.calls()[0]).toMatch(/^GET \/volumes\/detail\?.*limit=1000$/);
  expect(data.v0).toEqual({ name: 'volume 0' });
  expect(data.v12).toBeNull();
});

test('nodes of 30 ids of two kinds in one region are 2 calls, started together', async () => {
  const volumes = addVolumes(15);
  addSnapshots(volumes);
  const { region } = await stack.data('{ region(code: KR1) { volumes { nodes { id } } snapshots { nodes { id } } } }');
  const ids = [...region.volumes.nodes, ...region.snapshots.nodes].map(({ id }: { id: string }) => id);
  const { data, all } = await run(
    'query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Volume { name } ... on Snapshot { name } } }',
    2,
    { ids },
  );
  expect(all).toEqual(['GET /snapshots/detail', 'GET /volumes/detail']);
  expect(data.nodes.map(({ id }: { id: string }) => id)).toEqual(ids);
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

test.each([
  ['orderBy: [{ field: NAME }]', 'GET /volumes'],
  ['', 'GET /volumes/detail'],
])('names and ids of several regions, (%s), are read from %s', async (order, call) => {
  for (const region of ['kr1', 'kr2', 'jp1']) addVolumes(2, region);
  const { all } = await run(`{ volumes${order && `(${order})`} { nodes { uuid name } } }`, 3);
  expect(all).toEqual([call, call, call]);
});

test('a page of three regions, with types and snapshots, is 9 calls, started together', async () => {
  for (const region of ['kr1', 'kr2', 'jp1']) addSnapshots(addVolumes(40, region), region);
  const { data, first, all } = await run(
    '{ volumes(first: 100) { nodes { status volumeType { name } snapshots { nodes { name } } } } }',
    9,
  );
  expect(first).toHaveLength(9);
  expect(all).toHaveLength(9);
  expect(data.volumes.nodes).toHaveLength(100);
  const asked = stack.calls().filter((call) => call.startsWith('GET /volumes'));
  expect(new Set(asked.map((call) => new URLSearchParams(call.split('?')[1]).get('limit')))).toEqual(new Set(['101']));
});

test('a walk of 10 pages over three regions is 3 calls a page, and fewer when regions are through', async () => {
  for (const [region, count] of [
    ['kr1', 50],
    ['kr2', 40],
    ['jp1', 5],
  ] as const)
    addVolumes(count, region);
  const query =
    'query($after: String) { volumes(first: 10, after: $after) { nodes { status } pageInfo { hasNextPage endCursor } } }';
  stack.simulator.clearRequests();
  let after: string | null = null;
  const counts: number[] = [];
  for (let more = true; more; ) {
    const before = stack.calls().length;
    const { volumes }: { volumes: { pageInfo: { hasNextPage: boolean; endCursor: string } } } = await stack.data(
      query,
      { variables: { after } },
    );
    counts.push(stack.calls().length - before);
    ({ hasNextPage: more, endCursor: after } = volumes.pageInfo);
  }
  expect(counts).toHaveLength(10);
  expect(counts[0]).toBe(3);
  for (const [index, count] of counts.slice(1).entries()) expect(count).toBeLessThanOrEqual(counts[index] ?? 0);
  expect(counts.at(-1)).toBe(1);
});

test('nodes of 40 ids over three regions are one list a region, started together', async () => {
  const ids = ['kr1', 'kr2', 'jp1'].flatMap((region, index) =>
    addVolumes(index === 0 ? 14 : 13, region).map(({ id }) =>
      Buffer.from(`Volume:${region}:${id}`).toString('base64url'),
    ),
  );
  const { data, all } = await run('query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Volume { name } } }', 3, { ids });
  expect(all).toEqual(Array(3).fill('GET /volumes/detail'));
  expect(data.nodes.map(({ id }: { id: string }) => id)).toEqual(ids);
});

test('totalCount and a summary beside a list read each region once more at most', async () => {
  for (const region of ['kr1', 'kr2', 'jp1']) addSnapshots(addVolumes(20, region), region);
  const summary = 'storageSummary { total { count } snapshots { count } }';
  const both = await run(`{ volumes(first: 10) { totalCount nodes { status } } ${summary} }`, 6);
  expect(both.data).toMatchObject({
    volumes: { totalCount: 60 },
    storageSummary: { total: { count: 60 }, snapshots: { count: 60 } },
  });
  expect(both.all).toEqual([...Array(3).fill('GET /snapshots'), ...Array(3).fill('GET /volumes/detail')]);
  const listed = await run(`{ volumes(first: 10) { nodes { status } } storageSummary { total { count } } }`, 6);
  expect(listed.all).toHaveLength(6);
  const counted = await run(
    '{ volumes(first: 10) { totalCount nodes { status } } filtered: volumes(filter: { sizeMin: 1 }) { totalCount nodes { status } } }',
    3,
  );
  expect(counted.all).toHaveLength(3);
  const alone = await run('{ volumes { totalCount } }', 3);
  expect(alone.all).toEqual(Array(3).fill('GET /volumes/detail'));
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

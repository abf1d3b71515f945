import { afterEach, beforeEach, expect, test } from 'vitest';
import { addSnapshots, addVolumes, closeStack, openStack, run, stack } from './call-count.ts';

/* How many REST calls several regions and many ids cost, and which of them are in flight together. */

beforeEach(openStack);
afterEach(closeStack);

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

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { alice, type Stack, startStack } from '../support/stack.ts';

/* What must never get as far as a request to the upstream. */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack[Symbol.asyncDispose]());
beforeEach(() => stack.simulator.clearRequests());

test('an id with a path in it is refused, and no region is asked', async () => {
  const { data, errors } = await stack.query('{ volume(id: "../types", region: KR1) { name } }');
  expect(data).toEqual({ volume: null });
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT']);
  expect(stack.calls()).toEqual([]);
});

const base64 = (text: string) => Buffer.from(text).toString('base64url');
const uuid = '17975e9d-1533-40db-bd02-2072cd2ccb7f';

const hostileTexts = [
  '',
  '..',
  '%2e%2e',
  'a/b',
  '?x',
  'x&limit=9',
  'x\r\nX-Evil: 1',
  `${uuid}/action`,
  `${uuid}\0`,
  ` ${uuid}`,
  `{${uuid}}`,
  '💾'.repeat(10),
  'a'.repeat(10_000),
  '__proto__',
];

const hostileIds = [
  ...hostileTexts,
  base64('Volume:kr1:../../types'),
  base64(`Volume:kr1:${uuid}/action`),
  base64(`Volume:kr1:${uuid}:${uuid}`),
  base64(`Volume:kr9:${uuid}`),
  base64(`Volume:__proto__:${uuid}`),
  base64(`Snapshot:kr1:${uuid}`),
  base64('Region:kr1'),
  base64(`__proto__:kr1:${uuid}`),
  base64(`constructor:kr1:${uuid}`),
];

test.each(hostileIds.map((id) => [id.slice(0, 60), id]))('the volume id %j is refused', async (_, id) => {
  const query = `query($id: ID!) {
    a: volume(id: $id, region: KR1) { name }
    b: region(code: KR1) { volume(id: $id) { name } }
    c: volume(id: $id) { name }
  }`;
  const { data, errors } = await stack.query(query, { variables: { id } });
  expect(data).toEqual({ a: null, b: { volume: null }, c: null });
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(Array(3).fill('BAD_USER_INPUT'));
  expect(stack.calls()).toEqual([]);
});

test.each(hostileIds.map((id) => [id.slice(0, 60), id]))('mutations refuse the id %j', async (_, id) => {
  const query = `mutation($id: ID!) {
    a: deleteVolume(input: { id: $id, region: KR1 }) { deletedVolumeId }
    b: createSnapshot(input: { volumeId: $id, region: KR1 }) { snapshot { id } }
    c: uploadVolumeToImage(input: { volumeId: $id, region: KR1, imageName: "i" }) { image { imageId } }
    d: createVolume(input: { sourceVolumeId: $id, region: KR1 }) { volume { id } }
  }`;
  const { data, errors } = await stack.query(query, { variables: { id } });
  expect(data).toEqual({ a: null, b: null, c: null, d: null });
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(Array(4).fill('BAD_USER_INPUT'));
  expect(stack.calls()).toEqual([]);
});

test.each([...hostileTexts, uuid, base64('x'), base64('[1,"aaaaaaaaaaaaaaaa",[]]')].map((id) => [id.slice(0, 60), id]))(
  'node and nodes refuse the id %j, at its place only',
  async (_, id) => {
    const query = 'query($id: ID!, $ids: [ID!]!) { node(id: $id) { id } nodes(ids: $ids) { id } }';
    const good = base64('Region:kr1');
    const { data, errors } = await stack.query(query, { variables: { id, ids: [good, id, good] } });
    expect(data).toEqual({ node: null, nodes: [{ id: good }, null, { id: good }] });
    expect(errors?.map(({ path }) => path).toSorted()).toEqual([['node'], ['nodes', 1]]);
    expect(stack.calls()).toEqual([]);
  },
);

async function aCursor(): Promise<string> {
  for (const name of ['a', 'b']) stack.simulator.store('kr1').addVolume(alice.tenant, { name });
  const { region } = await stack.data('{ region(code: KR1) { volumes(first: 1) { pageInfo { endCursor } } } }');
  stack.simulator.clearRequests();
  return region.volumes.pageInfo.endCursor;
}

test.each(
  [...hostileTexts, uuid, base64('x'), base64('[1,"aaaaaaaaaaaaaaaa",[]]'), 'a'.repeat(20_000)].map((c) => [
    c.slice(0, 60),
    c,
  ]),
)('the cursor %j is refused', async (_, after) => {
  const query = `query($after: String) { region(code: KR1) {
      volumes(after: $after) { nodes { id } }
      snapshots(after: $after) { nodes { id } }
      volumeTypes(after: $after) { nodes { id } }
    } }`;
  const { data, errors } = await stack.query(query, { variables: { after } });
  expect(data.region).toEqual({ volumes: null, snapshots: null, volumeTypes: null });
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(Array(3).fill('BAD_USER_INPUT'));
  expect(stack.calls()).toEqual([]);
});

test('a cursor of another order, list, region or tenant is refused', async () => {
  const after = await aCursor();
  const elsewhere = [
    'region(code: KR1) { volumes(after: $after, orderBy: [{ field: NAME }]) { nodes { id } } }',
    'region(code: KR1) { snapshots(after: $after) { nodes { id } } }',
    'region(code: KR2) { volumes(after: $after) { nodes { id } } }',
  ];
  for (const field of elsewhere) {
    const { errors } = await stack.query(`query($after: String) { ${field} }`, { variables: { after } });
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  }
  const here = 'query($after: String) { region(code: KR1) { volumes(after: $after) { nodes { name } } } }';
  const { errors } = await stack.query(here, { variables: { after }, headers: { 'x-tenant-id': 'another' } });
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  expect(stack.calls()).toEqual([]);
  expect((await stack.data(here, { variables: { after } })).region.volumes.nodes).toHaveLength(1);
});

test('a cursor with any one character changed is refused', async () => {
  const cursor = await aCursor();
  const query = 'query($after: String) { region(code: KR1) { volumes(after: $after) { nodes { name } } } }';
  for (let index = 0; index < cursor.length - 1; index += 7) {
    const after = cursor.slice(0, index) + (cursor[index] === 'A' ? 'B' : 'A') + cursor.slice(index + 1);
    const { errors } = await stack.query(query, { variables: { after } });
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  }
  expect(stack.calls()).toEqual([]);
});

test.each([
  ['first: -1', 'volumes'],
  ['first: 1001', 'volumes'],
  ['offset: -1', 'volumes'],
  ['first: 1001', 'volumeTypes'],
])('%s is refused by %s', async (argument, field) => {
  const { data, errors } = await stack.query(`{ region(code: KR1) { ${field}(${argument}) { nodes { id } } } }`);
  expect(data.region[field]).toBeNull();
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  expect(stack.calls()).toEqual([]);
});

test('offset and after together are refused', async () => {
  const after = await aCursor();
  const { errors } = await stack.query(
    'query($after: String) { region(code: KR1) { volumes(after: $after, offset: 1) { nodes { id } } } }',
    { variables: { after } },
  );
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
});

test('more than 100 ids are refused', async () => {
  const ids = Array(101).fill(base64('Region:kr1'));
  const { errors } = await stack.query('query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { variables: { ids } });
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
});

test('what is refused starts nothing beside it, in no region', async () => {
  const refused = await stack.query(`{
    a: volumes(after: "../x") { nodes { volumeType { name } snapshots { nodes { id } } } }
    b: snapshots(offset: 10001) { nodes { volume { name } } }
    c: volumes(regions: [KR1], offset: 1, filter: { sizeMin: 1 }) { nodes { volumeType { name } } }
  }`);
  expect(refused.errors?.map(({ extensions }) => extensions?.code)).toEqual(Array(3).fill('BAD_USER_INPUT'));
  // A call that had been started would have arrived before the one that follows it.
  await stack.data('{ region(code: KR1) { volumes { nodes { id } } } }');
  await stack.data('{ volumes { nodes { id } } }');
  expect(stack.calls().filter((call) => /types|snapshots/.test(call))).toEqual([]);
});

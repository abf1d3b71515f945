import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { alice, type Stack, startStack } from '../support/stack.ts';

/* The gateway as a subgraph of a company's graph. */

const environment = { FEDERATION: 'true' };
const entities = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { __typename ... on Volume { name volumeType { name } } ... on Snapshot { name } ... on VolumeType { name } }
}`;

async function printed(stack: Stack): Promise<string> {
  return (await stack.data('{ _service { sdl } }'))._service.sdl;
}

/** As another team would write it: it knows volumes by their id alone. */
const tags = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
  type Query { tags: [Tag!]! }
  type Tag { name: String! volumes: [Volume!]! }
  type Volume @key(fields: "id") { id: ID! tags: [Tag!]! }
  type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
`;

test('its schema can be composed with another subgraph that adds to its volumes', async () => {
  await using stack = await startStack({ environment });
  const result = composeServices([
    { name: 'block-storage', typeDefs: parse(await printed(stack)), url: 'http://block-storage/graphql' },
    { name: 'tags', typeDefs: parse(tags), url: 'http://tags/graphql' },
  ]);
  expect(result.errors ?? []).toEqual([]);
  const volume = /^type Volume[^{]*/m.exec(result.supergraphSdl ?? '')?.[0];
  expect(volume).toContain('@join__type(graph: BLOCK_STORAGE, key: "id")');
  expect(volume).toContain('@join__type(graph: TAGS, key: "id")');
  for (const type of ['Snapshot', 'VolumeType'])
    expect(new RegExp(`^type ${type}[^{]*`, 'm').exec(result.supergraphSdl ?? '')?.[0]).toContain('key: "id"');
});

test('entities of three types are read in their order, many of a type with few calls', async () => {
  await using stack = await startStack({ environment });
  const store = stack.simulator.store('kr1');
  for (let index = 0; index < 20; index++)
    store.addSnapshot(alice.tenant, {
      name: `snapshot ${index}`,
      volume_id: store.addVolume(alice.tenant, { name: `volume ${index}` }).id,
    });
  const { region } = await stack.data(
    '{ region(code: KR1) { volumes { nodes { id name } } snapshots(first: 1) { nodes { id name } } volumeTypes(first: 1) { nodes { id name } } } }',
  );
  const [snapshot] = region.snapshots.nodes;
  const [volumeType] = region.volumeTypes.nodes;
  stack.simulator.clearRequests();
  const represent = (__typename: string, { id }: { id: string }) => ({ __typename, id });
  const representations = [
    ...region.volumes.nodes.map((volume: { id: string }) => represent('Volume', volume)),
    represent('Snapshot', snapshot),
    represent('VolumeType', volumeType),
    represent('Volume', region.volumes.nodes[0]),
  ];
  const { _entities } = await stack.data(entities, { variables: { representations } });
  expect(_entities.map(({ name }: { name: string }) => name)).toEqual([
    ...region.volumes.nodes.map(({ name }: { name: string }) => name),
    snapshot.name,
    volumeType.name,
    region.volumes.nodes[0].name,
  ]);
  expect(_entities.map(({ __typename }: { __typename: string }) => __typename)).toEqual([
    ...Array.from({ length: 20 }, () => 'Volume'),
    'Snapshot',
    'VolumeType',
    'Volume',
  ]);
  expect(stack.calls().toSorted()).toEqual([
    expect.stringMatching(/^GET \/snapshots\/[0-9a-f-]{36}$/),
    'GET /types',
    expect.stringMatching(/^GET \/volumes\/detail\?.*limit=1000/),
  ]);
});

test('one that is not there is null, and one that cannot be meant costs its own place alone', async () => {
  await using stack = await startStack({ environment });
  const { id: uuid } = stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'here' });
  const { volume } = await stack.data(`{ volume(id: "${uuid}", region: KR1) { id } }`);
  stack.simulator.store('kr1').remove(uuid);
  const { id: there } = stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'there' });
  const other = await stack.data(`{ volume(id: "${there}", region: KR1) { id } }`);
  const representations = [
    { __typename: 'Volume', id: volume.id },
    { __typename: 'Snapshot', id: other.volume.id },
    { __typename: 'Region', id: other.volume.id },
    { __typename: 'Volume' },
    'nonsense',
    { __typename: 'Volume', id: other.volume.id },
  ];
  const { data, errors } = await stack.query(entities, { variables: { representations } });
  expect(data._entities).toEqual([null, null, null, null, null, expect.objectContaining({ name: 'there' })]);
  expect(errors?.map(({ path, extensions }) => [path?.[1], extensions?.code]).toSorted()).toEqual(
    [1, 2, 3, 4].map((index) => [index, 'BAD_USER_INPUT']),
  );
  const unknown = errors?.find(({ path }) => path?.[1] === 2);
  expect(unknown?.message).toMatch(/of a Volume, Snapshot(,| or) VolumeType\b/);
});

test('it wants credentials and is bounded, as everything else', async () => {
  await using stack = await startStack({ environment });
  const { id: uuid } = stack.simulator.store('kr1').addVolume(alice.tenant);
  const { volume } = await stack.data(`{ volume(id: "${uuid}", region: KR1) { id } }`);
  const one = { __typename: 'Volume', id: volume.id };
  const stranger = await stack.query(entities, {
    variables: { representations: [one] },
    headers: { 'x-auth-token': 'of-nobody' },
  });
  expect(stranger.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  const many = await stack.query(entities, { variables: { representations: Array.from({ length: 1001 }, () => one) } });
  expect(many.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});

test('hundreds of entities that are gone cost the calls of a list, not one each', async () => {
  await using stack = await startStack({ environment });
  const { id: kept } = stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'kept' });
  const { volume } = await stack.data(`{ volume(id: "${kept}", region: KR1) { id } }`);
  const gone = Array.from({ length: 500 }, (_, index) =>
    Buffer.from(`Volume:kr1:00000000-0000-4000-8000-${String(index).padStart(12, '0')}`).toString('base64url'),
  );
  stack.simulator.clearRequests();
  const representations = [...gone, volume.id].map((id) => ({ __typename: 'Volume', id }));
  const { _entities } = await stack.data(entities.replace('volumeType { name }', ''), {
    variables: { representations },
  });
  expect(_entities).toEqual([...gone.map(() => null), { __typename: 'Volume', name: 'kept' }]);
  expect(stack.calls()).toHaveLength(1);
});

test('where it is no subgraph nothing of it is in the schema', async () => {
  await using stack = await startStack();
  const { __schema } = await stack.data('{ __schema { types { name } queryType { fields { name } } } }');
  const names: { name: string }[] = [...__schema.types, ...__schema.queryType.fields];
  expect(names.filter(({ name }) => /^_(?!_)/.test(name))).toEqual([]);
});

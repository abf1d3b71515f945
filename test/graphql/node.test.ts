import { getNamedType, isInterfaceType, isObjectType } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { nodeTypes } from '../../src/schema/node-type.ts';
import { alice, type Stack, startStack } from '../support/stack.ts';

let stack: Stack;
const ids: Record<string, string> = {};

beforeAll(async () => {
  stack = await startStack();
  const store = stack.simulator.store('kr1');
  const volume = store.addVolume(alice.tenant, { status: 'in-use', name: 'v', volume_type: 'General SSD' });
  volume.attachments.push({
    id: volume.id,
    attachment_id: '00000000-0000-4000-8000-00000000000a',
    volume_id: volume.id,
    server_id: '00000000-0000-4000-8000-00000000000b',
    host_name: null,
    device: '/dev/vdb',
    attached_at: '',
  });
  store.addSnapshot(alice.tenant, { volume_id: volume.id, name: 's' });
  const { region } = await stack.data(`{ region(code: KR1) { id
    volumes { nodes { id status attachments { id } volumeType { id } snapshots { nodes { id } } } }
  } }`);
  const [node] = region.volumes.nodes;
  Object.assign(ids, {
    Region: region.id,
    Volume: node.id,
    Attachment: node.attachments[0].id,
    VolumeType: node.volumeType.id,
    Snapshot: node.snapshots.nodes[0].id,
  });
});

afterAll(() => stack[Symbol.asyncDispose]());

const fields = `id __typename ... on Region { regionName: name } ... on Volume { name } ... on Snapshot { name }
  ... on VolumeType { name } ... on Attachment { device volume { name } }`;

const expected: Record<string, object> = {
  Region: { regionName: 'Korea (Pangyo)' },
  Volume: { name: 'v' },
  Snapshot: { name: 's' },
  VolumeType: { name: 'General SSD' },
  Attachment: { device: '/dev/vdb', volume: { name: 'v' } },
};

/** The types of the schema that have a global id. */
function namesOfNodeTypes(): string[] {
  const node = schema.getType('Node');
  if (!isInterfaceType(node)) throw new Error('Node is no interface');
  return schema.getPossibleTypes(node).map(({ name }) => name);
}

test.each(namesOfNodeTypes())('a %s is read again by its id', async (type) => {
  const { node } = await stack.data(`query($id: ID!) { node(id: $id) { ${fields} } }`, {
    variables: { id: ids[type] },
  });
  expect(node).toEqual({ id: ids[type], __typename: type, ...expected[type] });
});

test('the types that are registered are those of the interface Node', () => {
  expect([...nodeTypes.keys()].toSorted()).toEqual(namesOfNodeTypes().toSorted());
});

test('every object of a region that has a UUID is of the interface Node, and so is every entry of a connection', () => {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  const nodes = types
    .filter(({ name }) => name.endsWith('Edge'))
    .map((edge) => getNamedType(edge.getFields().node?.type));
  const identified = types.filter((type) => 'uuid' in type.getFields() && 'region' in type.getFields());
  expect(new Set([...nodes, ...identified].map(String)).difference(new Set(namesOfNodeTypes()))).toEqual(new Set());
});

test('an id is the name of the type, the region and the UUIDs, so that ids kept by clients stay valid', () => {
  const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
  const read = (id: string | undefined) => Buffer.from(id ?? '', 'base64url').toString();
  expect(read(ids.Region)).toBe('Region:kr1');
  for (const type of ['Volume', 'Snapshot', 'VolumeType'])
    expect(read(ids[type])).toMatch(new RegExp(`^${type}:kr1:${uuid}$`));
  expect(read(ids.Attachment)).toMatch(new RegExp(`^Attachment:kr1:${uuid}:00000000-0000-4000-8000-00000000000a$`));
});

test('nodes keeps the order, repeats what is repeated, and gives null for what is gone', async () => {
  const gone = Buffer.from('Volume:kr1:00000000-0000-4000-8000-000000000000').toString('base64url');
  const asked = [ids.Snapshot, gone, ids.Region, ids.Volume, ids.Snapshot];
  const { nodes } = await stack.data('query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { variables: { ids: asked } });
  expect(nodes.map((node: { id: string } | null) => node?.id ?? null)).toEqual([
    ids.Snapshot,
    null,
    ids.Region,
    ids.Volume,
    ids.Snapshot,
  ]);
});

test.each(['Volume', 'Snapshot', 'VolumeType'])(
  'a %s is looked up by global id, by UUID with region, and inside its region',
  async (type) => {
    const field = type[0]?.toLowerCase() + type.slice(1);
    const uuid = Buffer.from(ids[type] ?? '', 'base64url')
      .toString()
      .split(':')[2]
      ?.toUpperCase();
    const data = await stack.data(
      `query($id: ID!, $uuid: ID!) {
      a: ${field}(id: $id) { name } b: ${field}(id: $id, region: KR1) { name } c: ${field}(id: $uuid, region: KR1) { name }
      region(code: KR1) { d: ${field}(id: $id) { name } e: ${field}(id: $uuid) { name } }
      other: region(code: KR2) { ${field}(id: $uuid) { name } }
    }`,
      { variables: { id: ids[type], uuid } },
    );
    const { a, b, c, region, other } = data;
    expect([a, b, c, region.d, region.e]).toEqual(Array(5).fill(expected[type]));
    expect(other[field]).toBeNull();
  },
);

test('an id of another region than the one given is refused', async () => {
  const { errors } = await stack.query(
    'query($id: ID!) { volume(id: $id, region: KR2) { name } region(code: JP1) { volume(id: $id) { name } } }',
    {
      variables: { id: ids.Volume },
    },
  );
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { alice, type Stack, startStack } from '../support/stack.ts';

/* What filters mean, member by member. */

let stack: Stack;
let first: { id: string };

const server = '00000000-0000-4000-8000-00000000000b';

beforeAll(async () => {
  stack = await startStack();
  const kr1 = stack.simulator.store('kr1');
  first = kr1.addVolume(alice.tenant, {
    name: 'Web-1',
    size: 10,
    status: 'in-use',
    volume_type: 'General SSD',
    availability_zone: 'kr-pub-a',
    bootable: 'true',
    encrypted: true,
    created_at: '2024-05-01T00:00:00.000001',
    metadata: { team: 'storage', env: 'prod' },
  });
  const attached = kr1.volume(first.id);
  attached?.attachments.push({
    id: first.id,
    attachment_id: server,
    volume_id: first.id,
    server_id: server,
    host_name: null,
    device: '/dev/vdb',
    attached_at: '',
  });
  stack.simulator.store('kr2').addVolume(alice.tenant, {
    name: 'web-1',
    size: 20,
    status: 'available',
    volume_type: 'General HDD',
    availability_zone: 'kr-pub-b',
    created_at: '2024-06-01T00:00:00.000000',
    metadata: { team: 'storage' },
  });
  stack.simulator.store('jp1').addVolume(alice.tenant, {
    name: null,
    size: 30,
    status: 'frozen',
    volume_type: null,
    created_at: '2024-07-01T00:00:00.000000',
    metadata: {},
  });
});

afterAll(() => stack[Symbol.asyncDispose]());

async function regionsOf(filter: object, field = 'volumes'): Promise<string[]> {
  const type = field === 'volumes' ? 'VolumeFilter' : 'SnapshotFilter';
  const query = `query($filter: ${type}) { ${field}(filter: $filter, orderBy: [{ field: SIZE }]) { totalCount nodes { uuid status region { code } } } }`;
  const { [field]: list } = await stack.data(query, { variables: { filter } });
  expect(list.totalCount).toBe(list.nodes.length);
  return list.nodes.map(({ region }: { region: { code: string } }) => region.code);
}

test.each<[string, object, string[]]>([
  ['no member', {}, ['KR1', 'KR2', 'JP1']],
  ['a whole name, in its own case', { name: 'web-1' }, ['KR2']],
  ['part of a name, in any case', { nameContains: 'WEB' }, ['KR1', 'KR2']],
  ['an empty part of a name, as if it were left out', { nameContains: '' }, ['KR1', 'KR2', 'JP1']],
  ['one of some statuses', { status: ['IN_USE', 'AVAILABLE'] }, ['KR1', 'KR2']],
  ['a status of tomorrow', { status: ['UNKNOWN'] }, ['JP1']],
  ['none of any statuses', { status: [] }, []],
  ['one of some types', { volumeType: ['General SSD', 'No Such'] }, ['KR1']],
  ['one of some zones', { availabilityZone: ['kr-pub-b'] }, ['KR2']],
  ['bootable', { bootable: true }, ['KR1']],
  ['not bootable', { bootable: false }, ['KR2', 'JP1']],
  ['encrypted', { encrypted: true }, ['KR1']],
  ['attached', { attached: true }, ['KR1']],
  ['not attached', { attached: false }, ['KR2', 'JP1']],
  ['at least a size', { sizeMin: 20 }, ['KR2', 'JP1']],
  ['at most a size', { sizeMax: 20 }, ['KR1', 'KR2']],
  ['created at a time or later', { createdAfter: '2024-06-01T00:00:00Z' }, ['KR2', 'JP1']],
  ['a time in another zone', { createdAfter: '2024-06-01T08:59:59+09:00' }, ['KR2', 'JP1']],
  ['created before a time', { createdBefore: '2024-06-01T00:00:00Z' }, ['KR1']],
  ['its own microsecond or later', { createdAfter: '2024-05-01T00:00:00.000001Z' }, ['KR1', 'KR2', 'JP1']],
  ['the next microsecond or later', { createdAfter: '2024-05-01T00:00:00.000002Z' }, ['KR2', 'JP1']],
  ['a part of a microsecond later', { createdAfter: '2024-05-01T00:00:00.0000010001Z' }, ['KR2', 'JP1']],
  ['before its own microsecond', { createdBefore: '2024-05-01T00:00:00.000001Z' }, []],
  ['before the next microsecond', { createdBefore: '2024-05-01T09:00:00.000002+09:00' }, ['KR1']],
  ['before a part of a microsecond', { createdBefore: '2024-05-01T00:00:00.0000010001Z' }, ['KR1']],
  ['before zeros behind its microsecond', { createdBefore: '2024-05-01T00:00:00.0000010000Z' }, []],
  ['the last part of a second', { createdBefore: '2024-04-30T23:59:59.9999999Z' }, []],
  [
    'a microsecond after a time',
    { createdAfter: '2024-05-01T00:00:00Z', createdBefore: '2024-05-01T00:00:00.001Z' },
    ['KR1'],
  ],
  ['metadata', { metadata: { team: 'storage' } }, ['KR1', 'KR2']],
  ['all of some metadata', { metadata: { team: 'storage', env: 'prod' } }, ['KR1']],
  ['metadata that only every object has', { metadata: { toString: 'x' } }, []],
  ['all members together', { nameContains: 'web', sizeMin: 15 }, ['KR2']],
  ['members that are null', { name: null, status: null, sizeMin: null }, ['KR1', 'KR2', 'JP1']],
])('a filter for %s', async (_, filter, expected) => {
  expect(await regionsOf(filter)).toEqual(expected);
});

test.each([
  ['서버', 'NFD', '서버-1'],
  ['서버', 'NFC', '서버-1'],
  ['école', 'NFD', 'École 2'],
  ['Å', 'NFC', 'ångström'],
  ['ΟΔΟΣ', 'NFC', 'ΟΔΟΣΑ'],
  ['ǰ', 'NFC', 'J̌x'],
  ['ẗ', 'NFD', 'x T̈y'],
] as const)('"%s" in %s is found in names of either normalization form', async (part, form, name) => {
  const kr1 = stack.simulator.store('kr1');
  const rows = ['NFC', 'NFD'].map((own) => kr1.addVolume(alice.tenant, { name: name.normalize(own) }));
  expect(await regionsOf({ nameContains: part.normalize(form) })).toEqual(['KR1', 'KR1']);
  for (const { id } of rows) kr1.remove(id);
});

test.each(['9999-12-31T23:59:59-00:01', '9999-12-31T23:59:59.9999999Z', '0000-01-01T00:00:00+00:01'])(
  '%s is refused, because its year in UTC has no four digits',
  async (time) => {
    const variables = { filter: { createdBefore: time } };
    const { errors } = await stack.query('query($filter: VolumeFilter) { volumes(filter: $filter) { totalCount } }', {
      variables,
    });
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    expect(await regionsOf({ createdBefore: '9999-12-31T23:59:59.999999Z' })).toEqual(['KR1', 'KR2', 'JP1']);
  },
);

test('UUIDs pasted in any case are found in any region, few by single reads, many in one scan a region', async () => {
  const missing = Array.from(
    { length: 12 },
    (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  );
  stack.simulator.clearRequests();
  expect(await regionsOf({ uuids: [first.id.toUpperCase(), missing[0]] })).toEqual(['KR1']);
  expect(stack.calls().filter((call) => /^GET \/volumes\/[0-9a-f]{8}/.test(call))).toHaveLength(6);
  stack.simulator.clearRequests();
  expect(await regionsOf({ uuids: [first.id, ...missing] })).toEqual(['KR1']);
  expect(stack.calls()).toHaveLength(3);
  expect(await regionsOf({ uuids: [first.id], sizeMin: 11 })).toEqual([]);
});

test('snapshots are filtered alike, and by their volume', async () => {
  const store = stack.simulator.store('kr1');
  const { id } = store.addSnapshot(alice.tenant, { volume_id: first.id, name: 'Nightly', status: 'error' });
  const other = store.addVolume(alice.tenant, { name: 'Web-2' });
  store.addSnapshot(alice.tenant, { volume_id: other.id, name: 'weekly' });
  for (const filter of [
    { nameContains: 'night' },
    { status: ['ERROR'] },
    { uuids: [id] },
    { volumeId: first.id },
    { volumeId: Buffer.from(`Volume:kr1:${first.id}`).toString('base64url') },
  ]) {
    expect(await regionsOf(filter, 'snapshots')).toEqual(['KR1']);
  }
  const elsewhere = Buffer.from(`Volume:jp1:${first.id}`).toString('base64url');
  const { errors } = await stack.query(
    'query($id: ID) { snapshots(regions: [KR1], filter: { volumeId: $id }) { nodes { id } } a: snapshots(filter: { volumeId: "x" }) { nodes { id } } }',
    { variables: { id: elsewhere } },
  );
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
  store.remove(other.id);
});

test('a time that is written out is compared like one in a variable', async () => {
  const times = 'createdAfter: "2024-05-01T00:00:00.000002Z", createdBefore: "2024-07-01T09:00:00+09:00"';
  const { volumes } = await stack.data(`{ volumes(filter: { ${times} }) { nodes { region { code } } } }`);
  expect(volumes.nodes).toEqual([{ region: { code: 'KR2' } }]);
});

test('a filter of a wrong type is refused without a call', async () => {
  stack.simulator.clearRequests();
  for (const filter of ['{ uuids: ["x"] }', '{ createdAfter: "yesterday" }', '{ sizeMin: "1" }', '{ metadata: 7 }']) {
    const { status } = await stack.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query: `{ volumes(filter: ${filter}) { nodes { id } } }` }),
    });
    expect(status).toBe(422);
  }
  expect(stack.calls()).toEqual([]);
});

test.each(['volumes', 'snapshots'])('a part of a name of more than 255 characters is refused for %s', async (field) => {
  const find = (length: number) =>
    stack.query(`{ ${field}(filter: { nameContains: "${'x'.repeat(length)}" }) { nodes { id } } }`);
  expect((await find(255)).data).toEqual({ [field]: { nodes: [] } });
  stack.simulator.clearRequests();
  const { errors } = await find(256);
  expect(errors?.[0]?.message).toBe('"filter.nameContains" has more than 255 characters.');
  expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', argument: ['filter', 'nameContains'] });
  expect(stack.calls()).toEqual([]);
});

test.each(['name', 'nameContains', 'volumeType', 'availabilityZone'])(
  'a text of more than 255 characters in %s is refused before any call: it would be written for each cursor',
  async (member) => {
    await using stack = await startStack();
    const text = 'x'.repeat(256);
    const value = member === 'name' || member === 'nameContains' ? text : [text];
    const { errors } = await stack.query('query ($f: VolumeFilter) { volumes(filter: $f) { nodes { id } } }', {
      variables: { f: { [member]: value } },
    });
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT']);
    expect(stack.calls()).toEqual([]);
  },
);

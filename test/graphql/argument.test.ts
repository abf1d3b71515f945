import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CannedUpstream, startCanned } from '../support/canned.ts';
import { alice, type Stack, startGateway, startStack } from '../support/stack.ts';

/* Which argument or variable an error is about: for programs as a path, for people in the message. */

const uuid = '17975e9d-1533-40db-bd02-2072cd2ccb7f';
const snapshotUuid = '17975e9d-1533-40db-bd02-2072cd2ccb70';
const global = (text: string) => Buffer.from(text).toString('base64url');

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ environment: { FEDERATION: 'true' } });
  stack.simulator.store('kr1').addVolume(alice.tenant, { id: uuid });
  stack.simulator.store('kr1').addSnapshot(alice.tenant, { id: snapshotUuid, volume_id: uuid });
});

afterAll(() => stack[Symbol.asyncDispose]());

const nodes = '{ nodes { id } }';
const created = '{ volume { id } }';
const results = '{ results { error { code message } } }';

test.each<[string, (string | number)[], Record<string, unknown>?]>([
  [`{ volumes(first: 1001) ${nodes} }`, ['first']],
  [`{ region(code: KR1) { volumes(first: -1) ${nodes} } }`, ['first']],
  [`{ volumes(offset: -1) ${nodes} }`, ['offset']],
  [`{ volumes(offset: 10001) ${nodes} }`, ['offset']],
  [`{ volumes(regions: [KR1], offset: 1, filter: { sizeMin: 1 }) ${nodes} }`, ['offset']],
  [`{ volumes(after: "nonsense") ${nodes} }`, ['after']],
  [`{ volumes(after: "", offset: 1) ${nodes} }`, ['offset']],
  [`{ volumes(regions: []) ${nodes} }`, ['regions']],
  [`{ volumes(filter: { nameContains: "${'n'.repeat(256)}" }) ${nodes} }`, ['filter', 'nameContains']],
  [`{ volumes(filter: { volumeType: ["a", "${'n'.repeat(256)}"] }) ${nodes} }`, ['filter', 'volumeType', 1]],
  [`{ volumes(filter: { metadata: { a: 1 } }) ${nodes} }`, ['filter', 'metadata']],
  [`{ snapshots(filter: { volumeId: "nonsense" }) ${nodes} }`, ['filter', 'volumeId']],
  [
    `{ snapshots(regions: [KR1], filter: { volumeId: "${global(`Volume:kr2:${uuid}`)}" }) ${nodes} }`,
    ['filter', 'volumeId'],
  ],
  ['{ volume(id: "nonsense") { id } }', ['id']],
  [`{ volume(id: "${uuid}") { id } }`, ['id']],
  [`{ region(code: KR1) { snapshot(id: "${global(`Volume:kr1:${uuid}`)}") { id } } }`, ['id']],
  [`{ volumeType(id: "${global(`VolumeType:kr1:${uuid}`)}", region: KR2) { id } }`, ['id']],
  ['{ node(id: "nonsense") { id } }', ['id']],
  [`{ nodes(ids: ["${global('Region:kr1')}", "nonsense"]) { id } }`, ['ids', 1]],
  ['query($ids: [ID!]!) { nodes(ids: $ids) { id } }', ['ids'], { ids: Array(101).fill('x') }],
  [
    '{ _entities(representations: [{ __typename: "Volume", id: "nonsense" }]) { __typename } }',
    ['representations', 0, 'id'],
  ],
  ['{ _entities(representations: [{ __typename: "Region", id: "x" }]) { __typename } }', ['representations', 0]],
  [`mutation { createVolume(input: { region: KR1 }) ${created} }`, ['input', 'size']],
  [`mutation { createVolume(input: { region: KR1, size: 0 }) ${created} }`, ['input', 'size']],
  [`mutation { createVolume(input: { region: KR1, snapshotId: "x" }) ${created} }`, ['input', 'snapshotId']],
  [
    `mutation { createVolume(input: { region: KR1, snapshotId: "${uuid}", sourceVolumeId: "${uuid}" }) ${created} }`,
    ['input', 'sourceVolumeId'],
  ],
  [
    `mutation { createVolume(input: { region: KR1, size: 1, encryption: { appKey: " ", keyId: "k" } }) ${created} }`,
    ['input', 'encryption', 'appKey'],
  ],
  [`mutation { createSnapshot(input: { volumeId: "x", region: KR1 }) { snapshot { id } } }`, ['input', 'volumeId']],
  ['mutation { deleteSnapshot(input: { id: "x" }) { deletedSnapshotId } }', ['input', 'id']],
  [
    'mutation { uploadVolumeToImage(input: { volumeId: "x", imageName: "i" }) { image { size } } }',
    ['input', 'volumeId'],
  ],
  [
    'mutation($ids: [ID!]!) { deleteVolumes(input: { ids: $ids }) { results { givenId } } }',
    ['input', 'ids'],
    { ids: Array(101).fill('x') },
  ],
  ['query($id: ID = "x") { volume(id: $id, region: KR1) { id } }', ['id'], { id: null }],
  [
    `query($d: OrderDirection = ASC) { volumes(orderBy: [{ field: SIZE }, { field: NAME, direction: $d }]) ${nodes} }`,
    ['orderBy', 1, 'direction'],
    { d: null },
  ],
  [
    `query($x: Boolean = true) { snapshot(id: "${snapshotUuid}", region: KR1) { volume { name @include(if: $x) } } }`,
    ['if'],
    { x: null },
  ],
  ['query($x: Boolean = true) { region(code: KR1) { code @include(if: $x) } }', ['if'], { x: null }],
])('%s', async (query, argument, variables) => {
  const { errors } = await stack.query(query, variables ? { variables } : {});
  expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'BAD_USER_INPUT', argument }]);
  expect(errors?.[0]?.message).toMatch(/^("[\w.[\]]+"|Argument "[^"]+") .+\.$/s);
});

test('a bulk deletion names the place of an identifier that is none', async () => {
  const { deleteVolumes } = await stack.data(
    `mutation { deleteVolumes(input: { ids: ["${uuid}", "nonsense"], region: KR2 }) ${results} }`,
  );
  expect(deleteVolumes.results[1].error).toEqual({
    code: 'BAD_USER_INPUT',
    message: '"input.ids[1]" is neither a global id nor a UUID.',
  });
});

test('an error of a variable names the variable, one of a header neither', async () => {
  const query = `query($n: Int!, $f: VolumeFilter) { volumes(first: $n, filter: $f) ${nodes} }`;
  const { errors } = await stack.query(query, { variables: { n: 'many', f: { sizeMin: 'x' } } });
  expect(errors?.map(({ extensions }) => extensions)).toEqual([
    { code: 'BAD_USER_INPUT', variable: 'n' },
    { code: 'BAD_USER_INPUT', variable: 'f' },
  ]);
  const header = await stack.query(`{ volumes ${nodes} }`, { headers: { 'x-tenant-id': 'not a tenant' } });
  expect(header.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT' });
});

test.each([
  ["Availability zone 'nowhere' is invalid.", ['input', 'availabilityZone']],
  ['Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1', ['input', 'size']],
  ["Invalid input for field/attribute source_volid. Value: x. 'x' is not valid", ['input', 'sourceVolumeId']],
  ['Invalid input received: name has 256 characters, more than 255.', ['input', 'name']],
  ["Invalid input received: Volume size '1'GB cannot be smaller than the snapshot size 3GB.", ['input', 'size']],
  [
    'Invalid input received: Invalid volume_type provided: x (requested type is not compatible).',
    ['input', 'volumeType'],
  ],
  ['Invalid input for field/attribute constructor. Value: x.', undefined],
  ['The request is not valid.', undefined],
])('the region’s refusal "%s" names the argument if it can be known', async (message, argument) => {
  await using upstream: CannedUpstream = await startCanned(() => ({
    status: 400,
    body: { badRequest: { code: 400, message } },
  }));
  await using gateway = await startGateway({ kr1: upstream.endpoint });
  const { errors } = await gateway.query(`mutation { createVolume(input: { region: KR1, size: 1 }) ${created} }`);
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  expect(errors?.[0]?.extensions?.argument).toEqual(argument);
});

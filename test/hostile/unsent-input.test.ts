import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';

/* Inputs and variables that must never get as far as a request to the upstream. */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack[Symbol.asyncDispose]());
beforeEach(() => stack.simulator.clearRequests());

test('a volume of 0 GB is refused, and no region is asked', async () => {
  const { data, errors } = await stack.query(
    'mutation { createVolume(input: { region: KR1, size: 0 }) { volume { id } } }',
  );
  expect(data).toEqual({ createVolume: null });
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT']);
  expect(stack.calls()).toEqual([]);
});

const base64 = (text: string) => Buffer.from(text).toString('base64url');
const uuid = '17975e9d-1533-40db-bd02-2072cd2ccb7f';

test.each([
  ['a size of 0', 'size: 0'],
  ['a negative size', 'size: -5'],
  ['no size and no source', 'name: "a"'],
  ['a name of 256 characters', `size: 1, name: "${'n'.repeat(256)}"`],
  ['a name of 256 emoji', `size: 1, name: "${'💾'.repeat(256)}"`],
  ['a description of 256 characters', `size: 1, description: "${'d'.repeat(256)}"`],
  ['a volume type of 256 characters', `size: 1, volumeType: "${'t'.repeat(256)}"`],
  ['a metadata value that is no text', 'size: 1, metadata: { k: 1 }'],
  ['a metadata value of 256 characters', `size: 1, metadata: { k: "${'v'.repeat(256)}" }`],
  ['two sources', `snapshotId: "${uuid}", sourceVolumeId: "${uuid}"`],
  ['a source of another region', `sourceVolumeId: "${base64(`Volume:kr2:${uuid}`)}"`],
  ['a source of another type', `snapshotId: "${base64(`Volume:kr1:${uuid}`)}"`],
  ['a blank key', 'size: 1, encryption: { appKey: "hidden-key", keyId: " " }'],
])('createVolume refuses %s', async (_, input) => {
  const { data, errors } = await stack.query(
    `mutation { createVolume(input: { region: KR1, ${input} }) { volume { id } } }`,
  );
  expect(data).toEqual({ createVolume: null });
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT']);
  expect(JSON.stringify(errors)).not.toContain('hidden-key');
  expect(stack.calls()).toEqual([]);
});

test.each([
  ['a name', { name: 'disk \ud83d' }],
  ['a description', { description: '\udcbe' }],
  ['a volume type', { volumeType: 'ssd\ud83d' }],
  ['an availability zone', { availabilityZone: '\ud83d' }],
  ['a metadata key', { metadata: { 'a\ud83d': 'b' } }],
  ['a metadata value', { metadata: { a: '\udcbeb' } }],
  ['an appkey', { encryption: { appKey: 'a\ud83d', keyId: 'b' } }],
  ['a key id', { encryption: { appKey: 'a', keyId: 'b\ud83d' } }],
])('half of a surrogate pair in %s is refused without a call', async (_, more) => {
  const { errors } = await stack.query(
    'mutation($input: CreateVolumeInput!) { createVolume(input: $input) { volume { id } } }',
    { variables: { input: { region: 'KR1', size: 1, ...more } } },
  );
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT']);
  expect(stack.calls()).toEqual([]);
});

test('half of a surrogate pair is refused in snapshots and images too', async () => {
  const half = 'a\ud83d';
  const { errors } = await stack.query(
    `mutation($snapshot: CreateSnapshotInput!, $image: UploadVolumeToImageInput!) {
      a: createSnapshot(input: $snapshot) { snapshot { id } } b: uploadVolumeToImage(input: $image) { image { imageId } }
    }`,
    {
      variables: {
        snapshot: { volumeId: uuid, region: 'KR1', description: half },
        image: { volumeId: uuid, region: 'KR1', imageName: half },
      },
    },
  );
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(Array(2).fill('BAD_USER_INPUT'));
  expect(stack.calls()).toEqual([]);
});

test('255 emoji are 255 characters', async () => {
  const text = '💾'.repeat(255);
  const { createVolume } = await stack.data(
    'mutation($input: CreateVolumeInput!) { createVolume(input: $input) { volume { name description metadata } } }',
    { variables: { input: { region: 'KR1', size: 1, name: ` ${text} `, description: text, metadata: { text } } } },
  );
  expect(createVolume.volume).toEqual({ name: text, description: text, metadata: { text } });
});

test('a variable of a wrong type is BAD_USER_INPUT and names the variable', async () => {
  const { errors } = await stack.query(
    'query($n: Int!) { region(code: KR1) { volumes(first: $n) { nodes { id } } } }',
    {
      variables: { n: 'many' },
    },
  );
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  expect(errors?.[0]?.message).toContain('$n');
});

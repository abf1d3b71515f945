import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';
import { cut, long, messagesOf } from './request-error.ts';

/* Variables and arguments that GraphQL refuses: the message names the place of the mistake and what is expected there. */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack[Symbol.asyncDispose]());

const int = 'expected an Int, a whole number from -2147483648 to 2147483647';
const time = 'expected a DateTime, an RFC 3339 time with its zone, such as "2018-12-18T05:43:12Z"';
const uuid = 'expected a UUID, such as "17975e9d-1533-40db-bd02-2072cd2ccb7f"';
const codes = 'expected a value of the enum "RegionCode": KR1, KR2, JP1';

const page = 'volumes(first: $v) { nodes { name } }';
const filtered = 'volumes(filter: $v) { nodes { name } }';
const regions = 'volumes(regions: $v) { nodes { name } }';
const created = 'createVolume(input: $v) { volume { name } }';
const deleted = 'deleteVolumes(input: $v) { results { givenId } }';

/** Definition of `$v`, the field that it is for, its value, and what is said of it. */
const variables: [string, string, unknown, ...string[]][] = [
  ['$v: Int', page, 'hidden', `is invalid: ${int}.`],
  ['$v: Int', page, 2 ** 31, `is invalid: ${int}.`],
  ['$v: Int', page, [7], `is invalid: ${int}.`],
  ['$v: Int!', page, undefined, 'of type "Int!" is missing.'],
  ['$v: Int!', page, null, 'is invalid: expected a value that is not null, of type "Int!".'],
  ['$v: VolumeFilter', filtered, 'hidden', 'is invalid: expected an object of type "VolumeFilter".'],
  ['$v: VolumeFilter', filtered, { sizeMin: 'hidden' }, `is invalid at "sizeMin": ${int}.`],
  ['$v: VolumeFilter', filtered, { name: ['hidden'] }, 'is invalid at "name": expected a String.'],
  [
    '$v: VolumeFilter',
    filtered,
    { attached: 'hidden' },
    'is invalid at "attached": expected a Boolean, true or false.',
  ],
  ['$v: VolumeFilter', filtered, { createdAfter: 'hidden' }, `is invalid at "createdAfter": ${time}.`],
  ['$v: VolumeFilter', filtered, { createdAfter: [['hidden']] }, `is invalid at "createdAfter": ${time}.`],
  ['$v: VolumeFilter', filtered, { uuids: 'hidden' }, `is invalid at "uuids": ${uuid}.`],
  [
    '$v: VolumeFilter',
    filtered,
    { uuids: [null, ['hidden']] },
    'is invalid at "uuids[0]": expected a value that is not null, of type "UUID!".',
    `is invalid at "uuids[1]": ${uuid}.`,
  ],
  [
    '$v: VolumeFilter',
    filtered,
    { metadata: ['hidden'] },
    'is invalid at "metadata": expected a JSONObject, an object of any keys.',
  ],
  [
    '$v: [RegionCode!]',
    regions,
    ['KR1', 'hidden', ['hidden']],
    `is invalid at "[1]": ${codes}.`,
    `is invalid at "[2]": ${codes}.`,
  ],
  [
    '$v: CreateVolumeInput!',
    created,
    { size: 1 },
    'is invalid: required field "region" of type "RegionCode!" is missing.',
  ],
  [
    '$v: CreateVolumeInput!',
    created,
    { region: 'KR1', encryption: { appKey: ['hidden'], keyId: 'hidden' } },
    'is invalid at "encryption.appKey": expected a String.',
  ],
  [
    '$v: DeleteVolumesInput!',
    deleted,
    { ids: ['hidden', true] },
    'is invalid at "ids[1]": expected an ID, a string or a whole number.',
  ],
  [
    '$v: DeleteVolumesInput!',
    deleted,
    { ids: [], [long]: 'hidden' },
    `is invalid: type "DeleteVolumesInput" has no field "${cut}". Its fields are ids, region.`,
  ],
];

test.each(variables)('a variable %s of { %s } with the value %j is refused with its place', async (...row) => {
  const [definition, field, value, ...said] = row;
  const operation = field === created || field === deleted ? 'mutation' : 'query';
  const messages = await messagesOf(stack, 'BAD_USER_INPUT', `${operation}(${definition}) { ${field} }`, { v: value });
  expect(messages).toEqual(said.map((text) => `Variable "$v" ${text}`));
});

test('of mistakes in variables ten are listed', async () => {
  const query = 'query($a: [UUID!], $b: Int) { volumes(first: $b, filter: { uuids: $a }) { nodes { name } } }';
  const nine = Array.from({ length: 9 }, (_, index) => `Variable "$a" is invalid at "uuids[${index}]": ${uuid}.`);
  const said = nine.map((text) => text.replace('uuids', ''));
  const last = `Variable "$b" is invalid: ${int}.`;
  const send = (count: number) =>
    messagesOf(stack, 'BAD_USER_INPUT', query, { a: Array(count).fill('hidden'), b: 'hidden' });
  expect(await send(9)).toEqual([...said, last]);
  expect(await send(10)).toEqual([
    ...said,
    `Variable "$a" is invalid at "[9]": ${uuid}.`,
    'More mistakes in the variables are not listed.',
  ]);
});

/** An argument, and what is said of it. */
const literals: [string, ...string[]][] = [
  ['volumes(first: "hidden")', `"first" of field "Query.volumes" is invalid: ${int}.`],
  ['volumes(first: 3000000000)', `"first" of field "Query.volumes" is invalid: ${int}.`],
  [
    'volumes(filter: hidden)',
    '"filter" of field "Query.volumes" is invalid: expected an object of type "VolumeFilter".',
  ],
  [
    'volumes(filter: { createdAfter: "hidden" })',
    `"filter" of field "Query.volumes" is invalid at "createdAfter": ${time}.`,
  ],
  ['volumes(filter: { createdAfter: 7 })', `"filter" of field "Query.volumes" is invalid at "createdAfter": ${time}.`],
  [
    'volumes(filter: { uuids: ["hidden", null, 7] })',
    `"filter" of field "Query.volumes" is invalid at "uuids[0]": ${uuid}.`,
    '"filter" of field "Query.volumes" is invalid at "uuids[1]": expected a value that is not null, of type "UUID!".',
    `"filter" of field "Query.volumes" is invalid at "uuids[2]": ${uuid}.`,
  ],
  [
    'volumes(filter: { metadata: "hidden" })',
    '"filter" of field "Query.volumes" is invalid at "metadata": expected a JSONObject, an object of any keys.',
  ],
  [
    'volumes(regions: [KR1, hidden, "KR1"])',
    `"regions" of field "Query.volumes" is invalid at "[1]": ${codes}.`,
    `"regions" of field "Query.volumes" is invalid at "[2]": ${codes}.`,
  ],
  [
    `volumes(filter: { ${long}: "hidden" })`,
    `"filter" of field "Query.volumes" is invalid: type "VolumeFilter" has no field "${cut}". Its fields are attached, availabilityZone, bootable, createdAfter, createdBefore, encrypted, metadata, name, nameContains, sizeMax, sizeMin, status, uuids, volumeType.`,
  ],
  ['volumes @include(if: "hidden")', '"if" of directive "@include" is invalid: expected a Boolean, true or false.'],
];

test.each(literals)('the literal of %s is refused with its place', async (field, ...said) => {
  const messages = await messagesOf(stack, 'GRAPHQL_VALIDATION_FAILED', `{ ${field} { nodes { name } } }`);
  expect(messages).toEqual(said.map((text) => `Argument ${text}`));
});

test('a key that is a literal of another type is not repeated, nor what stands beside it', async () => {
  const encryption = '{ appKey: ["hidden"], keyId: "hidden", region: "hidden" }';
  const query = `mutation { createVolume(input: { size: "hidden", name: 7, encryption: ${encryption} }) { volume { id } } }`;
  const subject = 'Argument "input" of field "Mutation.createVolume" is invalid';
  expect(await messagesOf(stack, 'GRAPHQL_VALIDATION_FAILED', query)).toEqual([
    `${subject} at "encryption.appKey": expected a String.`,
    `${subject} at "encryption": type "VolumeEncryptionInput" has no field "region". Its fields are appKey, keyId.`,
    `${subject} at "name": expected a String.`,
    `${subject}: required field "region" of type "RegionCode!" is missing.`,
    `${subject} at "size": ${int}.`,
  ]);
});

test('a default of another type is refused with the name of its variable', async () => {
  const query = `query($${long}: Int = "hidden") { volumes(first: $${long}) { nodes { name } } }`;
  const [message] = await messagesOf(stack, 'GRAPHQL_VALIDATION_FAILED', query);
  expect(message).toBe(`The default value of variable "$${cut}" is invalid: ${int}.`);
});

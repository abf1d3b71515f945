import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayUnderTest, type Stack, startGateway, startStack } from '../support/stack.ts';

/*
 * Requests that GraphQL refuses before anything is executed: messages say what is wrong and where. They never hold a
 * value of the request, which may be a secret ("hidden" below), and of its names only the beginning.
 */

let stack: Stack;
/** Over the same regions; its schema is secret. */
let secretive: GatewayUnderTest;

beforeAll(async () => {
  stack = await startStack();
  secretive = await startGateway(stack.simulator.endpoints, { INTROSPECTION: 'false' });
});

afterAll(async () => {
  await secretive[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

/** The messages of the errors of a request that is refused with one code. */
async function messagesOf(gateway: GatewayUnderTest, code: string, query: string, variables = {}): Promise<string[]> {
  const { data, errors = [] } = await gateway.query(query, { variables });
  expect(data).toBeUndefined();
  expect(new Set(errors.map(({ extensions }) => extensions?.code))).toEqual(new Set([code]));
  expect(JSON.stringify(errors)).not.toContain('hidden');
  return errors.map(({ message }) => message);
}

const int = 'expected an Int, a whole number from -2147483648 to 2147483647';
const time = 'expected a DateTime, an RFC 3339 time with its zone, such as "2018-12-18T05:43:12Z"';
const uuid = 'expected a UUID, such as "17975e9d-1533-40db-bd02-2072cd2ccb7f"';
const codes = 'expected a value of the enum "RegionCode": KR1, KR2, JP1';
const long = 'n'.repeat(100_000);
const cut = `${'n'.repeat(100)}…`;

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

test.each([
  ['{ volumes(regions: [hidden]) { nodes { name } } }', {}, 'expected a value of type "RegionCode".'],
  ['{ volumes(filter: { x: 1 }) { nodes { name } } }', {}, 'type "VolumeFilter" has no field "x".'],
  [`query($v: [RegionCode!]) { ${regions} }`, { v: ['hidden'] }, 'expected a value of type "RegionCode".'],
  [`query($v: VolumeFilter) { ${filtered} }`, { v: { x: 1 } }, 'type "VolumeFilter" has no field "x".'],
])('%s: fields and values of a secret schema are not listed', async (query, variables, said) => {
  const code = query.startsWith('{') ? 'GRAPHQL_VALIDATION_FAILED' : 'BAD_USER_INPUT';
  const [message, ...more] = await messagesOf(secretive, code, query, variables);
  expect(message).toMatch(/^(Argument|Variable) .* is invalid/);
  expect(message?.endsWith(`: ${said}`)).toBe(true);
  expect(more).toEqual([]);
});

test.each([
  ['{ volumes(filter: "hidden" "hidden") }', 'Expected Name, found String.'],
  ['{ volumes(filter: """hidden""" """hidden""") }', 'Expected Name, found BlockString.'],
  ['{ volumes 4711 }', 'Expected Name, found Int.'],
  ['{ volumes(first: 1', 'Expected Name, found <EOF>.'],
  ['{ volumes(first 1) }', 'Expected ":", found Int.'],
  ['fragment a of hidden { name }', 'Expected "on", found Name.'],
  ['hidden', 'Unexpected Name.'],
  ['{ volumes(first: ) }', 'Unexpected ")".'],
  ['{ volumes(first: $) }', 'Expected Name, found ")".'],
  ['query($v: Int = $hidden) { a }', 'Unexpected variable.'],
  ["{ volumes(name: 'hidden') }", 'Unexpected single quote character.'],
  ['{ volumes(name: "hidden) }', 'Unterminated string.'],
  ['{ volumes(name: "hidden\\q") }', 'Invalid character escape sequence.'],
  ['{ volumes(name: "\\uhidden") }', 'Invalid Unicode escape sequence.'],
  ['{ volumes(first: 01) }', 'Invalid number.'],
  ['{ volumes(first: .4711) }', 'Invalid number.'],
  ['{ volumes ? }', 'Unexpected character.'],
  ['enum hidden { true }', 'The document is not GraphQL from here on.'],
])('%s: a syntax error names the kind of token alone', async (query, said) => {
  expect(await messagesOf(stack, 'GRAPHQL_PARSE_FAILED', query)).toEqual([`Syntax Error: ${said}`]);
});

test.each([
  ['a field', `{ ${long} }`],
  ['an argument', `{ volumes(${long}: 1) { nodes { name } } }`],
  ['a type', `query($v: ${long}) { node(id: $v) { id } }`],
  ['a fragment', `{ ...${long} }`],
  ['a directive', `{ regions @${long} { code } }`],
  ['a variable', `{ volumes(first: $${long}) { nodes { name } } }`],
  ['an operation', `query ${long}($v: Int) { regions { code } }`],
])('the message on the long name of %s says that it is cut', async (_, query) => {
  const [message] = await messagesOf(stack, 'GRAPHQL_VALIDATION_FAILED', query);
  expect(message).toHaveLength(501);
  expect(message?.endsWith('n…')).toBe(true);
});

test.each([
  ['a syntax error', '{\n\n  regions {\n    ?\n  }\n}', [4, 5]],
  ['a field that there is not', '{\n\n  regions {\r\n    x\n  }\n}', [4, 5]],
  ['an argument', '{\n  volumes(\n    filter: {\n      x: 1 }) { nodes { name } } }', [4, 7]],
  ['a variable', 'query(\n  $v: Int!) { volumes(first: $v) { nodes { name } } }', [2, 3]],
  [
    'a resolver',
    '# a comment\n{\n  node(id: """\n  a\n  b""") { id }\n  node2: node(id: "a") { id } }',
    [3, 3],
    [6, 3],
  ],
])('the error of %s names its line and column', async (_, query, ...places) => {
  const { errors } = await stack.query(query);
  const located = errors?.map((error) => 'locations' in error && error.locations);
  expect(located).toEqual(places.map(([line, column]) => [{ line, column }]));
});

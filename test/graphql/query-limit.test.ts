import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { alice, type Stack, startStack } from '../support/stack.ts';

/* Queries that are too large are refused before anything is read for them, with the limit, the figure, and advice. */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack[Symbol.asyncDispose]());
beforeEach(() => stack.simulator.clearRequests());

const many = (count: number, write: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => write(index)).join(' ');
const nested = (levels: number): string =>
  levels === 0 ? 'name' : `volume { snapshots(first: 1) { nodes { ${nested(levels - 1)} } } }`;
const bomb = `{ regions { ...f0 } } ${many(25, (index) => `fragment f${index} on Region { ...f${index + 1} ...f${index + 1} }`)} fragment f25 on Region { name }`;

test.each([
  [
    'deep',
    `{ snapshots(first: 1) { nodes { ${nested(8)} } } }`,
    /^The query asks for \d+ levels of nesting\. .*; 20 are allowed\.$/,
  ],
  [
    'wide in rows',
    '{ volumes(first: 1000) { nodes { snapshots(first: 1000) { nodes { name } } } } }',
    /objects.*"first".*; 200000 are allowed/,
  ],
  [
    'exploding without one more call',
    `{ snapshots(first: 50) { nodes { volume { snapshots(first: 50) { nodes { volume { snapshots(first: 100) { nodes { name } } } } } } } } }`,
    /objects/,
  ],
  [
    'aliased over and over',
    `{ ${many(60, (index) => `v${index}: volumes(first: 1) { nodes { id } }`)} }`,
    /REST calls.*; 150 are allowed/,
  ],
  [
    'of many fields at the top',
    `{ ${many(201, (index) => `t${index}: __typename`)} }`,
    /^The query asks for 201 root fields\..*; 200 are allowed\.$/,
  ],
  [
    'of many aliases',
    `{ regions { ${many(501, (index) => `n${index}: name`)} } }`,
    /^The query asks for 501 aliases\..*; 500 are allowed\.$/,
  ],
  [
    'of a long alias',
    `query { ${'a'.repeat(900_000)}: nodes(ids: [${many(100, (index) => `"x${index}"`)}]) { id } }`,
    /^The query asks for 900000 characters in one alias\. Use shorter aliases; 255 are allowed\.$/,
  ],
  [
    'of many values',
    `{ volumes(first: 1000) { nodes { snapshots(first: 100) { nodes { ${many(30, (index) => `m${index}: metadata`)} } } } } }`,
    /^The query asks for 3000000 values.*"first".*; 2000000 are allowed\.$/,
  ],
  [
    'of long lists',
    `{ volumes(filter: { status: [${'ERROR '.repeat(1000)}], availabilityZone: [${'"a" '.repeat(1001)}] }) { nodes { id } } }`,
    /^The query asks for 2001 entries in the lists of its arguments\..*; 2000 are allowed\.$/,
  ],
  [
    'of many lookups',
    `{ ${many(151, (index) => `v${index}: volume(id: "x", region: KR1) { id }`)} }`,
    /151 REST calls/,
  ],
  ['of 7,000 repeated fields', `{ regions { ${'name '.repeat(7000)} } }`, /more than 6000 tokens/],
  ['a fragment bomb', bomb, /fields/],
  [
    'of many writes',
    `mutation { ${many(76, (index) => `a${index}: deleteVolumes(input: { ids: ["x", "y"], region: KR1 }) { results { givenId } }`)} }`,
    /152 REST calls/,
  ],
])('a query that is %s is refused', async (_, query, message) => {
  const { data, errors } = await stack.query(query);
  expect(data).toBeUndefined();
  expect(errors).toHaveLength(1);
  expect(errors?.[0]?.extensions).toEqual({ code: 'QUERY_TOO_COMPLEX' });
  expect(errors?.[0]?.message).toMatch(message);
  expect(stack.calls()).toEqual([]);
});

test.each([
  ['one field 5,500 times', `{ regions { ${'name '.repeat(5500)} } }`],
  ['one object 1,400 times', `{ volumes { ${'nodes { id } '.repeat(1400)} } }`],
  [
    '300 fragments of the same fields',
    `{ ${many(300, (index) => `...F${index}`)} } ${many(300, (index) => `fragment F${index} on Query { volumes { nodes { id } } }`)}`,
  ],
  [
    'one object 1,400 times in a fragment that nothing spreads',
    `{ __typename } fragment F on Query { volumes { ${'nodes { id } '.repeat(1400)} } }`,
  ],
])('a document of %s is refused before it is validated', async (_, query) => {
  const { data, errors } = await stack.query(query);
  expect(data).toBeUndefined();
  expect(errors).toMatchObject([
    {
      message: 'The document selects the same fields too often in one place. Select each of them once.',
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    },
  ]);
});

test('GraphQL itself refuses introspection that goes round in circles', async () => {
  const { data, errors } = await stack.query(
    '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }',
  );
  expect(data).toBeUndefined();
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
});

test('list lengths in variables count like those in the query', async () => {
  const query =
    'query($first: Int) { volumes(first: $first) { nodes { snapshots(first: $first) { nodes { name } } } } }';
  expect((await stack.query(query, { variables: { first: 1000 } })).errors?.[0]?.extensions?.code).toBe(
    'QUERY_TOO_COMPLEX',
  );
  await stack.data(query, { variables: { first: 100 } });
  const filtered = 'query($status: [VolumeStatus!]) { volumes(filter: { status: $status }) { nodes { id } } }';
  const long = await stack.query(filtered, { variables: { status: Array(50_000).fill('ERROR') } });
  expect(long.errors?.[0]?.message).toMatch(/^The query asks for 50000 entries/);
});

test.each([
  ['GraphiQL’s introspection', getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true })],
  [
    'three regions with 1000 volumes each and their relations',
    '{ volumes(first: 1000) { totalCount nodes { name volumeType { name } attachments { device } snapshots { nodes { name } } } } storageSummary { total { count } byStatus { count } } }',
  ],
  [
    'a page and 100 lookups',
    `{ volumes { nodes { id } } ${many(100, (index) => `v${index}: volume(id: "00000000-0000-4000-8000-${String(index).padStart(12, '0')}", region: KR1) { name }`)} }`,
  ],
])('%s passes', async (_, query) => {
  expect((await stack.query(query)).errors).toBeUndefined();
});

test('an answer that asks for the same large objects over and over is refused before it is written', async () => {
  await using large = await startStack();
  const metadata = Object.fromEntries(Array.from({ length: 40 }, (_, key) => [`key${key}`, 'v'.repeat(250)]));
  for (let index = 0; index < 100; index++) large.simulator.store('kr1').addVolume(alice.tenant, { metadata });
  const query = (times: number) =>
    `{ region(code: KR1) { volumes(first: 100) { nodes { ${many(times, (index) => `m${index}: metadata`)} } } } }`;
  const { data, errors } = await large.query(query(40));
  expect(data).toBeUndefined();
  expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'QUERY_TOO_COMPLEX' }]);
  expect(errors?.[0]?.message).toMatch(/^The answer has more than \d+ characters\. Ask for fewer/);
  expect((await large.data(query(20))).region.volumes.nodes).toHaveLength(100);
});

test('keys count in the answer also where their values are null', async () => {
  await using large = await startStack();
  for (let index = 0; index < 1000; index++) large.simulator.store('kr1').addVolume(alice.tenant);
  const aliases = many(140, (index) => `${'a'.repeat(250)}${index}: sourceSnapshot { id }`);
  const { data, errors } = await large.query(`{ region(code: KR1) { volumes(first: 1000) { nodes { ${aliases} } } } }`);
  expect(data).toBeUndefined();
  expect(errors?.[0]?.message).toMatch(/^The answer has more than \d+ characters\. Ask for fewer/);
});

test('ten thousand unknown fields are refused in little time, and not told one by one', async () => {
  const { text } = await stack.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: `{ ${many(5000, (index) => `x${index}`)} }` }),
  });
  expect(JSON.parse(text).errors.length).toBeLessThanOrEqual(101);
});

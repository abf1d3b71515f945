import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { alice, type Stack, startStack } from '../support/stack.ts';
import { costOf, expectRefusal, expectUnharmed, maxCostMs } from '../support/unharmed.ts';

/* GraphQL, variables and JSON that are meant to hurt, beside those of request.test.ts. */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'kept', metadata: { constructor: 'v' } });
});

afterAll(() => stack[Symbol.asyncDispose]());
beforeEach(() => stack.simulator.clearRequests());

const headers = {
  'content-type': 'application/json',
  'x-auth-token': alice.token,
  'x-tenant-id': alice.tenant,
};
const post = (body: string) => stack.fetch('/graphql', { method: 'POST', headers, body });

const many = (count: number, write: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => write(index)).join(' ');
const keys = (count: number, write: (index: number) => string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [write(index), 1]));
const lists = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const objects = (levels: number, open: string) => `${open.repeat(levels)}1${'}'.repeat(levels)}`;
const ask = (query: string, variables?: unknown) => JSON.stringify({ query, variables });
/** With variables as JSON text: what is nested so deep cannot be written otherwise. */
const askRaw = (query: string, variables: string) => `{"query":${JSON.stringify(query)},"variables":${variables}}`;

const byFilter = 'query($value: VolumeFilter) { volumes(filter: $value) { nodes { name } } }';
const byStatus = 'query($value: [VolumeStatus!]) { volumes(filter: { status: $value }) { nodes { name } } }';
const byUuid = 'query($value: [UUID!]) { volumes(filter: { uuids: $value }) { nodes { name } } }';
const byRegion = 'query($value: [RegionCode!]) { volumes(regions: $value) { nodes { name } } }';
const byOrder = 'query($value: [VolumeOrder!]) { volumes(orderBy: $value) { nodes { name } } }';
const byMetadata = 'query($value: JSONObject) { volumes(filter: { metadata: $value }) { nodes { name } } }';
const create =
  'mutation($value: JSONObject) { createVolume(input: { region: KR1, size: 1, metadata: $value }) { volume { metadata } } }';

/** Refused with HTTP 200, as what GraphQL refuses is: title, body, code. */
const refusedByGraphQL: [string, string, string][] = [
  ['5,990 unknown fields', ask(`{ ${many(5990, (index) => `x${index}`)} }`), 'GRAPHQL_VALIDATION_FAILED'],
  [
    'a fragment within itself',
    ask('{ regions { ...a } } fragment a on Region { name ...a }'),
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'a circle of 700 fragments',
    ask(`{ ...f0 } ${many(700, (index) => `fragment f${index} on Query { ...f${(index + 1) % 700} }`)}`),
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'hundreds of fragments that merge each other',
    ask(
      `{ ${many(400, (index) => `...f${index}`)} } ${many(400, (index) => `fragment f${index} on Query { a: __typename ...f${(index + 1) % 400} }`)}`,
    ),
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'a number of a million digits',
    ask(`{ volumes(first: ${'9'.repeat(1_000_000)}) { nodes { name } } }`),
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['an escaped NUL', ask('{ __typename }\0'), 'GRAPHQL_PARSE_FAILED'],
  ['an escaped lone surrogate', '{"query":"{ node(id: \\"\\ud800\\") { id } }"}', 'GRAPHQL_PARSE_FAILED'],
  ['a subscription', ask('subscription { volumes }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['a field of Object.prototype', ask('{ __proto__ }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['a fragment of Object.prototype', ask('{ ...toString }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['a type of Object.prototype', ask('query($v: __proto__) { node(id: $v) { id } }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['a directive of Object.prototype', ask('{ regions @constructor { code } }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['an argument of Object.prototype', ask('{ regions(toString: 1) { code } }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['an enum value of Object.prototype', ask('{ region(code: constructor) { code } }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['100,000 regions', ask(byRegion, { value: Array(100_000).fill('KR1') }), 'QUERY_TOO_COMPLEX'],
  [
    '100,000 ids',
    ask('query($v: [ID!]!) { nodes(ids: $v) { id } }', { v: Array(100_000).fill('x') }),
    'QUERY_TOO_COMPLEX',
  ],
  ['an enum list 100,000 levels deep', askRaw(byRegion, `{"value":${lists(100_000)}}`), 'BAD_USER_INPUT'],
  ['a status 100,000 levels deep', askRaw(byStatus, `{"value":[${lists(100_000)}]}`), 'BAD_USER_INPUT'],
  ['metadata 100,000 levels deep', askRaw(create, `{"value":${objects(100_000, '{"a":')}}`), 'BAD_USER_INPUT'],
  ['a filter with __proto__', askRaw(byFilter, '{"value":{"__proto__":{"name":"kept"}}}'), 'BAD_USER_INPUT'],
  ['a filter with constructor', askRaw(byFilter, '{"value":{"constructor":{"polluted":1}}}'), 'BAD_USER_INPUT'],
  ['the region __proto__', ask(byRegion, { value: ['__proto__'] }), 'BAD_USER_INPUT'],
  [
    'a number out of bounds',
    askRaw('query($v: Int) { volumes(first: $v) { nodes { name } } }', '{"v":1e999}'),
    'BAD_USER_INPUT',
  ],
];

/** What overflows the stack of calls, on the first time at least. */
const tooDeep: [string, string, string][] = [
  [
    '2,900 lists within each other',
    ask(`{ volumes(filter: { metadata: { a: ${lists(2900)} } }) { nodes { name } } }`),
    'QUERY_TOO_COMPLEX',
  ],
  [
    '100,000 lists within each other',
    ask(`{ volumes(filter: { metadata: { a: ${lists(100_000)} } }) { nodes { name } } }`),
    'QUERY_TOO_COMPLEX',
  ],
  [
    '1,900 objects within each other',
    ask(`{ volumes(filter: { metadata: ${objects(1900, '{a:')} }) { nodes { name } } }`),
    'QUERY_TOO_COMPLEX',
  ],
  [
    '2,900 lists in a default',
    ask(`query($m: JSONObject = { a: ${lists(2900)} }) { volumes(filter: { metadata: $m }) { nodes { name } } }`),
    'QUERY_TOO_COMPLEX',
  ],
];

/** Where every mistake told with the whole value would take seconds, or all memory. */
const tooDear: [string, string, string][] = [
  ['100,000 nulls for statuses', ask(byStatus, { value: Array(100_000).fill(null) }), 'BAD_USER_INPUT'],
  ['100,000 wrong UUIDs', ask(byUuid, { value: Array(100_000).fill('x') }), 'BAD_USER_INPUT'],
  ['100,000 wrong regions', ask(byRegion, { value: Array(100_000).fill('X') }), 'BAD_USER_INPUT'],
  ['50,000 wrong orders', ask(byOrder, { value: Array(50_000).fill({ x: 1 }) }), 'BAD_USER_INPUT'],
  ['a filter of 4,000 unknown keys', ask(byFilter, { value: keys(4000, (index) => `k${index}`) }), 'BAD_USER_INPUT'],
];

/** Where what is refused would come back over and over, 0.9 MB as 90. */
const tooLong: [string, string, string][] = [
  [
    '100 mistakes in an operation of a long name',
    ask(`query ${'n'.repeat(900_000)}(${many(100, (index) => `$v${index}: Int`)}) { __typename }`),
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['a field with a long name', ask(`{ ${'n'.repeat(900_000)} }`), 'GRAPHQL_VALIDATION_FAILED'],
  [
    '100 unknown keys with long names',
    ask(byFilter, { value: keys(100, (index) => 'k'.repeat(9000) + index) }),
    'BAD_USER_INPUT',
  ],
  [
    '100 mistakes behind 450,000 lines',
    ask(`{ ${'\n'.repeat(450_000)} ${many(101, (index) => `x${index}`)} }`),
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['a long word for a region', ask(byRegion, { value: ['n'.repeat(900_000)] }), 'BAD_USER_INPUT'],
];

test.each([...refusedByGraphQL, ...tooDeep, ...tooDear, ...tooLong])(
  '%s: refused in little time, with a short answer, without a call',
  async (_, body, code) => {
    let answer = { status: 0, text: '' };
    const cost = await costOf(async () => {
      answer = await post(body);
    });
    expect(answer.status).toBe(200);
    expect(answer.text.length).toBeLessThan(100_000);
    expectRefusal(answer.text, code);
    expect(cost).toBeLessThan(maxCostMs);
    expect(stack.calls()).toEqual([]);
  },
);

test('errors of a hundred resolvers behind 450,000 lines cost little, and name their line', async () => {
  const query = `{ ${'\n'.repeat(450_000)} nodes(ids: [${many(100, () => '"x"')}]) { id } }`;
  let text = '';
  const cost = await costOf(async () => {
    ({ text } = await post(ask(query)));
  });
  expect(JSON.parse(text).errors[0]).toMatchObject({ path: ['nodes', 0], locations: [{ line: 450_001, column: 2 }] });
  expect(cost).toBeLessThan(maxCostMs);
});

test('a cursor beside a filter 100,000 levels deep is refused', async () => {
  const page = await stack.data('{ volumes(first: 1) { pageInfo { endCursor } } }');
  stack.simulator.clearRequests();
  const query = `query($value: JSONObject) {
    volumes(after: "${page.volumes.pageInfo.endCursor}", filter: { metadata: $value }) { nodes { name } }
  }`;
  const { text } = await post(askRaw(query, `{"value":${objects(100_000, '{"a":')}}`));
  expectRefusal(text, 'BAD_USER_INPUT');
  expect(stack.calls()).toEqual([]);
});

/** What is odd and allowed is answered right: title, body, data. */
const answered: [string, string, unknown][] = [
  ['a body of exactly 1 MiB', padded(1024 * 1024), { __typename: 'Query' }],
  [
    '50,000 variables that nobody asked for',
    ask(
      '{ __typename }',
      keys(50_000, (index) => `v${index}`),
    ),
    { __typename: 'Query' },
  ],
  [
    'a variable 100,000 levels deep that nobody asked for',
    askRaw('{ __typename }', `{"v":${objects(100_000, '{"a":')}}`),
    { __typename: 'Query' },
  ],
  [
    'extensions 100,000 levels deep',
    `{"query":"{ __typename }","extensions":{"v":${lists(100_000)}}}`,
    { __typename: 'Query' },
  ],
  ['900,000 commas', ask(`{ __typename ${','.repeat(900_000)} }`), { __typename: 'Query' }],
  [
    'a key sent twice, of which the last counts',
    '{"query":"{ nope }","query":"{ __typename }"}',
    { __typename: 'Query' },
  ],
  [
    'aliases of Object.prototype',
    ask('{ constructor: __typename toString: __typename }'),
    { constructor: 'Query', toString: 'Query' },
  ],
  [
    '__proto__ among the variables',
    askRaw(
      'query($first: Int) { volumes(first: $first) { nodes { name } } }',
      '{"__proto__":{"first":0,"polluted":1}}',
    ),
    { volumes: { nodes: [{ name: 'kept' }] } },
  ],
  [
    '__proto__ in the extensions',
    '{"query":"{ __typename }","extensions":{"__proto__":{"polluted":1}}}',
    { __typename: 'Query' },
  ],
  [
    'metadata named constructor',
    askRaw(byMetadata, '{"value":{"constructor":"v"}}'),
    { volumes: { nodes: [{ name: 'kept' }] } },
  ],
  ['metadata named toString', askRaw(byMetadata, '{"value":{"toString":"v"}}'), { volumes: { nodes: [] } }],
  ['metadata named __proto__', askRaw(byMetadata, '{"value":{"__proto__":"v"}}'), { volumes: { nodes: [] } }],
  [
    'new metadata named like what objects have',
    askRaw(create, '{"value":{"__proto__":"v","prototype":"v"}}'),
    { createVolume: { volume: { metadata: JSON.parse('{"__proto__":"v","prototype":"v"}') } } },
  ],
];

test.each(answered)('%s: answered right', async (_, body, data) => {
  let text = '';
  const cost = await costOf(async () => {
    ({ text } = await post(body));
  });
  expect(JSON.parse(text)).toEqual({ data });
  expect(cost).toBeLessThan(maxCostMs);
});

test('a body of one byte more than 1 MiB is refused', async () => {
  const { status, text } = await post(padded(1024 * 1024 + 1));
  expect(status).toBe(413);
  expectRefusal(text, 'PAYLOAD_TOO_LARGE');
  expect(stack.calls()).toEqual([]);
});

/** What is no GraphQL request is refused with HTTP 400. */
const malformed: [string, string][] = [
  ['an empty list', '[]'],
  ['a list 100,000 levels deep', lists(100_000)],
  ['true', 'true'],
  ['a query that is an object', '{"query":{"toString":"{ __typename }"}}'],
  ['variables that are a text', '{"query":"{ __typename }","variables":"{}"}'],
  ['extensions that are a list', '{"query":"{ __typename }","extensions":[]}'],
  ['a query in __proto__', '{"__proto__":{"query":"{ __typename }"}}'],
];

test.each(malformed)('%s for a body: refused', async (_, body) => {
  const { status, text } = await post(body);
  expect(status).toBe(400);
  expectRefusal(text, 'BAD_REQUEST');
  expect(stack.calls()).toEqual([]);
});

test.each([
  ['nothing', ''],
  ['blanks', '   '],
  ['half of an object', '{"query":"{ __typename }","variables":{"appKey":"hidden-key"'],
  ['more behind the object', '{"query":"{ __typename }"} hidden-key'],
  ['a NUL within a text', '{"query":"{ __typename }\0hidden-key"}'],
  ['500,000 lists that are not closed', '['.repeat(500_000)],
])('%s for JSON: refused, and not repeated', async (_, body) => {
  const { status, text } = await post(body);
  expect(status).toBe(400);
  expect(text.length).toBeLessThan(1000);
  expect(text).not.toContain('hidden-key');
  expectRefusal(text, 'BAD_REQUEST');
});

test.each(['{}', '{"query":null}', '{"variables":{}}'])('%s for a body: refused with HTTP 400', async (body) => {
  const { status, text } = await post(body);
  expectRefusal(text, 'BAD_REQUEST');
  expect(status).toBe(400);
});

test.each([
  ['a number', '7'],
  ['an object', '{}'],
  ['__proto__', '"__proto__"'],
  ['a list', '["a"]'],
  ['100,000 letters', JSON.stringify('n'.repeat(100_000))],
])('%s for the name of the operation: refused', async (_, name) => {
  const { status, text } = await post(`{"query":"{ __typename }","operationName":${name}}`);
  expect(status).toBe(400);
  expectRefusal(text, 'OPERATION_RESOLUTION_FAILURE');
});

test('after all of it the gateway answers right and had no fault of its own', () => expectUnharmed(stack));

/** A request of so many bytes. */
function padded(bytes: number): string {
  const [head, tail] = ['{"query":"{ __typename }","variables":{"unused":"', '"}}'];
  return head + 'n'.repeat(bytes - head.length - tail.length) + tail;
}

test('documents that fail validation are not kept in memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  let sent = 0;
  const heapAfter = async (documents: number) => {
    for (let index = 0; index < documents; index++) await post(JSON.stringify({ query: `{ n${sent++} }` }));
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await heapAfter(300);
  const after = await heapAfter(600);
  // The error of one holds 80 KB, its syntax tree 4 KB.
  expect((after - before) / 600).toBeLessThan(20_000);
});

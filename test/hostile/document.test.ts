import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { headersOfAlice } from '../support/post.ts';
import { alice, type Stack, startStack } from '../support/stack.ts';
import { costOf, expectRefusal, expectUnharmed, maxCostMs } from '../support/unharmed.ts';
import {
  ask,
  askRaw,
  byMetadata,
  create,
  keys,
  lists,
  many,
  objects,
  refusedByGraphQL,
  tooDear,
  tooDeep,
  tooLong,
} from './documents.ts';

/* GraphQL, variables and JSON that are meant to hurt, beside those of request.test.ts. */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'kept', metadata: { constructor: 'v' } });
});

afterAll(() => stack[Symbol.asyncDispose]());
beforeEach(() => stack.simulator.clearRequests());

test('a query that asks for 10,000 unknown fields is refused, and no region is asked', async () => {
  const fields = Array.from({ length: 10_000 }, (_, index) => `x${index}`);
  const { data, errors } = await stack.query(`{ ${fields.join(' ')} }`);
  expect(data).toBeUndefined();
  expect(errors?.[0]?.extensions?.code).toBe('QUERY_TOO_COMPLEX');
  expect(stack.calls()).toEqual([]);
});

const post = (body: string) => stack.fetch('/graphql', { method: 'POST', headers: headersOfAlice, body });

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

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  answered,
  credentials,
  current,
  legacy,
  post,
  send,
  stack,
  startRegions,
  stopRegions,
  tooComplex,
  trivial,
  withVariable,
} from './graphql-over-http.ts';

/* GraphQL over HTTP, the draft of 2026-08-06: answers. docs/graphql-over-http.md names the test of each statement. */

beforeAll(startRegions);
afterAll(stopRegions);

const unresolved = 'OPERATION_RESOLUTION_FAILURE';

/** What is sent, the code, the status, and the status for clients of application/json. */
const withoutData: [string, string, number, number, unknown][] = [
  ['JSON that does not parse', 'BAD_REQUEST', 400, 400, '{"query":'],
  ['an empty body', 'BAD_REQUEST', 400, 400, ''],
  ['a list', 'BAD_REQUEST', 422, 400, [{ query: trivial }]],
  ['null', 'BAD_REQUEST', 422, 400, 'null'],
  ['a body without a query', 'BAD_REQUEST', 422, 400, { qeury: trivial }],
  ['a query that is a number', 'BAD_REQUEST', 422, 400, { query: 7 }],
  ['variables that are a list', 'BAD_REQUEST', 422, 400, { query: trivial, variables: [7] }],
  ['extensions that are a text', 'BAD_REQUEST', 422, 400, { query: trivial, extensions: 'x' }],
  ['an operation name that is a number', unresolved, 422, 400, { query: trivial, operationName: 7 }],
  ['a document that does not parse', 'GRAPHQL_PARSE_FAILED', 400, 200, { query: '{' }],
  ['a document that fails validation', 'GRAPHQL_VALIDATION_FAILED', 422, 200, { query: '{ nothing }' }],
  ['a query that is too complex', 'QUERY_TOO_COMPLEX', 422, 200, { query: tooComplex }],
  ['a document of too many tokens', 'QUERY_TOO_COMPLEX', 422, 200, { query: `{ ${'a '.repeat(6_000)} }` }],
  ['a document without an operation', unresolved, 422, 400, { query: 'fragment A on Query { __typename }' }],
  ['two operations and no name', unresolved, 422, 400, { query: 'query A { __typename } query B { __typename }' }],
  ['the name of no operation', unresolved, 422, 400, { query: 'query A { __typename }', operationName: 'B' }],
  ['a variable that is missing', 'BAD_USER_INPUT', 422, 200, { query: withVariable }],
  ['a variable that cannot be coerced', 'BAD_USER_INPUT', 422, 200, { query: withVariable, variables: { id: null } }],
  ['the id of a document, without a manifest', 'PERSISTED_QUERY_NOT_SUPPORTED', 422, 200, { documentId: 'abc' }],
];

test.each(withoutData)('refuses %s with %s and %d, for application/json %d', async (_, code, status, old, body) => {
  for (const [accept, expected] of [
    [current, status],
    [legacy, old],
  ] as const) {
    const got = await post(body, accept);
    expect(got).toMatchObject({ status: expected, code });
    expect(got.answer).not.toHaveProperty('data');
    expect(got.headers.get('content-type')).toBe(`${accept}; charset=utf-8`);
  }
  expect(stack.calls()).toEqual([]);
});

describe('an answer with data', () => {
  const partial = '{ regions { code } volume(id: "none", region: KR1) { id } }';

  test.each([
    ['and without errors', 200, '{ volumes(regions: [KR1]) { nodes { name } } }'],
    ['and a region that failed in a field', 200, '{ volumes { nodes { name } failures { code } } }'],
    ['and a region that failed in extensions', 200, '{ volumes { nodes { name } } }'],
    ['and errors', 294, partial],
    ['that is null, and errors', 294, '{ volumes(regions: [KR2]) { nodes { name } } }'],
  ])('%s has %d, for application/json 200', async (_, status, query) => {
    const got = await post({ query });
    expect(got.status).toBe(status);
    expect(got.answer).toHaveProperty('data');
    expect(got.headers.get('content-type')).toBe(`${current}; charset=utf-8`);
    expect((await post({ query }, legacy)).status).toBe(200);
  });

  test('and errors has a reason phrase, and is counted with its status', async () => {
    const response = await fetch(`${stack.url}/graphql`, {
      method: 'POST',
      headers: { ...credentials, 'content-type': 'application/json', accept: current },
      body: JSON.stringify({ query: partial }),
    });
    expect([response.status, response.statusText]).toEqual([294, 'Partial Success']);
    await response.text();
    expect((await stack.fetch('/metrics')).text).toMatch(
      /gateway_request_duration_seconds_count\{status="294"\} [1-9]/,
    );
  });
});

describe('the media type of the answer', () => {
  test.each([
    ['application/json;q=0.9, application/graphql-response+json', current],
    ['*/*;q=0.1, application/graphql-response+json', current],
    ['application/graphql-response+json;q=0.5, application/json', legacy],
    ['application/graphql-response+json;q=0, */*', legacy],
    ['*/*', legacy],
  ])('is the one of the highest weight in "%s"', async (accept, type) => {
    const got = await post({ query: trivial }, accept);
    expect(got.answer).toEqual(answered);
    expect(got.headers.get('content-type')).toBe(`${type}; charset=utf-8`);
  });

  test.each([
    ['text/event-stream;q=0.1, application/json', 'application/json'],
    ['multipart/mixed;q=0.1, application/graphql-response+json', current],
    ['text/event-stream, application/json;q=0.1', 'text/event-stream'],
    ['text/event-stream, multipart/mixed;q=0.1', 'text/event-stream'],
    ['text/event-stream;q=0.1, multipart/mixed', 'multipart/mixed'],
    ['multipart/mixed, application/json', 'multipart/mixed'],
  ])('of a deferred answer is the one of the highest weight in "%s"', async (accept, type) => {
    const query = '{ __typename ... @defer { regions { code } } }';
    const { status, headers } = await stack.fetch('/graphql', {
      method: 'POST',
      headers: { ...credentials, 'content-type': 'application/json', accept },
      body: JSON.stringify({ query }),
    });
    expect(status).toBe(200);
    expect(headers.get('content-type')?.split(';')[0]).toBe(type);
  });

  test.each(['text/html', 'image/png, application/json;q=0'])(
    'is refused with 406 and JSON for "%s"',
    async (accept) => {
      const got = await post({ query: trivial }, accept);
      expect(got).toMatchObject({ status: 406, code: 'BAD_USER_INPUT' });
      expect(got.headers.get('content-type')).toBe('application/json; charset=utf-8');
    },
  );

  test.each(['multipart/mixed', current, `multipart/mixed, ${current}`])(
    'is refused with 406 and JSON for a subscription if only %s is accepted',
    async (accept) => {
      const query = 'subscription { volumeUpdated(id: "a", region: KR1) { id } }';
      const got = await post({ query }, accept);
      expect(got).toMatchObject({ status: 406, code: 'BAD_USER_INPUT' });
      expect(got.answer.errors[0].message).toContain('text/event-stream');
      expect(got.headers.get('content-type')).toContain('json');
    },
  );
});

/** A document for each rule of validation that a client can break. */
const invalid: [title: string, query: string, operationName?: string][] = [
  ['an argument that is not there', '{ volumes(nothing: 1) { totalCount } }'],
  ['an argument twice', '{ volumes(first: 1, first: 2) { totalCount } }'],
  ['an unknown directive', '{ __typename @nothing }'],
  ['a directive twice', '{ __typename @skip(if: true) @skip(if: true) }'],
  ['an unknown fragment', '{ ...F }'],
  ['an unknown type', 'query($a: Nothing) { node(id: $a) { id } }'],
  ['a fragment that is not used', '{ __typename } fragment F on Query { __typename }'],
  ['a fragment that spreads itself', '{ ...F } fragment F on Query { ...F }'],
  ['a fragment on a scalar', '{ ...F } fragment F on Int { __typename }'],
  ['a spread that is impossible', '{ regions { ...F } } fragment F on Volume { id }'],
  ['fields in conflict', '{ regions { a: code a: name } }'],
  ['an object without fields', '{ regions }'],
  ['fields of a scalar', '{ __typename { a } }'],
  ['an operation name twice', 'query A { __typename } query A { __typename } query B { __typename }', 'A'],
  ['a variable that is not defined', '{ node(id: $a) { id } }'],
  ['a variable that is not used', 'query($a: ID) { __typename }'],
  ['a variable twice', 'query($a: ID!, $a: ID!) { node(id: $a) { id } }'],
  ['a variable of an object type', 'query($a: Region) { __typename }'],
  ['a variable where its type is not allowed', 'query($a: Int!) { node(id: $a) { id } }'],
  ['a literal of the wrong type', '{ volumes(first: "one") { totalCount } }'],
  ['a required argument left out', '{ node { id } }'],
  ['a member of an input object twice', '{ volumes(filter: { sizeMin: 1, sizeMin: 2 }) { totalCount } }'],
  [
    'two root fields of a subscription',
    'subscription { a: volumeUpdated(id: "a") { id } b: volumeUpdated(id: "a") { id } }',
  ],
  ['definitions of types', 'type A { b: Int } query { __typename }'],
];

test.each(invalid)('refuses a document with %s', async (_, query, operationName) => {
  expect(await post({ query, operationName })).toMatchObject({ status: 422, code: 'GRAPHQL_VALIDATION_FAILED' });
});

test.each(['PUT', 'DELETE', 'PATCH'])('%s is refused with 405, and the methods are named', async (method) => {
  const got = await send('/graphql', { method }, current);
  expect(got).toMatchObject({ status: 405, code: 'BAD_REQUEST' });
  expect(got.headers.get('allow')).toBe('GET, POST');
});

test('a body that is too large is refused with 413', async () => {
  expect((await post({ query: ' '.repeat(1024 * 1024) })).status).toBe(413);
});

test('an answer that is not GraphQL never has the media type of GraphQL', async () => {
  for (const path of ['/volumes', '/health']) {
    const { headers } = await stack.fetch(path, { headers: { accept: current } });
    expect(headers.get('content-type')).not.toContain('graphql');
  }
});

test('every test that docs/graphql-over-http.md names is there', async () => {
  const page = await readFile('docs/graphql-over-http.md', 'utf8');
  const references = Array.from(page.matchAll(/\]\(\.\.\/(test\/[\w/-]+\.test\.ts)\):((?: `[^`]+`,?)+)/g));
  expect(references.length).toBeGreaterThan(20);
  for (const [, file = '', titles = ''] of references) {
    const source = await readFile(file, 'utf8');
    const missing = Array.from(titles.matchAll(/`([^`]+)`/g), ([, title = '']) => title).filter(
      (title) => !source.includes(title),
    );
    expect({ file, missing }).toEqual({ file, missing: [] });
  }
});

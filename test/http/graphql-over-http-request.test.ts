import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answered, current, get, legacy, post, startRegions, stopRegions, trivial } from './graphql-over-http.ts';

/* GraphQL over HTTP, the draft of 2026-08-06: requests by POST and by GET. */

beforeAll(startRegions);
afterAll(stopRegions);

describe('POST', () => {
  test.each<Record<string, unknown>>([
    { id: 'Names' },
    { onError: 'NULL' },
    { documentId: 7 },
    { '': 0, constructor: { prototype: {} }, query2: ['x'] },
  ])('ignores members that it does not know: %j', async (more) => {
    for (const accept of [current, legacy])
      expect(await post({ ...more, query: trivial }, accept)).toMatchObject({ status: 200, answer: answered });
  });

  test.each(['operationName', 'variables', 'extensions'])('reads null for %s as left out', async (name) => {
    expect((await post({ query: trivial, [name]: null })).answer).toEqual(answered);
  });

  test.each([trivial, 'query A { __typename }'])('reads an empty operation name as left out: %s', async (query) => {
    for (const accept of [current, legacy])
      expect(await post({ query, operationName: '' }, accept)).toMatchObject({ status: 200, answer: answered });
  });

  test('does not take an empty operation name for one of two operations', async () => {
    const query = 'query A { __typename } query B { __typename }';
    expect((await post({ query, operationName: '' })).code).toBe('OPERATION_RESOLUTION_FAILURE');
  });

  test.each(['application/json', 'application/json; charset=utf-8', 'application/json;charset=UTF-8'])(
    'takes a body in %s',
    async (type) => {
      const query = 'query($name: String) { volumes(regions: [KR1], filter: { nameContains: $name }) { totalCount } }';
      const got = await post({ query, variables: { name: '서버' } }, current, { 'content-type': type });
      expect(got.answer).toEqual({ data: { volumes: { totalCount: 0 } } });
    },
  );

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'refuses a body in %s with 415',
    async (type) => {
      expect((await post({ query: trivial }, current, { 'content-type': type })).status).toBe(415);
    },
  );

  test('reads a body after a byte order mark', async () => {
    expect((await post(`\ufeff${JSON.stringify({ query: trivial })}`)).answer).toEqual(answered);
  });

  test.each(['\ufeff\ufeff{"query":"{ __typename }"}', '\ufeff', '{"query":"{ __typename }"}\ufeff'])(
    'refuses any other byte order mark: %j',
    async (body) => {
      expect(await post(body)).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    },
  );
});

describe('GET', () => {
  test('takes its parameters from the URL', async () => {
    const query =
      'query A { __typename } query B($first: Int) { volumes(first: $first, regions: [KR1]) { nodes { name } } }';
    const got = await get({ query, operationName: 'B', variables: '{"first":1}', extensions: '{}' });
    expect(got).toMatchObject({ status: 200, answer: { data: { volumes: { nodes: [{ name: 'one' }] } } } });
  });

  test('reads empty parameters as left out', async () => {
    const got = await get({ query: trivial, operationName: '', variables: '', extensions: '' });
    expect(got.answer).toEqual(answered);
  });

  test('takes the text null for the name of an operation', async () => {
    expect((await get({ query: 'query null { __typename }', operationName: 'null' })).answer).toEqual(answered);
  });

  test.each([
    ['variables that are not JSON', { query: trivial, variables: '{' }, 400, 400],
    ['variables that are a list', { query: trivial, variables: '[]' }, 422, 400],
    ['no query', { operationName: 'A' }, 422, 400],
  ])('refuses %s', async (_, search, status, old) => {
    expect(await get(search)).toMatchObject({ status, code: 'BAD_REQUEST' });
    expect(await get(search, legacy)).toMatchObject({ status: old, code: 'BAD_REQUEST' });
  });

  test('has another ETag in another type', async () => {
    const [first, second] = [await get({ query: trivial }), await get({ query: trivial }, legacy)];
    expect(first.headers.get('etag')).toMatch(/^"[\w-]{43}\.graphql"$/);
    expect(second.headers.get('etag')).toMatch(/^"[\w-]{43}"$/);
  });

  test('has no ETag if a region is missing', async () => {
    const { status, headers } = await get({ query: '{ volumes { nodes { name } } }' });
    expect([status, headers.get('etag'), headers.get('cache-control')]).toEqual([200, null, 'no-store']);
  });

  test.each([
    ['a mutation', { query: 'mutation { __typename }' }],
    ['a mutation by its name', { query: 'query A { __typename } mutation B { __typename }', operationName: 'B' }],
  ])('refuses %s with 405, and names POST', async (_, search) => {
    for (const accept of [current, legacy, 'text/event-stream, application/json']) {
      const got = await get(search, accept);
      expect(got).toMatchObject({ status: 405, code: 'BAD_REQUEST' });
      expect(got.headers.get('allow')).toBe('POST');
    }
  });
});

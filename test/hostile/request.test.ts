import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { alice, startStack } from '../support/stack.ts';
import { stack, start, stop } from './request.ts';

/* Requests that are HTTP and mean no good: each gets a coded error in little time, and nothing is read for it. */

beforeAll(start);
beforeEach(() => stack.simulator.clearRequests());
afterAll(stop);

test('fragments that spread each other are refused, and no region is asked', async () => {
  const { data, errors } = await stack.query(
    '{ regions { ...A } } fragment A on Region { ...B } fragment B on Region { ...A }',
  );
  expect(data).toBeUndefined();
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  expect(stack.calls()).toEqual([]);
});

const credentials = { 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant };

async function post(body: BodyInit, headers: Record<string, string> = { 'content-type': 'application/json' }) {
  const { status, text } = await stack.fetch('/graphql', {
    method: 'POST',
    headers: { ...credentials, ...headers },
    body,
  });
  const { errors = [] }: { errors?: { extensions?: { code?: string } }[] } = text === '' ? {} : JSON.parse(text);
  return { status, text, codes: [...new Set(errors.map(({ extensions }) => extensions?.code))] };
}

const ask = (query: string, variables?: unknown) => post(JSON.stringify({ query, variables }));
const filtered = 'query($filter: VolumeFilter) { volumes(filter: $filter) { nodes { id } } }';
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const withFilter = (filter: string) => `{"query":${JSON.stringify(filtered)},"variables":{"filter":${filter}}}`;

test.each([
  ['3,000 repeated fields', () => ask(`{ regions { ${'name '.repeat(3000)} } }`), 'GRAPHQL_VALIDATION_FAILED'],
  [
    '10,000 unknown fields',
    () => ask(`{ ${Array.from({ length: 10_000 }, (_, i) => `x${i}`).join(' ')} }`),
    'QUERY_TOO_COMPLEX',
  ],
  [
    'fragments that go round in circles',
    () => ask('{ regions { ...A } } fragment A on Region { ...B } fragment B on Region { ...A }'),
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'lists in lists',
    () => ask(`{ volumes(filter: { uuids: ${'['.repeat(2000)}${']'.repeat(2000)} }) { nodes { id } } }`),
    'QUERY_TOO_COMPLEX',
  ],
  ['100,000 statuses', () => ask(filtered, { filter: { status: Array(100_000).fill('ERROR') } }), 'QUERY_TOO_COMPLEX'],
  ['100,000 wrong statuses', () => ask(filtered, { filter: { status: Array(100_000).fill('X') } }), 'BAD_USER_INPUT'],
  [
    'a text where a list of regions belongs',
    () => ask('query($r: [RegionCode!]) { volumes(regions: $r) { nodes { id } } }', { r: 'x'.repeat(900_000) }),
    'BAD_USER_INPUT',
  ],
  [
    'several operations and no name',
    () => ask('query A { regions { name } } query B { regions { name } }'),
    'OPERATION_RESOLUTION_FAILURE',
  ],
  ['a batch', () => post('[{"query":"{ __typename }"},{"query":"{ __typename }"}]'), 'BAD_REQUEST'],
  ['null', () => post('null'), 'BAD_REQUEST'],
  ['a number', () => post('7'), 'BAD_REQUEST'],
  ['a text', () => post('"{ __typename }"'), 'BAD_REQUEST'],
  ['JSON that breaks off', () => post('{"query":"{ __typename }"'), 'BAD_REQUEST'],
  ['variables that are a list', () => post('{"query":"{ __typename }","variables":[1]}'), 'BAD_REQUEST'],
  ['NUL in the query', () => ask('{ __typename \0 }'), 'GRAPHQL_PARSE_FAILED'],
  ['half a character', () => ask('{ __typename \ud800 }'), 'GRAPHQL_PARSE_FAILED'],
])('%s is refused with a code', async (_, send, code) => {
  const start = performance.now();
  const { status, text, codes } = await send();
  // As long as a request may take, however busy the machine is: it is a fraction of that.
  expect(performance.now() - start).toBeLessThan(10_000);
  expect(codes).toEqual([code]);
  expect([200, 400]).toContain(status);
  expect(text.length).toBeLessThan(100_000);
  expect(text).not.toMatch(/node_modules|\.ts:\d|at \w+ \(/);
  expect(stack.calls()).toEqual([]);
});

test('what is wrong with JSON is said without repeating it, for it may hold a key', async () => {
  const { text, codes } = await post('{"query":"mutation { x }", "appKey": my-secret-key }');
  expect(codes).toEqual(['BAD_REQUEST']);
  expect(text).not.toContain('secret-key');
});

test.each([
  ['metadata that is nested 80,000 levels deep', withFilter(`{"metadata":${deep(80_000)}}`)],
  [
    'a literal that is nested deeply',
    JSON.stringify({
      query: `{ volumes(filter: { metadata: ${'{ a: '.repeat(1400)}1${' }'.repeat(1400)} }) { nodes { id } } }`,
    }),
  ],
  ['variables that nobody asks for', `{"query":"{ __typename }","variables":{"x":${deep(80_000)}}}`],
  [
    'nearly a megabyte of variables',
    JSON.stringify({ query: '{ __typename }', variables: { x: 'y'.repeat(1_000_000) } }),
  ],
  ['extensions that are nested deeply', `{"query":"{ __typename }","extensions":${deep(80_000)}}`],
])('%s harms nobody', async (_, body) => {
  const { status, codes } = await post(body);
  expect([200, 400]).toContain(status);
  expect(codes.every((code) => code !== 'INTERNAL_SERVER_ERROR')).toBe(true);
});

test.each([
  '{"query":"{ __typename }","__proto__":{"polluted":1}}',
  '{"query":"{ __typename }","constructor":{"prototype":{"polluted":1}}}',
  '{"query":"{ __typename }","variables":{"__proto__":{"polluted":1}}}',
  '{"query":"{ __typename }","extensions":{"__proto__":{"polluted":1}}}',
  withFilter('{"metadata":{"__proto__":{"polluted":1}}}'),
  withFilter('{"metadata":{"constructor":{"prototype":{"polluted":1}}}}'),
  withFilter('{"__proto__":{"polluted":1}}'),
])('%s reaches no prototype', async (body) => {
  const { codes } = await post(body);
  expect(codes).not.toContain('INTERNAL_SERVER_ERROR');
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test.each([
  [
    'multipart',
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{}',
    415,
  ],
  ['plain text', 'text/plain', '{"query":"{ __typename }"}', 415],
  ['GraphQL', 'application/graphql', '{ __typename }', 415],
  ['a form', 'application/x-www-form-urlencoded', 'query=mutation', 415],
  ['no type that anybody knows', `a/${'b'.repeat(8000)}`, '{}', 415],
])('a body of %s is no request, so that no page can send it without being asked', async (_, type, body, status) => {
  expect((await post(body, { 'content-type': type })).status).toBe(status);
});

test('a body of which nobody says what it is is no request either', async () => {
  const { port } = new URL(stack.url);
  const request = httpRequest({ port, path: '/graphql', method: 'POST' });
  request.end('{"query":"{ __typename }"}');
  const [response]: IncomingMessage[] = await once(request, 'response');
  expect(response?.statusCode).toBe(415);
  expect(response ? await text(response) : '').toContain('"code":"BAD_USER_INPUT"');
});

test('a key of metadata that is named like a prototype is a key as any other', async () => {
  await using other = await startStack();
  const metadata = JSON.parse('{"__proto__":"x","constructor":"y"}');
  other.simulator.store('kr1').addVolume(alice.tenant, { name: 'named so', metadata });
  other.simulator.store('kr1').addVolume(alice.tenant, { name: 'another' });
  const namesOf = async (filter: string) => {
    const query = 'query($filter: VolumeFilter) { region(code: KR1) { volumes(filter: $filter) { nodes { name } } } }';
    const { region } = await other.data(query, { variables: { filter: { metadata: JSON.parse(filter) } } });
    return region.volumes.nodes.map(({ name }: { name: string }) => name);
  };
  expect(await namesOf('{"__proto__":"x"}')).toEqual(['named so']);
  expect(await namesOf('{"__proto__":"z"}')).toEqual([]);
  expect(await namesOf('{"constructor":"y"}')).toEqual(['named so']);
  expect(await namesOf('{"toString":"y"}')).toEqual([]);
});

test.each(['\\ud800', '\\u0000', '\\ufffe'])('a name with %s in it is a name that no volume has', async (character) => {
  stack.simulator.store('kr2').addVolume(alice.tenant, { name: 'another' });
  const { text } = await post(withFilter(`{"name":"${character}"}`));
  expect(JSON.parse(text)).toEqual({ data: { volumes: { nodes: [] } } });
});

test('a token of 12,000 letters goes upstream whole, and is told nowhere', async () => {
  const token = 't'.repeat(12_000);
  const { text, codes } = await post('{"query":"{ region(code: KR1) { volumes { nodes { id } } } }"}', {
    'content-type': 'application/json',
    'x-auth-token': token,
  });
  expect(codes).toEqual(['UNAUTHENTICATED']);
  expect(stack.simulator.requests.map(({ headers }) => headers['x-auth-token'])).toEqual([token]);
  expect([text, ...stack.log].filter((told) => told.includes('tttt'))).toEqual([]);
});

test('of a member that comes twice the last counts, as everywhere', async () => {
  const { text } = await post('{"query":"{ unknown }","query":"{ __typename }"}');
  expect(JSON.parse(text)).toEqual({ data: { __typename: 'Query' } });
});

test.each([
  '/graphql?query=%E0%A4%A',
  '/graphql?query=%',
  '/graphql?query={__typename}&query={regions{name}}',
  `/graphql?query=${'%20'.repeat(4000)}`,
  '/graphql?variables={',
  '/graphql?query={__typename}&variables=[1]',
])('%s gets an answer, and no fault', async (path) => {
  const { status } = await stack.fetch(path, { headers: { accept: 'application/json' } });
  expect(status).toBeLessThan(500);
});

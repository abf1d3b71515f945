import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { startServer } from '../../src/http/server.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { type Stack, startStack } from '../support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ environment: { CORS_ORIGINS: 'https://console.example' } });
});

afterAll(() => stack[Symbol.asyncDispose]());

const json = { 'content-type': 'application/json' };
const post = (body: string, headers: Record<string, string> = json) =>
  stack.fetch('/graphql', { method: 'POST', headers, body });

test('/health and /ready answer without a token', async () => {
  expect(await stack.fetch('/health')).toMatchObject({ status: 200, text: 'alive\n' });
  expect(await stack.fetch('/ready')).toMatchObject({ status: 200, text: 'ready\n' });
});

test.each(['/', '/healthz', '/graphql/health', '/volumes', '//graphql', '/graphql//', '/GraphQL'])(
  '%s is not found',
  async (path) => {
    expect(await stack.fetch(path)).toMatchObject({ status: 404, text: 'Not found. GraphQL is at /graphql.\n' });
  },
);

describe.each([
  ['/graphql', {}],
  ['/api/v1/storage', { GRAPHQL_PATH: '/api/v1/storage' }],
  ['/storage', { GRAPHQL_PATH: '/storage/' }],
  ['/', { GRAPHQL_PATH: '/' }],
])('%s', (path, environment) => {
  test.each(['', '/', '?x=1', '/?x=1'])('with "%s" behind it is the path of GraphQL', async (rest) => {
    await using moved = await startStack({ environment });
    const body = '{"query":"{ __typename }"}';
    const { status, text } = await moved.fetch(`${path}${rest}`.replace('//', '/'), {
      method: 'POST',
      headers: json,
      body,
    });
    expect({ status, text }).toEqual({ status: 200, text: '{"data":{"__typename":"Query"}}' });
  });

  test('is where a browser finds GraphiQL, and where / leads it', async () => {
    await using moved = await startStack({ environment });
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
    const page = await fetch(moved.url, { headers: { accept } });
    expect(page.url).toBe(moved.url + path);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toContain('<title>Block Storage</title>');
  });
});

test('the path that GraphQL was moved from is not found', async () => {
  await using moved = await startStack({ environment: { GRAPHQL_PATH: '/storage' } });
  expect((await moved.fetch('/graphql')).text).toBe('Not found. GraphQL is at /storage.\n');
});

test('/ leads nowhere without GraphiQL', async () => {
  await using closed = await startStack({ environment: { GRAPHIQL: 'false' } });
  for (const path of ['/', '/graphql']) {
    const { status } = await closed.fetch(path, { headers: { accept: 'text/html' }, redirect: 'manual' });
    expect(status).toBe(path === '/' ? 404 : 406);
  }
});

test('/metrics counts requests and REST calls, by region and resource, without ids', async () => {
  await stack.data('{ volume(id: "17975e9d-1533-40db-bd02-2072cd2ccb7f", region: KR1) { status } }');
  const { text } = await stack.fetch('/metrics');
  expect(text).toMatch(/gateway_request_duration_seconds_count\{status="200"\} \d+/);
  expect(text).toContain('{region="kr1",method="GET",resource="/volumes/{id}",outcome="404",class="4xx"} 1');
  expect(text).not.toContain('17975e9d');
});

test('METRICS_PORT takes /metrics off the public port', async () => {
  await using apart = await startServer(readConfig({ PORT: '0', METRICS_PORT: '0' }), createLogger('silent'));
  expect((await fetch(`${apart.url}/metrics`)).status).toBe(404);
  expect(await (await fetch(`${apart.metricsUrl}/metrics`)).text()).toContain('process_cpu');
});

test('a request that is too large is refused, whether it says so or not', async () => {
  const query = `{ __typename } #${'x'.repeat(1024 * 1024)}`;
  const declared = await post(JSON.stringify({ query }));
  expect(declared.status).toBe(413);
  expect(JSON.parse(declared.text).errors[0].extensions.code).toBe('PAYLOAD_TOO_LARGE');
  const { port } = new URL(stack.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  const chunk = 'x'.repeat(65_536);
  for (let index = 0; index < 17; index++) socket.write(`10000\r\n${chunk}\r\n`);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 /);
});

test.each([
  ['compressed', { 'content-encoding': 'gzip' }, gzipSync('{"query":"{ __typename }"}')],
  ['in another encoding', { 'content-type': 'application/json; charset=utf-16' }, '{"query":"{ __typename }"}'],
  ['no UTF-8', {}, Buffer.from('{"query":"{ __typename } # \xff"}', 'latin1')],
])('a body that is %s is refused with what to do', async (_, headers, body) => {
  const { status, text } = await stack.fetch('/graphql', { method: 'POST', headers: { ...json, ...headers }, body });
  expect(status).toBe(415);
  expect(JSON.parse(text).errors).toEqual([
    { message: expect.stringMatching(/Send it as it is|Encode it as UTF-8/), extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});

test('what is no GraphQL request gets an error, not a crash', async () => {
  for (const body of ['', '{', '[]', 'null', '{"query": 7}', '[{"query":"{ __typename }"}]']) {
    const { status, text } = await post(body);
    expect(status, body).toBe(400);
    expect(JSON.parse(text).errors).toHaveLength(1);
  }
  expect((await post('query=x', { 'content-type': 'text/csv' })).status).toBe(415);
  expect((await stack.fetch('/graphql', { method: 'PUT' })).status).toBe(405);
});

test('a query may come by GET, a mutation not', async () => {
  const get = (query: string) =>
    stack.fetch(`/graphql?query=${encodeURIComponent(query)}`, { headers: { accept: 'application/json' } });
  expect(JSON.parse((await get('{ __typename }')).text)).toEqual({ data: { __typename: 'Query' } });
  const refused = await get('mutation { deleteVolume(input: { id: "a" }) { deletedVolumeId } }');
  expect(refused.status).toBe(405);
});

test('answers may not be stored, and carry the request’s id', async () => {
  const { headers } = await post('{"query":"{ __typename }"}', { ...json, 'x-request-id': 'my-request.1' });
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-request-id')).toBe('my-request.1');
  const odd = await post('{"query":"{ __typename }"}', { ...json, 'x-request-id': 'a b"c' });
  expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('a page of an allowed origin may call, without credentials; another may not', async () => {
  const from = (origin: string) => post('{"query":"{ __typename }"}', { ...json, origin });
  const allowed = await from('https://console.example');
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://console.example');
  expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
  const other = await from('https://evil.example');
  expect([null, 'null', 'https://console.example']).toContain(other.headers.get('access-control-allow-origin'));
});

test('without CORS_ORIGINS no other origin is allowed', async () => {
  await using closed = await startStack();
  const { headers } = await closed.fetch('/graphql', {
    method: 'POST',
    headers: { ...json, origin: 'https://evil.example' },
    body: '{"query":"{ __typename }"}',
  });
  expect(headers.get('access-control-allow-origin')).toBeNull();
});

test('production answers neither introspection nor GraphiQL, nor a trace', async () => {
  await using production = await startStack({ environment: { INTROSPECTION: '', GRAPHIQL: '', GATEWAY_TRACE: '' } });
  const { text } = await production.fetch('/graphql', {
    method: 'POST',
    headers: json,
    body: '{"query":"{ __schema { types { name } } }"}',
  });
  expect(JSON.parse(text)).not.toHaveProperty('data');
  const misspelt = await production.query(
    'query($order: [VolumeOrder!]) { region(code: KR1) { volumes(orderBy: $order) { node { id } } volumez { nodes { id } } } }',
  );
  expect(misspelt.errors?.length).toBeGreaterThan(0);
  expect(JSON.stringify(misspelt)).not.toMatch(/did you mean/i);
  const value = await production.query('query($code: RegionCode!) { region(code: $code) { name } }', {
    variables: { code: 'KR' },
  });
  expect(JSON.stringify(value)).not.toMatch(/did you mean/i);
  const page = await production.fetch('/graphql', { headers: { accept: 'text/html' } });
  expect(page.text).not.toContain('GraphiQL');
  const query = '{ region(code: KR1) { volumes { nodes { id } } } }';
  expect(await production.query(query, { headers: { 'x-gateway-trace': '1' } })).not.toHaveProperty('extensions');
});

test('closing finishes what was begun, and /ready says no meanwhile', async () => {
  const closing = await startStack();
  const release = closing.simulator.hold();
  const keptAlive = connect(Number(new URL(closing.url).port), '127.0.0.1');
  const answer = closing.data('{ region(code: KR1) { volumes { nodes { id } } } }');
  await closing.simulator.waitForRequests(1);
  const closed = closing[Symbol.asyncDispose]();
  release();
  expect(await answer).toEqual({ region: { volumes: { nodes: [] } } });
  keptAlive.destroy();
  await closed;
  await expect(fetch(`${closing.url}/health`)).rejects.toThrow();
});

test.each(['application/json', 'application/graphql-response+json'])(
  'what is refused before GraphQL sees it is of the type that the client accepts: %s',
  async (type) => {
    const { status, headers, text } = await stack.fetch('/graphql', {
      method: 'POST',
      headers: { accept: type, 'content-type': 'application/json' },
      body: JSON.stringify({ query: `# ${'x'.repeat(2 ** 20)}` }),
    });
    expect(status).toBe(413);
    expect(headers.get('content-type')).toBe(`${type}; charset=utf-8`);
    expect(JSON.parse(text).errors[0].extensions.code).toBe('PAYLOAD_TOO_LARGE');
  },
);

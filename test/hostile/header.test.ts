import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RawAnswer, talk } from '../support/socket.ts';
import { alice, type Stack, startStack } from '../support/stack.ts';
import { expectRefusal, expectUnharmed } from '../support/unharmed.ts';

/* Headers that are read, handed on or repeated, with values that nobody means. */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ environment: { CORS_ORIGINS: 'https://console.example' } });
  stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'kept' });
});

afterAll(() => stack[Symbol.asyncDispose]());
beforeEach(() => stack.simulator.clearRequests());

test('a tenant with a path in it is refused, and no region is asked', async () => {
  const { data, errors } = await stack.query('{ region(code: KR1) { volumes { nodes { name } } } }', {
    headers: { 'x-tenant-id': '../admin' },
  });
  expect(data).toEqual({ region: { volumes: null } });
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT']);
  expect(stack.calls()).toEqual([]);
});

const body = JSON.stringify({ query: '{ region(code: KR1) { volumes { nodes { name } } } }' });
const kept = { data: { region: { volumes: { nodes: [{ name: 'kept' }] } } } };
const token = `X-Auth-Token: ${alice.token}`;
const tenant = `X-Tenant-Id: ${alice.tenant}`;

/** Sends header lines exactly as they stand, as Latin-1. */
async function send(lines: readonly string[], method = 'POST'): Promise<RawAnswer> {
  const fixed = [
    'Host: gateway',
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  const [answer, ...more] = await talk(
    stack.url,
    `${method} /graphql HTTP/1.1\r\n${[...fixed, ...lines].join('\r\n')}\r\n\r\n${body}`,
  );
  expect(more).toEqual([]);
  if (!answer) throw new Error('no answer');
  return answer;
}

/** Credentials that cannot be meant, beside those of http/credentials.test.ts and request.test.ts: title, lines, status, code. */
const refused: [string, string[], number, string][] = [
  ['two tokens of a region', [token, tenant, 'X-Auth-Token-KR1: a', 'x-auth-token-kr1: b'], 200, 'BAD_USER_INPUT'],
  ['two tokens in one line', ['X-Auth-Token: a, b', tenant], 200, 'UNAUTHENTICATED'],
  ['two tenants of a region', [token, tenant, 'X-Tenant-Id-KR1: a', 'X-Tenant-Id-KR1: a'], 200, 'BAD_USER_INPUT'],
  ['two Authorizations in one line', ['Authorization: Bearer a, Bearer b', tenant], 200, 'UNAUTHENTICATED'],
  ['an Authorization of another scheme', ['Authorization: Basic YTpi', tenant], 200, 'UNAUTHENTICATED'],
  ['Bearer alone', ['Authorization: Bearer ', tenant], 200, 'UNAUTHENTICATED'],
  ['Bearer and 12,000 blanks', [`Authorization: Bearer${' '.repeat(12_000)}x y`, tenant], 200, 'UNAUTHENTICATED'],
  ['a token in Latin-1', ['X-Auth-Token: t\xf6k\xe9n', tenant], 200, 'UNAUTHENTICATED'],
  ['a token in UTF-8', ['X-Auth-Token: t\xc3\xb6k\xc3\xa9n', tenant], 200, 'UNAUTHENTICATED'],
  ['a token with a tab', ['X-Auth-Token: a\tb', tenant], 200, 'UNAUTHENTICATED'],
  ['a token with CR', ['X-Auth-Token: a\rX-Evil: b', tenant], 400, 'BAD_USER_INPUT'],
  ['a token on two lines', ['X-Auth-Token: a\r\n b', tenant], 400, 'BAD_USER_INPUT'],
  ['a token of 16 KB', [`X-Auth-Token: ${'a'.repeat(16_384)}`, tenant], 431, 'PAYLOAD_TOO_LARGE'],
];

test.each(refused)('%s: refused without a call', async (_, lines, status, code) => {
  const answer = await send(lines);
  expect(answer.status).toBe(status);
  expectRefusal(answer.body.replace('"data":{"region":{"volumes":null}}', '"data":{"region":null}'), code);
  expect(stack.calls()).toEqual([]);
});

test('a token of 15 KB goes upstream whole, and the region does not know it', async () => {
  const long = 'a'.repeat(15_000);
  const answer = await send([`X-Auth-Token: ${long}`, tenant]);
  expect(JSON.parse(answer.body).errors[0].extensions).toMatchObject({
    code: 'UNAUTHENTICATED',
    upstream: { status: 401 },
  });
  expect(answer.body).not.toContain(long);
  expect(stack.simulator.requests.map(({ headers }) => headers['x-auth-token'])).toEqual([long]);
});

/** What does not belong to the region that is asked is not looked at, and goes nowhere. */
const ignored: [string, string[]][] = [
  ['names in odd case', [`x-AUTH-tOKEN: ${alice.token}`, `X-TENANT-id: ${alice.tenant}`]],
  ['headers of regions that do not exist', [token, tenant, 'X-Auth-Token-ZZ9: evil', 'X-Tenant-Id-ZZ9: ..']],
  ['headers of no region', [token, tenant, 'X-Auth-Token-: evil', 'X-Auth-Token-__proto__: evil', '__proto__: evil']],
  ['odd headers of another region', [token, tenant, 'X-Auth-Token-KR2: a b', 'X-Tenant-Id-KR2: evil/..']],
];

test.each(ignored)('%s: the answer is right, and only what belongs to the region goes there', async (_, lines) => {
  expect(JSON.parse((await send(lines)).body)).toEqual(kept);
  const [request, ...more] = stack.simulator.requests;
  expect(more).toEqual([]);
  expect(request?.headers['x-auth-token']).toBe(alice.token);
  expect(JSON.stringify(request)).not.toMatch(/evil|-zz9|-kr2|proto/i);
});

test.each([
  ['of 65 letters', ['a'.repeat(65)]],
  ['of 12 KB', ['a'.repeat(12_000)]],
  ['with a blank', ['a b']],
  ['with a tab', ['a\tb']],
  ['with a tag', ['<script>']],
  ['with a quote', ['a"b']],
  ['with a percent sign', ['a%0d%0aX-Evil:b']],
  ['with a letter of Latin-1', ['\xe4']],
  ['with letters of UTF-8', ['\xf0\x9f\x92\xbe']],
  ['that is empty', ['']],
  ['that comes twice', ['a', 'b']],
])('a request id %s is neither answered with nor handed on', async (_, ids) => {
  const { headers, body } = await send([token, tenant, ...ids.map((id) => `X-Request-Id: ${id}`)]);
  expect(JSON.parse(body)).toEqual(kept);
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  for (const id of ids.filter((id) => id.length > 1))
    expect(JSON.stringify(stack.simulator.requests)).not.toContain(id);
});

test('a request id on two lines is no request id, and no header of an answer', async () => {
  const { status, headers } = await send([token, tenant, 'X-Request-Id: a\r\n X-Evil: b']);
  expect(status).toBe(400);
  expect(headers.get('x-request-id')).toBeNull();
  expect(headers.get('x-evil')).toBeNull();
});

const [version, trace, parent, flags] = ['00', '0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331', '01'];

test.each([
  ['in upper case', [[version, trace.toUpperCase(), parent, flags]]],
  ['with something behind it', [[version, trace, parent, flags, 'more']]],
  ['that is too short', [[version, trace.slice(1), parent, flags]]],
  [
    'that comes twice',
    [
      [version, trace, parent, flags],
      [version, trace, parent, flags],
    ],
  ],
  ['of 12 KB', [[version, trace.repeat(375), parent, flags]]],
  ['with a tab', [[version, trace, parent, '0\t']]],
  // Of these the specification says that they are to be ignored (Trace Context, 3.2.2).
  ['without a trace', [[version, '0'.repeat(32), parent, flags]]],
  ['without a parent', [[version, trace, '0'.repeat(16), flags]]],
  ['of the version ff', [['ff', trace, parent, flags]]],
])('a trace context %s is not handed on', async (_, values) => {
  const lines = values.map((parts) => `traceparent: ${parts.join('-')}`);
  expect(JSON.parse((await send([token, tenant, ...lines])).body)).toEqual(kept);
  expect(stack.simulator.requests.map(({ headers }) => headers.traceparent)).toEqual([undefined]);
});

const origins = [
  '*',
  'http://console.example',
  'https://CONSOLE.example',
  'https://console.example@evil.example',
  'https://console.example, https://evil.example',
  '<script>',
  '\xe4',
  'https://evil.example/'.padEnd(8000, 'a'),
];

test.each(origins.map((origin) => [origin.slice(0, 60), origin]))(
  'a page of the origin %s may not call',
  async (_, origin) => {
    const asked = ['Access-Control-Request-Method: POST', 'Access-Control-Request-Headers: x-auth-token'];
    for (const answer of [
      await send([token, tenant, `Origin: ${origin}`]),
      await send([`Origin: ${origin}`, ...asked], 'OPTIONS'),
    ]) {
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      expect(JSON.stringify([...answer.headers])).not.toContain('evil');
    }
  },
);

test('a preflight calls nothing, whatever it asks for', async () => {
  const { status, headers } = await send(
    [
      token,
      tenant,
      'Origin: https://console.example',
      'Access-Control-Request-Method: DELETE',
      `Access-Control-Request-Headers: ${'x-a,'.repeat(2000)}`,
    ],
    'OPTIONS',
  );
  expect(status).toBe(204);
  expect(headers.get('access-control-allow-methods')).toBe('GET, POST');
  expect(stack.calls()).toEqual([]);
});

test('after all of it the gateway answers right and had no fault of its own', () => expectUnharmed(stack));

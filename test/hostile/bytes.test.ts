import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { talk } from '../support/socket.ts';
import { alice, bob, type Stack, startStack } from '../support/stack.ts';
import { costOf, expectRefusal, expectUnharmed, maxCostMs } from '../support/unharmed.ts';
import { change, chunk, chunked, close, credentials, get, head, list, trivial, whole } from './bytes.ts';

/*
 * Bytes on a raw socket, beside those of http.test.ts: what is no HTTP, what two readers may read in two ways,
 * and what is odd and allowed.
 */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  for (const { tenant } of [alice, bob]) stack.simulator.store('kr1').addVolume(tenant, { name: 'kept' });
});

afterAll(() => stack[Symbol.asyncDispose]());
beforeEach(() => stack.simulator.clearRequests());

test('bytes that are not HTTP are refused with 400 in JSON, and the connection is closed', async () => {
  const [answer] = await talk(stack.url, 'hello\r\n\r\n');
  expect(answer?.status).toBe(400);
  expect(answer?.headers.get('connection')).toBe('close');
  expect(JSON.parse(answer?.body ?? '').errors[0].extensions.code).toBe('BAD_USER_INPUT');
});

/** No HTTP, or not to be trusted: title, bytes, status. */
const refused: [string, string | Buffer, number][] = [
  [
    'chunks and a length, with a change behind them',
    `${head()}Content-Length: 5\r\n${chunked('')}${whole(change)}`,
    400,
  ],
  [
    'the same length twice',
    `${head()}Content-Length: ${list.length}\r\nContent-Length: ${list.length}\r\n\r\n${list}`,
    400,
  ],
  ['a list of lengths', `${head()}Content-Length: ${list.length}, ${list.length}\r\n\r\n${list}`, 400],
  ['a length with a sign', `${head()}Content-Length: +${list.length}\r\n\r\n${list}`, 400],
  ['a length in hex', `${head()}Content-Length: 0x40\r\n\r\n${list}`, 400],
  ['a length of 23 digits', `${head()}Content-Length: ${'9'.repeat(23)}\r\n\r\n${list}`, 400],
  ['chunks that are not the last coding', `${head()}${chunked(list).replace('chunked', 'chunked, identity')}`, 400],
  [
    'two transfer codings',
    `${head()}Transfer-Encoding: chunked\r\n${chunked(list).replace('chunked', 'identity')}`,
    400,
  ],
  ['a control sign before the coding', `${head()}${chunked(list).replace(' chunked', ' \x0bchunked')}`, 400],
  ['a transfer coding on the next line', `${head()}${chunked(list).replace(' chunked', '\r\n chunked')}`, 400],
  ['a blank before the first header', whole(list).replace('\r\nHost', '\r\n Host'), 400],
  ['a header without a colon', `${head()}nonsense\r\n${chunked(list)}`, 400],
  ['a header without a name', `${head()}: nonsense\r\n${chunked(list)}`, 400],
  ['a letter of Latin-1 in a name', `${head()}X-\xe4: 1\r\n${chunked(list)}`, 400],
  ['DEL in a header', `${head()}X-Odd: a\x7fb\r\n${chunked(list)}`, 400],
  ['CR in a header', `${head()}X-Odd: a\rb\r\n${chunked(list)}`, 400],
  ['LF in a header', `${head()}X-Odd: a\nX-Auth-Token: b\r\n${chunked(list)}`, 400],
  ['CR for CR LF', whole(list).replaceAll('\r\n', '\r'), 400],
  ['a chunk with a negative size', `${head()}Transfer-Encoding: chunked\r\n\r\n-1\r\n${list}`, 400],
  ['a chunk of more than can be counted', `${head()}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\nx`, 400],
  ['a chunk longer than its size', `${head()}Transfer-Encoding: chunked\r\n\r\n5\r\n${list}\r\n0\r\n\r\n`, 400],
  ['a chunk extension that ends in LF', `${head()}Transfer-Encoding: chunked\r\n\r\n5;a\n${list}`, 400],
  [
    '100 KB of trailers',
    `${head()}Transfer-Encoding: chunked\r\n\r\n${chunk(list)}0\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`,
    431,
  ],
  ['a query of 20 KB in the address', get(`/graphql?query=%7B__typename%7D%23${'x'.repeat(20_000)}`), 431],
  [
    '1,500 short headers before a second token',
    `${head()}${'a:1\r\n'.repeat(1500)}X-Auth-Token: b\r\n${chunked(list)}`,
    431,
  ],
  ['a method of 1 MB', 'A'.repeat(1024 * 1024), 400],
  ['a method that is none', whole(list, close, 'FOO /graphql HTTP/1.1'), 400],
  ['HTTP/1.2', whole(list, close, 'POST /graphql HTTP/1.2'), 400],
  ['HTTP/9.9', whole(list, close, 'POST /graphql HTTP/9.9'), 400],
  ['http in lower case', whole(list, close, 'POST /graphql http/1.1'), 400],
  ['words', 'hello\r\n\r\n', 400],
  ['an address without a slash', whole(list, close, 'POST graphql HTTP/1.1'), 400],
  ['an address with a backslash', whole(list, close, 'POST \\graphql HTTP/1.1'), 400],
  ['an address with a blank', whole(list, close, 'POST /graphql?a b HTTP/1.1'), 400],
  ['an address with NUL', whole(list, close, 'POST /gra\0phql HTTP/1.1'), 400],
  ['an address with letters of Latin-1', whole(list, close, 'POST /graphql?\xff\xfe HTTP/1.1'), 400],
  ['a user before the host', whole(list, close, 'POST @evil.example/graphql HTTP/1.1'), 400],
];

test.each(refused)('%s: refused with JSON, and the connection is closed', async (_, bytes, status) => {
  const cost = await costOf(async () => {
    const answers = await talk(stack.url, bytes);
    expect(answers.map((answer) => answer.status)).toEqual([status]);
    expect(answers[0]?.headers.get('connection')).toBe('close');
    expect(answers[0]?.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expectRefusal(answers[0]?.body ?? '', status === 400 ? 'BAD_USER_INPUT' : 'PAYLOAD_TOO_LARGE');
  });
  expect(cost).toBeLessThan(maxCostMs);
  expect(stack.calls()).toEqual([]);
});

test.each([
  ['a chunk that breaks off', `${head()}Transfer-Encoding: chunked\r\n\r\n40\r\n${list.slice(0, 10)}`],
  ['headers that break off', head()],
])('%s: refused with 400, without a call', async (_, bytes) => {
  const answers = await talk(stack.url, bytes, { halfClose: true });
  expect(answers.map(({ status }) => status)).toEqual([400]);
  expectRefusal(answers[0]?.body ?? '', 'BAD_USER_INPUT');
  expect(stack.calls()).toEqual([]);
});

/** Odd, and allowed: title, bytes, statuses of the answers in their order. */
const odd: [string, string, number[]][] = [
  ['empty lines first', `\r\n\r\n${whole(trivial)}`, [200]],
  [
    'small chunks',
    `${head()}${close}Transfer-Encoding: chunked\r\n\r\n${Array.from(trivial, (sign) => chunk(sign)).join('')}0\r\n\r\n`,
    [200],
  ],
  ['a chunk extension', `${head()}${close}Transfer-Encoding: chunked\r\n\r\n1a;a=b\r\n${trivial}\r\n0\r\n\r\n`, [200]],
  ['chunks in HTTP/1.0', `${head('POST /graphql HTTP/1.0')}${chunked(trivial)}`, [200]],
  ['a length of 2^53', `${head()}Content-Length: ${2 ** 53}\r\n\r\n${trivial}`, [413]],
  [
    'Upgrade: h2c',
    whole(trivial, 'Connection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'),
    [200],
  ],
  [
    'Upgrade: websocket',
    whole(trivial, 'Connection: close, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'),
    [200],
  ],
  [
    'headers like what objects have',
    whole(trivial, `${close}__proto__: a\r\nconstructor: b\r\nprototype: c\r\n`),
    [200],
  ],
  [
    'a GET with a body',
    `${get('/graphql?query=%7B__typename%7D', `${close}Accept: application/json\r\nContent-Length: 5\r\n`)}hello`,
    [200],
  ],
  ['an encoded letter', whole(list, close, 'POST /%67raphql HTTP/1.1'), [404]],
  ['a path that climbs', whole(list, close, 'POST /graphql/../graphql HTTP/1.1'), [404]],
  ['a path that climbs, encoded', whole(list, close, 'POST /graphql/..%2f HTTP/1.1'), [404]],
  ['a fragment', whole(list, close, 'POST /graphql#x HTTP/1.1'), [404]],
  ['a query that looks like a path', whole(trivial, close, 'POST /graphql?#/../..\\x HTTP/1.1'), [200]],
  ['a request and garbage', `${whole(trivial, '')}garbage\r\n\r\n`, [200, 400]],
  [
    'a request and a body that breaks off',
    `${whole(trivial, '')}${head()}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    [200, 400],
  ],
  [
    'a body that breaks off behind an answer that did not wait for it',
    whole('', close, 'POST /health HTTP/1.1').replace(/Content-Length.*/s, 'Transfer-Encoding: chunked\r\n\r\nzz\r\n'),
    [200],
  ],
  // A server must accept an address with a host (RFC 9112, 3.2.2).
  ['an address with a host', whole(trivial, close, 'POST http://gateway/graphql HTTP/1.1'), [200]],
  ['an address with another host', whole(trivial, close, 'POST http://evil.example/graphql?x HTTP/1.1'), [200]],
  // It must refuse these with 400 (RFC 9112, 3.2).
  ['two hosts', whole(list, `${close}Host: evil.example\r\n`), [400]],
  ['a host that is none', whole(list).replace('Host: gateway', 'Host: a b\\/'), [400]],
  // What a coding hides is not read (RFC 9112, 6.1).
  ['a packed body in chunks', `${head()}${close}${chunked(list).replace('chunked', 'gzip, chunked')}`, [501]],
];

test.each(odd)('%s: answered as HTTP says, without a call', async (_, bytes, statuses) => {
  const answers = await talk(stack.url, bytes);
  expect(answers.map(({ status }) => status)).toEqual(statuses);
  for (const { body } of answers) expect(body).not.toContain(alice.token);
  expect(stack.calls()).toEqual([]);
});

test.each(['GET /health', 'GET /health HTTP/0.9', 'GET /health HTTP/2.0'])(
  '%s, in a version that nobody speaks, ends the connection with one answer',
  async (line) => {
    expect(await talk(stack.url, `${line}\r\n\r\n`)).toHaveLength(1);
  },
);

test('garbage behind a change does not take its answer away', async () => {
  const answers = await talk(stack.url, whole(change, '') + 'GARBAGE\r\n\r\n'.repeat(20_000));
  expect(answers.map(({ status }) => status)).toEqual([200, 400]);
  expect(JSON.parse(answers[0]?.body ?? '')).toEqual({ data: { createVolume: { volume: { name: null } } } });
  expect(stack.calls()).toEqual(['POST /volumes']);
});

test('200 requests in one packet, of two tenants in turn, are answered each and in their order', async () => {
  const requests = Array.from({ length: 200 }, (_, index) => {
    const [user, last] = [index % 2 === 0 ? alice : bob, index === 199 ? close : ''];
    return whole(index % 4 < 2 ? list : trivial, `X-Request-Id: r${index}\r\n${last}`).replace(
      credentials(alice),
      credentials(user),
    );
  });
  const answers = await talk(stack.url, requests.join(''));
  expect(answers.map(({ headers }) => headers.get('x-request-id'))).toEqual(requests.map((_, index) => `r${index}`));
  for (const [index, { status, body }] of answers.entries()) {
    expect(status).toBe(200);
    const data = index % 4 < 2 ? { region: { volumes: { nodes: [{ name: 'kept' }] } } } : { __typename: 'Query' };
    expect(JSON.parse(body)).toEqual({ data });
  }
});

const mutation = 'mutation B { createVolume(input: { region: KR2, size: 1 }) { volume { id } } }';
const encoded = encodeURIComponent;

/** By GET: title, query string, status, code; null where it is answered. */
const got: [string, string, number, string | null][] = [
  ['a change', `query=${encoded(mutation)}`, 405, 'BAD_REQUEST'],
  [
    'a change beside a query',
    `query=${encoded(`query A { __typename } ${mutation}`)}&operationName=B`,
    405,
    'BAD_REQUEST',
  ],
  ['a query beside a change', `query=${encoded(`query A { __typename } ${mutation}`)}&operationName=A`, 200, null],
  ['an operation that is not there', `query=${encoded(mutation)}&operationName=C`, 400, 'OPERATION_RESOLUTION_FAILURE'],
  ['two queries, of which the first counts', `query=%7B__typename%7D&query=${encoded(mutation)}`, 200, null],
  ['a query of 12 KB', `query=${encoded('{ __typename }')}%23${'x'.repeat(12_000)}`, 200, null],
  ['a percent sign alone', 'query=%', 200, 'GRAPHQL_PARSE_FAILED'],
  ['half of a letter', 'query=%E0%A4%A', 200, 'GRAPHQL_PARSE_FAILED'],
  ['NUL', 'query=%7B__typename%7D%00', 200, 'GRAPHQL_PARSE_FAILED'],
  ['__proto__', 'query=%7B__typename%7D&__proto__[polluted]=1&constructor.prototype.polluted=1', 200, null],
  ['variables that are a list', 'query=%7B__typename%7D&variables=[]', 400, 'BAD_REQUEST'],
  ['variables that are no JSON', 'query=%7B__typename%7D&variables=%7B', 400, 'BAD_REQUEST'],
  ['extensions that are no JSON', 'query=%7B__typename%7D&extensions=x', 400, 'BAD_REQUEST'],
  ['no query', '', 400, 'BAD_REQUEST'],
  ['an empty query', 'query=&variables=', 400, 'BAD_REQUEST'],
  ['a list of queries', 'query[]=%7B__typename%7D', 400, 'BAD_REQUEST'],
];

test.each(got)('%s by GET: answered or refused, without a call', async (_, search, status, code) => {
  const answers = await talk(stack.url, get(`/graphql?${search}`, `${credentials(alice)}${close}`));
  const [answer] = answers;
  if (code === null) expect(JSON.parse(answer?.body ?? '')).toEqual({ data: { __typename: 'Query' } });
  else expectRefusal(answer?.body ?? '', code);
  expect(answers.map((answer) => answer.status)).toEqual([status]);
  expect(stack.calls()).toEqual([]);
});

test('after all of it the gateway answers right and had no fault of its own', () => expectUnharmed(stack));

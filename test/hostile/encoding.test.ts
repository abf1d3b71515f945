import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { talk } from '../support/socket.ts';
import { alice, type Stack, startStack } from '../support/stack.ts';
import { costOf, expectRefusal, expectUnharmed, maxCostMs } from '../support/unharmed.ts';

/* Bodies that are no JSON, or not in UTF-8, or packed, and answers that nobody can give. */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'kept' });
});

afterAll(() => stack[Symbol.asyncDispose]());
beforeEach(() => stack.simulator.clearRequests());

test('a compressed body is refused with 415, and the answer says that only an uncompressed one is accepted', async () => {
  const { status, headers, text } = await stack.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: new Uint8Array(gzipSync('{"query":"{ __typename }"}')),
  });
  expect(status).toBe(415);
  expect(headers.get('accept-encoding')).toBe('identity');
  expect(JSON.parse(text).errors[0].extensions.code).toBe('BAD_USER_INPUT');
});

const json = { 'content-type': 'application/json' };
const query = '{ volumes(filter: { name: "kept" }) { nodes { name } } }';
const body = JSON.stringify({ query });
const kept = { volumes: { nodes: [{ name: 'kept' }] } };
/** A change with these bytes for a name. */
const create = (name: Buffer) =>
  Buffer.concat([
    Buffer.from(
      '{"query":"mutation($n: String) { createVolume(input: { region: KR1, size: 1, name: $n }) { volume { name } } }',
    ),
    Buffer.from('","variables":{"n":"'),
    name,
    Buffer.from('"}}'),
  ]);
const post = (sent: string | Buffer, headers: Record<string, string>) =>
  stack.fetch('/graphql', {
    method: 'POST',
    headers: { 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant, ...headers },
    // Bytes, since fetch says of a text that it is one.
    body: new Uint8Array(Buffer.from(sent)),
  });

/** Title, body, type. */
const unsupported: [string, string | Buffer, string | null][] = [
  ['GraphQL alone', query, 'application/graphql'],
  ['a form', `query=${encodeURIComponent(query)}`, 'application/x-www-form-urlencoded'],
  ['no type', body, null],
  ['text/plain first', body, 'text/plain, application/json'],
  ['a type that begins alike', body, 'application/jsonx'],
  ['the type of an answer', body, 'application/graphql-response+json'],
  ['signs for a type', body, '; ,,'],
  ['multipart without a boundary', '--b', 'multipart/form-data'],
  ['multipart that does not end', `--b\r\n${'a'.repeat(100_000)}`, 'multipart/form-data; boundary=b'],
  ['multipart with a boundary of 8,000 signs', '--b', `multipart/form-data; boundary=${'b'.repeat(8000)}`],
  ['UTF-16', Buffer.from(body, 'utf16le'), 'application/json; charset=utf-16'],
  ['UTF-7', body, 'application/json; charset=utf-7'],
  ['Latin-1', create(Buffer.from('Köln', 'latin1')), 'application/json;charset=ISO-8859-1'],
];

test.each(unsupported)('a body of %s is refused with 415', async (_, sent, type) => {
  const { status, text } = await post(sent, type === null ? {} : { 'content-type': type });
  expect(status).toBe(415);
  expectRefusal(text, 'BAD_USER_INPUT');
  expect(stack.calls()).toEqual([]);
});

test.each([
  ['gzip', gzipSync(body)],
  ['x-gzip', gzipSync(body)],
  ['deflate', deflateSync(body)],
  ['br', brotliCompressSync(body)],
  ['gzip', gzipSync(Buffer.alloc(100 * 1024 * 1024))],
  ['gzip, identity', gzipSync(body)],
  ['nonsense', Buffer.from(body)],
])('a body packed with %s is refused with 415, and not unpacked', async (coding, sent) => {
  const cost = await costOf(async () => {
    const { status, headers, text } = await post(sent, { ...json, 'content-encoding': coding });
    expect(status).toBe(415);
    expect(headers.get('accept-encoding')).toBe('identity');
    expectRefusal(text, 'BAD_USER_INPUT');
  });
  expect(cost).toBeLessThan(maxCostMs);
  expect(stack.calls()).toEqual([]);
});

test.each([
  ['JSON in UTF-8', 'application/json; charset=utf-8', body],
  ['JSON in UTF-8, in upper case', 'application/json;charset=UTF-8', body],
  ['JSON in UTF-8, in quotes', 'application/json; charset="utf-8"', body],
  ['JSON with a parameter of 8,000 signs', `application/json; x=${'a'.repeat(8000)}`, body],
  // Upper case means the same, and blanks may stand before the semicolon (RFC 9110, 8.3.1 and 5.6.6).
  ['JSON in upper case', 'Application/JSON', body],
  ['JSON with a blank before the semicolon', 'application/json ; charset=utf-8', body],
])('a body of %s is answered', async (_, type, sent) => {
  const { status, text } = await post(sent, { 'content-type': type });
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual({ data: kept });
});

test('a coding that changes nothing is no coding', async () => {
  expect((await post(body, { ...json, 'content-encoding': 'identity' })).status).toBe(200);
});

/** Read as U+FFFD these would change names. */
const notUtf8: [string, Buffer][] = [
  ['bytes that no UTF-8 has', create(Buffer.from([0xff, 0xfe]))],
  ['a letter of Latin-1', create(Buffer.from('Köln', 'latin1'))],
  ['half of a letter', create(Buffer.from([0xc3]))],
  ['a slash in two bytes', create(Buffer.from([0xc0, 0xaf]))],
  ['half of a surrogate pair', create(Buffer.from([0xed, 0xa0, 0x80]))],
];

test.each(notUtf8)('JSON with %s is refused, and changes nothing', async (_, sent) => {
  const { status, text } = await post(sent, json);
  expect(stack.calls()).toEqual([]);
  expect(status).toBe(415);
  expectRefusal(text, 'BAD_USER_INPUT');
});

test.each([
  ['in UTF-16', Buffer.from(body, 'utf16le')],
  ['with two byte order marks', Buffer.from(`\ufeff\ufeff${body}`)],
  ['with NUL behind the object', Buffer.from(`${body}\0`)],
])('JSON %s is refused, and not repeated', async (_, sent) => {
  const { status, text } = await post(sent, json);
  expect(status).toBe(400);
  expectRefusal(text, 'BAD_REQUEST');
  expect(text).not.toContain('volumes');
});

test.each(['image/png', 'text/html', 'application/json;charset=utf-16', ';;;,,'])(
  'a change whose answer may only be %s is refused before it is begun',
  async (accept) => {
    const { status, text } = await post(create(Buffer.from('x')), { ...json, accept });
    expect(stack.calls()).toEqual([]);
    expect(status).toBe(406);
    expectRefusal(text, 'BAD_USER_INPUT');
  },
);

/** A request over a socket of its own, since no client reads such answers. */
const raw = (accept: string) =>
  talk(
    stack.url,
    `POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Auth-Token: ${alice.token}\r\nX-Tenant-Id: ${alice.tenant}\r\n` +
      `Content-Type: application/json\r\nAccept: ${accept}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );

test('an Accept with 3,000 types gets no longer answer than another', async () => {
  const [answer] = await raw('a/b,'.repeat(3000));
  expect(answer?.status).toBe(406);
  expect(JSON.stringify([...(answer?.headers ?? [])]).length).toBeLessThan(2000);
});

// Where the end of an answer is said in two ways it is open to dispute (RFC 9112, 6.2).
test('an answer in parts is framed in one way', async () => {
  const answers = await raw('multipart/mixed');
  expect(answers).toHaveLength(1);
  expect([200, 406]).toContain(answers[0]?.status);
});

test('after all of it the gateway answers right and had no fault of its own', () => expectUnharmed(stack));

import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alice, type Stack, startStack } from '../support/stack.ts';

/* Bytes that are no HTTP, or HTTP that means two things: refused with a code, and the connection is closed. */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(async () => {
  // After all that the gateway is what it was.
  expect((await stack.fetch('/health')).status).toBe(200);
  expect(await stack.data('{ region(code: KR1) { volumes { nodes { name } } } }')).toEqual({
    region: { volumes: { nodes: [] } },
  });
  expect(stack.log.filter((line) => /"level":[56]0/.test(line))).toEqual([]);
  await stack[Symbol.asyncDispose]();
});

test('a request with two lengths is refused with 400, and the connection is closed', async () => {
  const received = await send(
    'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\nContent-Length: 5\r\n\r\n{"query":"{ __typename }"}',
  );
  expect(received).toMatch(/^HTTP\/1\.1 400 /);
  expect(received).toMatch(/^connection: close\r$/im);
  expect(received).toContain('"code":"BAD_USER_INPUT"');
});

/** Writes bytes, ends if asked to, and gives all that comes back until the connection is closed. */
async function send(bytes: string | Buffer, end = false): Promise<string> {
  const socket = connect(Number(new URL(stack.url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes);
  if (end) socket.end();
  return text(socket).catch(() => '');
}

const body = '{"query":"{ __typename }"}';
const post = (headers: string, sent = body) =>
  `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Auth-Token: ${alice.token}\r\n${headers}\r\n${sent}`;

/** The statuses of all answers, and the codes of their errors. */
function answersIn(received: string): { statuses: number[]; codes: string[] } {
  return {
    statuses: Array.from(received.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status)),
    codes: Array.from(received.matchAll(/"code":"(\w+)"/g), ([, code]) => String(code)),
  };
}

const refused = { statuses: [400], codes: ['BAD_USER_INPUT'] };
const tooLarge = { statuses: [431], codes: ['PAYLOAD_TOO_LARGE'] };
const length = `Content-Length: ${body.length}\r\n`;

test.each([
  ['a length and chunks', post(`${length}Transfer-Encoding: chunked\r\n`), refused],
  ['two lengths', post(`${length}Content-Length: 5\r\n`), refused],
  ['a length that is none', post('Content-Length: 1e3\r\n'), refused],
  ['a negative length', post('Content-Length: -1\r\n'), refused],
  ['an unknown transfer coding', post('Transfer-Encoding: xchunked\r\n'), refused],
  ['a coding behind chunks', post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'), refused],
  ['a header that goes on in the next line', post(`X-A: 1\r\n 2\r\n${length}`), refused],
  ['a blank before the colon', post(`Content-Length : ${body.length}\r\n`), refused],
  ['lines without CR', post(length).replaceAll('\r\n', '\n'), refused],
  ['NUL in a header', post(`X-A: a\0b\r\n${length}`), refused],
  ['a chunk size that is none', post('Transfer-Encoding: chunked\r\n', 'zz\r\n'), refused],
  ['no method', '\0\0\0\0\r\n\r\n', refused],
  ['HTTP of a version that nobody knows', 'GET /health HTTP/9.9\r\nHost: x\r\n\r\n', refused],
  ['a request line that breaks off', 'GET /hea', refused, true],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', refused],
  ['TLS', Buffer.from('16030100c8010000c40303', 'hex'), refused],
  ['no host', 'GET /health HTTP/1.1\r\n\r\n', { statuses: [400], codes: [] }],
  ['a request line of a megabyte', `GET /${'a'.repeat(1_000_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, tooLarge],
  ['a header of a megabyte', post(`X-A: ${'a'.repeat(1_000_000)}\r\n${length}`), tooLarge],
  ['ten thousand headers', post(`${'X-A: 1\r\n'.repeat(10_000)}${length}`), tooLarge],
  [
    'huge chunk extensions',
    post('Transfer-Encoding: chunked\r\n', `1;${'a'.repeat(100_000)}\r\n{\r\n0\r\n\r\n`),
    { statuses: [413], codes: ['PAYLOAD_TOO_LARGE'] },
  ],
])('%s is refused with a code, and the connection is closed', async (_, bytes, expected, end = false) => {
  const received = await send(bytes, end);
  expect(answersIn(received)).toEqual(expected);
  expect(received).toMatch(/^connection: close\r$/im);
  expect(received).not.toContain(alice.token);
});

test('a body that ends too early is refused, and nothing of it is executed', async () => {
  expect(answersIn(await send(post('Content-Length: 5000\r\n'), true))).toEqual(refused);
});

test('what stands behind a body is another request, and no part of this one', async () => {
  const received = await send(`${post(length)}GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(answersIn(received).statuses).toEqual([200, 404]);
});

test.each([
  ['bytes', '\0\0\r\n\r\n', [200, 400]],
  ['bytes behind another request', `${post(length)}\0\0\r\n\r\n`, [200, 200, 400]],
  ['a request whose body is wrong', post('Transfer-Encoding: chunked\r\n', 'zz\r\n'), [200, 400]],
])('what came whole before %s is answered first, however long it takes', async (_, bytes, statuses) => {
  const query = JSON.stringify({ query: '{ region(code: KR1) { volumes { nodes { name } } } }' });
  const whole = post(`X-Tenant-Id: ${alice.tenant}\r\nContent-Length: ${query.length}\r\n`, query);
  stack.simulator.clearRequests();
  const release = stack.simulator.hold();
  const received = send(`${whole}${bytes}`);
  await stack.simulator.waitForRequests(1);
  release();
  expect(answersIn(await received)).toEqual({ statuses, codes: ['BAD_USER_INPUT'] });
});

test('a fault in the body of a request that is answered already brings no second answer', async () => {
  const socket = connect(Number(new URL(stack.url).port), '127.0.0.1');
  socket.on('error', () => {});
  const received = text(socket);
  socket.once('data', () => socket.write('zz\r\n'));
  socket.write('POST /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
  expect(answersIn(await received)).toEqual({ statuses: [200], codes: [] });
});

test('fifty requests in one packet are answered in their order', async () => {
  const ids = Array.from({ length: 50 }, (_, index) => `nr-${index}`);
  const last = (index: number) => (index === 49 ? 'Connection: close\r\n' : '');
  const received = await send(ids.map((id, index) => post(`X-Request-Id: ${id}\r\n${last(index)}${length}`)).join(''));
  expect(Array.from(received.matchAll(/^x-request-id: (\S+)\r$/gm), ([, id]) => id)).toEqual(ids);
});

test.each([
  ['OPTIONS of everything', 'OPTIONS * HTTP/1.1', 404],
  ['TRACE', 'TRACE /graphql HTTP/1.1', 405],
  ['an encoded way out', 'GET /graphql/..%2fmetrics HTTP/1.1', 404],
  ['two slashes', 'GET //graphql HTTP/1.1', 404],
  ['parameters of a path', 'GET /graphql;x HTTP/1.1', 404],
  ['capitals', 'GET /GRAPHQL HTTP/1.1', 404],
])('%s is not found or not allowed', async (_, line, status) => {
  const received = await send(`${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(answersIn(received).statuses).toEqual([status]);
});

test.each([
  ['CONNECT', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['an upgrade', 'GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n'],
])('%s opens no tunnel', async (_, bytes) => {
  expect(await send(bytes, true)).not.toMatch(/^HTTP\/1\.1 (101|2)/);
});

test.each(['h2c', 'websocket'])('who asks for %s is answered in HTTP/1.1', async (protocol) => {
  const received = await send(post(`Connection: Upgrade, close\r\nUpgrade: ${protocol}\r\n${length}`));
  expect(answersIn(received)).toEqual({ statuses: [200], codes: [] });
});

test('who asks whether to go on is told to, and who expects anything else that it is not met', async () => {
  const received = await send(post(`Expect: 100-continue\r\nConnection: close\r\n${length}`));
  expect(answersIn(received).statuses).toEqual([100, 200]);
  expect(answersIn(await send(post(`Expect: miracles\r\nConnection: close\r\n${length}`))).statuses).toEqual([417]);
});

test('500 connections that say nothing keep nobody out', async () => {
  const { port } = new URL(stack.url);
  const sockets = Array.from({ length: 500 }, () => connect(Number(port), '127.0.0.1'));
  expect((await stack.fetch('/health')).status).toBe(200);
  for (const socket of sockets) socket.destroy();
});

test('a body that comes drop by drop is cut off', async () => {
  const socket = connect(Number(new URL(stack.url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(post('Content-Length: 5000\r\n', ''));
  const drops = setInterval(() => socket.write(' '), 200);
  const received = await text(socket);
  clearInterval(drops);
  expect(answersIn(received)).toEqual({ statuses: [408], codes: ['BAD_USER_INPUT'] });
}, 30_000);

test('a client that reads nothing of a large answer is cut off', async () => {
  const description = 'd'.repeat(20_000);
  for (let index = 0; index < 1000; index++) stack.simulator.store('kr2').addVolume(alice.tenant, { description });
  const query = '{ region(code: KR2) { volumes(first: 1000) { nodes { description } } } }';
  const sent = JSON.stringify({ query });
  const socket = connect(Number(new URL(stack.url).port), '127.0.0.1');
  const closed = new Promise<number>((resolve) => {
    socket.on('close', () => resolve(socket.bytesRead));
    socket.on('error', () => {});
  });
  socket.once('data', () => socket.pause());
  socket.write(post(`X-Tenant-Id: ${alice.tenant}\r\nContent-Length: ${sent.length}\r\n`, sent));
  await expect
    .poll(() => stack.log.join(''), { timeout: 25_000, interval: 500 })
    .toContain('"msg":"client stalled, connection closed"');
  socket.resume();
  expect(await closed).toBeLessThan(1000 * description.length);
}, 40_000);

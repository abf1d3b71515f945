import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openConnection, requestOf } from '../support/connection.ts';
import { patience } from '../support/patience.ts';
import { alice, bob, type Stack, startStack } from '../support/stack.ts';

/* What becomes of the connection when a request is answered before its body has arrived. */

let stack: Stack;
let release: () => void;
let served: Promise<unknown>;

beforeAll(async () => {
  stack = await startStack({
    environment: {
      MAX_IN_FLIGHT: '2',
      CORS_ORIGINS: 'https://console.example',
      REQUEST_TIMEOUT_MS: '60000',
      UPSTREAM_TIMEOUT_MS: '60000',
    },
  });
  // A token may have half of the places: alice's next request is turned away.
  release = stack.simulator.hold();
  served = stack.data('{ region(code: KR1) { volumes { nodes { id } } } }');
  await stack.simulator.waitForRequests(1);
});

afterAll(async () => {
  release();
  await served;
  await stack[Symbol.asyncDispose]();
});

const headOf = (...lines: string[]) => ['POST /graphql HTTP/1.1', 'Host: x', ...lines, '', ''].join('\r\n');
const json = 'Content-Type: application/json';
const origin = 'Origin: https://console.example\r\nAccess-Control-Request-Method: POST';
const early = [
  ['415', '415', headOf('Content-Type: multipart/form-data; boundary=x')],
  ['404', '404', headOf(json).replace('/graphql', '/nothing')],
  ['400 for two hosts', '400', headOf(json, 'Host: y')],
  ['503 for a token that has too many requests', '503', headOf(json, `X-Auth-Token: ${alice.token}`)],
  ['406', '406', headOf(json, 'Accept: image/png')],
  ['the answer to a preflight', '204', headOf(origin).replace('POST', 'OPTIONS')],
  ['the answer of /health', '200', headOf().replace('POST /graphql', 'GET /health')],
] as const;

describe.each(early)('after %s', (_, status, head) => {
  const withBody = (framing: string) => head.replace(/\r\n$/, `${framing}\r\n\r\n`);

  test('a body of up to 1 MiB is discarded, and the connection goes on', async () => {
    using client = openConnection(Number(new URL(stack.url).port));
    await client.send(withBody(`Content-Length: ${2 ** 20}`));
    await expect.poll(() => client.received, patience).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(client.received).not.toMatch(/^connection: close/im);
    await client.send('x'.repeat(2 ** 20));
    await client.send('GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await client.closed;
    expect(client.received).toContain('\nready\n');
  });

  test.each([
    ['a longer body', `Content-Length: ${2 ** 20 + 1}`],
    ['a chunked body', 'Transfer-Encoding: chunked'],
  ])('%s closes the connection, and what follows is not a request', async (_, framing) => {
    const socket = connect(Number(new URL(stack.url).port), '127.0.0.1');
    socket.write(withBody(framing));
    socket.once('data', () => socket.write('0\r\n\r\nGET /ready HTTP/1.1\r\nHost: x\r\n\r\n'));
    const received = await text(socket);
    expect(received).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(received).toMatch(/^connection: close\r$/im);
    expect(received).not.toContain('ready\n');
  });
});

test('a request in the same packet as the end of a refused body is not executed', async () => {
  using client = openConnection(Number(new URL(stack.url).port));
  await client.send(headOf(json, 'Transfer-Encoding: chunked'));
  await client.send(`100000\r\n${'x'.repeat(2 ** 20)}\r\n`);
  await client.send(`1\r\nx\r\n0\r\n\r\n${requestOf('{ __typename }').replace(alice.token, bob.token)}`);
  await client.closed;
  expect(client.received.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 413']);
  await stack.fetch('/ready');
  expect(stack.log.join('')).not.toContain('"operation"');
});

test('a small body that is refused because too much is on its way to the gateway is discarded too', async () => {
  // All of it would be more than 128 MiB.
  const clients = Array.from({ length: 130 }, () => openConnection(Number(new URL(stack.url).port)));
  for (const { socket } of clients)
    socket.write(`${headOf(json, `Content-Length: ${2 ** 20}`)}${'x'.repeat(2 ** 20 - 1)}`);
  const refused = () => clients.find(({ received }) => received.includes('"OVERLOADED"'));
  await expect.poll(refused, patience).toBeDefined();
  const client = refused();
  await client?.send('xGET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await client?.closed;
  expect(client?.received).toContain('\nready\n');
  for (const { socket } of clients) socket.destroy();
});

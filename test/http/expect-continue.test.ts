import { afterAll, beforeAll, expect, test } from 'vitest';
import { openConnection } from '../support/connection.ts';
import { patience } from '../support/patience.ts';
import { talk } from '../support/socket.ts';
import { alice, type Stack, startStack } from '../support/stack.ts';

/* Clients that send `Expect: 100-continue`: they are told to go on only if the body is wanted. */

let stack: Stack;
let release: () => void;
let served: Promise<unknown>;

beforeAll(async () => {
  stack = await startStack({
    environment: { MAX_IN_FLIGHT: '2', REQUEST_TIMEOUT_MS: '60000', UPSTREAM_TIMEOUT_MS: '60000' },
  });
  const list = '{ region(code: KR1) { volumes { nodes { id } } } }';
  await stack.data(list);
  stack.simulator.clearRequests();
  // A token may have half of the places: alice's next request is turned away.
  release = stack.simulator.hold();
  served = stack.data(list);
  await stack.simulator.waitForRequests(1);
});

afterAll(async () => {
  release();
  await served;
  await stack[Symbol.asyncDispose]();
});

const body = '{"query":"{ __typename }"}';
const json = 'Content-Type: application/json';
const length = `Content-Length: ${body.length}`;
const post = (...lines: string[]) =>
  ['POST /graphql HTTP/1.1', 'Host: x', 'Expect: 100-continue', ...lines, '', ''].join('\r\n');

test.each([
  ['too large', 413, post(json, 'Content-Length: 1048577')],
  ['of another type', 415, post('Content-Type: text/plain', length)],
  ['compressed', 415, post(json, 'Content-Encoding: gzip', length)],
  ['in an unknown coding', 501, post(json, 'Transfer-Encoding: gzip, chunked')],
  ['sent elsewhere', 404, post(json, length).replace('/graphql', '/nothing')],
  ['for two hosts', 400, post(json, length, 'Host: y')],
  ['one whose answer cannot be accepted', 406, post(json, length, 'Accept: image/png')],
  ['one too many', 503, post(json, length, `X-Auth-Token: ${alice.token}`)],
])('a request that is %s is refused with %i at once, and its connection closes', async (_, status, head) => {
  const [refusal, ...more] = await talk(stack.url, head);
  expect(refusal?.status).toBe(status);
  expect(refusal?.headers.get('connection')).toBe('close');
  expect(more).toEqual([]);
});

test('a client that sends the refused body all the same is answered once, and can read it', async () => {
  using client = openConnection(Number(new URL(stack.url).port));
  const failures: Error[] = [];
  client.socket.on('error', (error) => failures.push(error));
  await client.send(post(json, 'Content-Length: 8000000'));
  await client.send('x'.repeat(8_000_000));
  await client.closed;
  expect(client.received.match(/^HTTP\/1\.1 .*$/gm)).toEqual(['HTTP/1.1 413 Payload Too Large']);
  expect(failures).toEqual([]);
});

test('a body that is wanted is asked for, and the connection goes on', async () => {
  using client = openConnection(Number(new URL(stack.url).port));
  await client.send(post(json, length));
  await expect.poll(() => client.received, patience).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  await client.send(body);
  await expect
    .poll(() => client.received, patience)
    .toMatch(/HTTP\/1\.1 200 OK\r\n[\s\S]*\{"data":\{"__typename":"Query"\}\}$/);
  await client.send('GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await client.closed;
  expect(client.received).toContain('\nready\n');
});

test('a body that turns out to be too large after it was asked for is refused, and the connection closes', async () => {
  using client = openConnection(Number(new URL(stack.url).port));
  await client.send(post(json, 'Transfer-Encoding: chunked'));
  await expect.poll(() => client.received, patience).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  await client.send(`200000\r\n${'x'.repeat(2 ** 21)}\r\n`);
  await client.closed;
  expect(client.received.match(/^HTTP\/1\.1 .*$/gm)).toEqual([
    'HTTP/1.1 100 Continue',
    'HTTP/1.1 413 Payload Too Large',
  ]);
});

test('a client of HTTP/1.0 is not told to go on: it would take that for the answer', async () => {
  const [answer] = await talk(stack.url, `${post(json, length).replace('HTTP/1.1', 'HTTP/1.0')}${body}`);
  expect(answer?.status).toBe(200);
});

test('any other expectation is refused with 417', async () => {
  const head = post(json, length, 'Connection: close').replace('100-continue', 'miracles');
  expect(await talk(stack.url, `${head}${body}`)).toMatchObject([{ status: 417 }]);
});

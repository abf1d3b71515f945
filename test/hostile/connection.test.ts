import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { postOf } from '../support/post.ts';
import { alice, type Stack, startStack } from '../support/stack.ts';
import { expectUnharmed } from '../support/unharmed.ts';

/* Connections that are held by clients that send nothing whole, or never read. */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'kept' });
});

afterAll(() => stack[Symbol.asyncDispose]());

const open = ({ url }: Stack) => connect(Number(new URL(url).port), '127.0.0.1');
const head = 'POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n';

test('a thousand connections that close without a word leave nothing behind', async () => {
  const sockets = Array.from({ length: 1000 }, () => open(stack));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const [index, socket] of sockets.entries()) {
    if (index % 2 === 0) socket.destroy();
    else socket.resetAndDestroy();
  }
  await expectUnharmed(stack);
  expect((await stack.fetch('/metrics')).text).toContain('gateway_requests_in_flight 0\n');
});

/** Sends the same again and again, until the connection ends. */
function drip(socket: Socket, drop: string): void {
  const drops = setInterval(() => socket.write(drop), 250);
  socket.once('close', () => clearInterval(drops));
  // Whoever is cut off while it sends is told by a reset.
  socket.on('error', () => {});
}

/** Headers within 10 s, a sign of reading within 10; a good deal more on a busy machine. */
const enough = { timeout: 40_000 };

describe.concurrent('a connection that is held', () => {
  test.each([
    ['nothing', ''],
    ['empty lines', '\r\n'],
  ])('a connection that sends %s is cut off with 408', enough, async (_, drop) => {
    const socket = open(stack);
    if (drop !== '') drip(socket, drop);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('a reader that never reads its large answer, and goes on sending, is cut off', enough, async () => {
    const accepted: Socket[] = [];
    // The channel's messages have no type of their own.
    const remember = (message: unknown) => void accepted.push((message as { socket: Socket }).socket);
    subscribe('net.server.socket', remember);
    const socket = open(stack).pause();
    await once(socket, 'connect');
    const ofGateway = await vi.waitFor(() => {
      const found = accepted.find(({ remotePort }) => remotePort === socket.localPort);
      if (!found) throw new Error('not accepted yet');
      return found;
    });
    unsubscribe('net.server.socket', remember);
    // The page of GraphiQL is larger than what a socket takes that nobody reads.
    socket.write('GET /graphql HTTP/1.1\r\nHost: gateway\r\nAccept: text/html\r\n\r\n');
    drip(socket, '\r\n');
    await once(ofGateway, 'close');
    socket.destroy();
  });
});

test('requests whose bodies do not come take no places from those that are whole', async () => {
  await using small = await startStack({ environment: { MAX_IN_FLIGHT: '4' } });
  const slow = Array.from({ length: 8 }, () => open(small));
  for (const socket of slow) {
    // The answer to this tells that the headers have arrived.
    socket.write(`${head}Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n{`);
    await once(socket, 'data');
  }
  const answer = await small.fetch('/graphql', postOf('{ __typename }'));
  for (const socket of slow) socket.destroy();
  expect(answer).toMatchObject({ status: 200, text: '{"data":{"__typename":"Query"}}' });
});

test('after all of it the gateway answers right and had no fault of its own', () => expectUnharmed(stack));

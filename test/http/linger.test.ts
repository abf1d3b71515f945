import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { listens } from '../support/connection.ts';
import { patience } from '../support/patience.ts';
import { type Stack, startStack } from '../support/stack.ts';

/*
 * What bounds a lingering connection: one whose last answer has been written, and whose client has neither sent all of
 * its request nor closed the connection.
 */

const accepted: Socket[] = [];
// The channel's messages have no type of their own.
const remember = (message: unknown) => void accepted.push((message as { socket: Socket }).socket);

beforeAll(() => subscribe('net.server.socket', remember));
afterAll(() => void unsubscribe('net.server.socket', remember));

const head = 'POST /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';

/** Connects, with a client that does not close the connection when the gateway does. */
async function open({ url }: Stack): Promise<{ client: Socket; ofGateway: Socket }> {
  const client = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  // Whoever is cut off while it sends is told by a reset.
  client.on('error', () => {});
  await once(client, 'connect');
  const isOther = ({ localPort, remotePort }: Socket) =>
    localPort === client.remotePort && remotePort === client.localPort;
  const find = () => accepted.find(isOther);
  await expect.poll(find, patience).toBeDefined();
  // It has just been found.
  return { client, ofGateway: find() as Socket };
}

/** Has the request refused, and reads the whole answer: until the gateway has ended its side. */
async function refuse(client: Socket): Promise<string> {
  client.write(head);
  return text(client);
}

function drip(client: Socket): void {
  const drops = setInterval(() => client.write('1\r\nx\r\n'), 200);
  client.once('close', () => clearInterval(drops));
}

describe('a client that does not close a lingering connection', () => {
  test('is cut off after 16 MiB', async () => {
    await using stack = await startStack();
    const { client, ofGateway } = await open(stack);
    expect(await refuse(client)).toMatch(/^HTTP\/1\.1 404 /);
    const flood = () => {
      while (!client.destroyed && client.write(Buffer.alloc(65_536)));
    };
    client.on('drain', flood);
    flood();
    await once(ofGateway, 'close');
    expect(ofGateway.bytesRead).toBeGreaterThan(16 * 2 ** 20);
    // What comes in one read, and no more.
    expect(ofGateway.bytesRead).toBeLessThan(17 * 2 ** 20);
    client.destroy();
  });

  test('is cut off when it is silent, and later when it sends a little now and then', async () => {
    await using stack = await startStack();
    const [dripping, silent] = await Promise.all([open(stack), open(stack)]);
    drip(dripping.client);
    for (const { client } of [dripping, silent]) expect(await refuse(client)).toMatch(/^HTTP\/1\.1 404 /);
    expect(silent.ofGateway.destroyed).toBe(false);
    await once(silent.ofGateway, 'close');
    expect(dripping.ofGateway.destroyed).toBe(false);
    await once(dripping.ofGateway, 'close');
    dripping.client.destroy();
    silent.client.destroy();
  });

  test('has nothing of what it sends parsed', async () => {
    await using stack = await startStack();
    const { client, ofGateway } = await open(stack);
    await refuse(client);
    const requests: unknown[] = [];
    const count = (message: unknown) => void requests.push(message);
    subscribe('http.server.request.start', count);
    client.end('0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(ofGateway, 'close');
    unsubscribe('http.server.request.start', count);
    expect(requests).toEqual([]);
  });
});

test('at most 256 connections linger, the oldest are closed for more, and the gateway goes on', async () => {
  await using stack = await startStack();
  const opened = await Promise.all(Array.from({ length: 300 }, () => open(stack)));
  const lingering = () => opened.filter(({ ofGateway }) => !ofGateway.destroyed).length;
  const answers = await Promise.all(opened.map(({ client }) => refuse(client)));
  expect(answers.filter((answer) => !answer.startsWith('HTTP/1.1 404 '))).toEqual([]);
  expect(lingering()).toBeLessThanOrEqual(256);
  expect((await stack.fetch('/health')).status).toBe(200);
  for (const { client } of opened) client.destroy();
  await expect.poll(lingering, patience).toBe(0);
  const { client, ofGateway } = await open(stack);
  await refuse(client);
  expect(ofGateway.destroyed).toBe(false);
  client.destroy();
});

describe('closing the gateway', () => {
  test('ends lingering connections before its grace period does', async () => {
    // The grace period is half a second more.
    const stack = await startStack({ environment: { REQUEST_TIMEOUT_MS: '3000' } });
    const { client, ofGateway } = await open(stack);
    await refuse(client);
    drip(client);
    await stack[Symbol.asyncDispose]();
    expect(ofGateway.destroyed).toBe(true);
    expect(stack.log.join()).not.toContain('cut off');
    client.destroy();
  });

  test('is not delayed by a connection on which a refused body was discarded', async () => {
    const stack = await startStack({ environment: { REQUEST_TIMEOUT_MS: '1000' } });
    const { client, ofGateway } = await open(stack);
    client.write('POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n');
    await once(client, 'data');
    const sent = ofGateway.bytesRead + 100_000;
    client.write('x'.repeat(100_000));
    await expect.poll(() => ofGateway.bytesRead, patience).toBe(sent);
    await stack[Symbol.asyncDispose]();
    expect(stack.log.join()).not.toContain('cut off');
    client.destroy();
  });

  test('lets a client read its refusal that is still sending', async () => {
    const stack = await startStack();
    const { client } = await open(stack);
    const failures: Error[] = [];
    client.on('error', (error) => failures.push(error));
    client.write(head);
    await once(client, 'data');
    const closed = stack[Symbol.asyncDispose]();
    await vi.waitFor(async () => expect(await listens(Number(new URL(stack.url).port))).toBe(false), patience);
    for (let sent = 0; sent < 10; sent++)
      await new Promise((resolve) => client.write(Buffer.alloc(1_000_000), resolve));
    client.end();
    await closed;
    expect(failures).toEqual([]);
  });
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/server.ts';
import { openConnection } from '../support/connection.ts';
import { patience } from '../support/patience.ts';
import { type GatewayProcess, portOf, startOver } from '../support/process.ts';
import { openSimulator } from '../support/stack.ts';

/* A client can read why its request was refused, although it was still sending the body. */

// In a process of its own, so that it can close a connection while its client is writing.
let simulator: Simulator;
let gateway: GatewayProcess;
let port: number;

beforeAll(async () => {
  simulator = await openSimulator();
  gateway = startOver(simulator);
  port = await portOf(gateway);
});

afterAll(async () => {
  expect(gateway.output).not.toMatch(/"level":[56]0/);
  await gateway[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
});

const chunkBytes = 65_536;
const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(chunkBytes, 'x'), Buffer.from('\r\n')]);
const headOf = (...lines: string[]) => ['POST /graphql HTTP/1.1', 'Host: x', ...lines, '', ''].join('\r\n');
const json = 'Content-Type: application/json';
const chunked = 'Transfer-Encoding: chunked';
const multipart = 'Content-Type: multipart/form-data; boundary=x';

/** Sends all of it, whatever comes back meanwhile; rejects when the connection is reset. */
function exchange(...parts: (string | Buffer)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  for (const part of parts) socket.write(part);
  return text(socket);
}

/** Runs the tasks ten at a time. */
async function inTens<Result>(count: number, task: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  while (results.length < count) results.push(...(await Promise.all(Array.from({ length: 10 }, task))));
  return results;
}

/** Posts with `fetch`, and gives the status and the code of the error. */
async function refusalOf(init: RequestInit & { duplex?: 'half' }): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', ...init });
  const { errors } = JSON.parse(await response.text());
  return `${response.status} ${errors[0].extensions.code}`;
}

test('a small multipart body from fetch is refused with 415', async () => {
  const post = () => {
    const body = new FormData();
    body.set('operations', '{"query":"{ __typename }"}');
    body.set('0', new Blob(['x'.repeat(2000)]), 'a.txt');
    return refusalOf({ body });
  };
  const refusals = await Promise.all(Array.from({ length: 200 }, post));
  for (let count = 0; count < 100; count++) refusals.push(await post());
  expect(new Set(refusals)).toEqual(new Set(['415 BAD_USER_INPUT']));
});

describe('a chunked body that is too large is refused with 413', () => {
  test('by fetch', async () => {
    const post = () => {
      let count = 0;
      const body = new ReadableStream({
        pull(controller) {
          if (count++ < 40) controller.enqueue(new Uint8Array(chunkBytes).fill(120));
          else controller.close();
        },
      });
      return refusalOf({ body, duplex: 'half', headers: { 'content-type': 'application/json' } });
    };
    expect(new Set(await inTens(100, post))).toEqual(new Set(['413 PAYLOAD_TOO_LARGE']));
  });

  test('to bytes that are all sent, whatever is answered', async () => {
    const post = () => exchange(headOf(json, chunked), ...Array(100).fill(chunk), '0\r\n\r\n');
    for (const received of await inTens(50, post))
      expect(received).toMatch(/^HTTP\/1\.1 413 [\s\S]*\r\nconnection: close\r\n[\s\S]*"PAYLOAD_TOO_LARGE"/i);
  });
});

const lacksCurl = spawnSync('curl', ['--version']).error !== undefined;

describe.skipIf(lacksCurl)('curl, where it is installed, prints the refusal and exits with 0:', () => {
  const asked = ['-X', 'POST', '-H', json];

  test.each([
    ['a form', ['-F', 'operations={}'], '', 'BAD_USER_INPUT'],
    ['an upload of unknown length', [...asked, '-T', '-'], large(), 'PAYLOAD_TOO_LARGE'],
    ['the same without Expect', [...asked, '-H', 'Expect:', '-T', '-'], large(), 'PAYLOAD_TOO_LARGE'],
    ['data in chunks', [...asked, '-H', 'Expect:', '-H', chunked, '--data-binary', '@-'], large(), 'PAYLOAD_TOO_LARGE'],
    ['data of known length', [...asked, '-H', 'Expect:', '--data-binary', '@-'], large(), 'PAYLOAD_TOO_LARGE'],
  ])('%s', async (_, options, input, code) => {
    const runs = await inTens(40, () => curl(options, input));
    expect(new Set(runs)).toEqual(new Set([`exit code 0, ${code}`]));
  });

  function large(): Buffer {
    return Buffer.alloc(4_000_000, 'x');
  }

  async function curl(options: readonly string[], input: Buffer | string): Promise<string> {
    const child = spawn('curl', ['-sS', ...options, `http://127.0.0.1:${port}/graphql`]);
    // It need not read all of it.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const [printed, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return `exit code ${exitCode}, ${JSON.parse(printed).errors[0].extensions.code}`;
  }
});

test.each([
  ['a head', '431', `GET / HTTP/1.1\r\nX-A: ${'a'.repeat(8_000_000)}`],
  ['a chunk extension', '413', `${headOf(json, chunked)}1;${'a'.repeat(8_000_000)}`],
  ['bytes that are not HTTP', '400', Buffer.alloc(8_000_000)],
])('%s of 8 MB is refused with %s', async (_, status, bytes) => {
  expect(await exchange(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

test.each([
  ['a body that is too large', headOf(json, 'Content-Length: 8000000')],
  ['a body on a connection that is not kept', headOf(multipart, 'Connection: close', 'Content-Length: 800000')],
  ['a body by HTTP/1.0', headOf(multipart, 'Content-Length: 800000').replace('HTTP/1.1', 'HTTP/1.0')],
])('a client that goes on sending %s after its refusal is not reset', async (_, head) => {
  using client = openConnection(port);
  client.socket.allowHalfOpen = true;
  const failures: Error[] = [];
  client.socket.on('error', (error) => failures.push(error));
  await client.send(head);
  await expect.poll(() => client.received, patience).toMatch(/"PAYLOAD_TOO_LARGE"|"BAD_USER_INPUT"/);
  for (let part = 0; part < 8; part++) await client.send('x'.repeat(head.includes('8000000') ? 1_000_000 : 100_000));
  client.socket.end();
  await client.closed;
  expect(failures).toEqual([]);
});

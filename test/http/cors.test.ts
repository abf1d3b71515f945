import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { startServer } from '../../src/http/server.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { openConnection } from '../support/connection.ts';
import { type RawAnswer, talk } from '../support/socket.ts';
import { alice, type Stack, startStack } from '../support/stack.ts';

/* Answers that are given before the request handler runs: a page of an allowed origin can read why. */

const allowed = 'https://console.example';
const evil = 'https://evil.example';
const environment = { CORS_ORIGINS: `https://other.example, ${allowed}` };

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ environment });
});

afterAll(async () => {
  expect(stack.log.join('')).not.toMatch(/evil|console\.example|"level":[56]0/);
  await stack[Symbol.asyncDispose]();
});

const line = 'POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n';
const tooMany = `Cookie: a=${'b'.repeat(20_000)}\r\nX-Auth-Token: ${alice.token}\r\n\r\n`;
const chunked = 'Transfer-Encoding: chunked\r\n\r\n';

/** What a page of the origin could read of the answer, in short. */
function readable({ status, headers }: RawAnswer): string {
  return `${status} ${headers.get('access-control-allow-origin')}, vary ${headers.get('vary')}`;
}

/** Sends the bytes, of which one answer must come back. */
async function answerTo(bytes: string, url = stack.url): Promise<RawAnswer> {
  const answers = await talk(url, bytes);
  expect(answers).toHaveLength(1);
  // One was expected just before.
  return answers[0] as RawAnswer;
}

/** Title, status, and the bytes where the header lines given are part of the head. */
const failing: [string, number, (lines: string) => string][] = [
  ['a head that is too large', 431, (lines) => `${line}${lines}${tooMany}`],
  ['a head that is too large before its origin', 431, (lines) => `${line}${tooMany.slice(0, -2)}${lines}\r\n`],
  ['too many headers', 431, (lines) => `${line}${lines}${'a:1\r\n'.repeat(1500)}\r\n`],
  ['an address that is too long', 431, (lines) => `${line.replace('/g', `/${'g'.repeat(20_000)}`)}${lines}\r\n`],
  ['a malformed header', 400, (lines) => `${line}${lines}nonsense\r\n\r\n`],
  ['a malformed header before the origin', 400, (lines) => `${line}nonsense\r\n${lines}\r\n`],
  ['a malformed length', 400, (lines) => `${line}${lines}Content-Length: +1\r\n\r\n1`],
  ['empty lines before a malformed head', 400, (lines) => `\r\n\r\n${line}${lines}nonsense\r\n\r\n`],
  ['a malformed chunk', 400, (lines) => `${line}${lines}${chunked}zz\r\n`],
  ['a chunk extension that is too large', 413, (lines) => `${line}${lines}${chunked}1;${'a'.repeat(20_000)}\r\n`],
  ['trailers that are too large', 431, (lines) => `${line}${lines}${chunked}1\r\n{\r\n0\r\n${tooMany}`],
];

test.each(failing)('%s: a page of an allowed origin can read the answer with %i', async (_, status, bytesWith) => {
  const answer = await answerTo(bytesWith(`Origin: ${allowed}\r\n`));
  expect(readable(answer)).toBe(`${status} ${allowed}, vary Origin`);
  expect(answer.headers.get('access-control-expose-headers')).toBe('X-Request-Id, Retry-After, Traceparent, ETag');
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  expect(JSON.parse(answer.body).errors[0].extensions.code).toMatch(/^(PAYLOAD_TOO_LARGE|BAD_USER_INPUT)$/);
  for (const lines of [`Origin: ${evil}\r\n`, '']) {
    const other = await answerTo(bytesWith(lines));
    expect(readable(other)).toBe(`${status} null, vary Origin`);
    expect([...other.headers].join() + other.body).not.toContain('evil');
  }
});

test.each(failing)('%s: without CORS_ORIGINS the answer has no CORS header', async (_, status, bytesWith) => {
  await using closed = await startStack();
  expect(readable(await answerTo(bytesWith(`Origin: ${allowed}\r\n`), closed.url))).toBe(`${status} null, vary null`);
});

test('the metrics listener has no CORS', async () => {
  const config = readConfig({ PORT: '0', METRICS_PORT: '0', HOST: '127.0.0.1', ...environment });
  await using apart = await startServer(config, createLogger('silent'));
  const bytes = `${line}Origin: ${allowed}\r\n${tooMany}`;
  expect(readable(await answerTo(bytes, apart.metricsUrl))).toBe('431 null, vary null');
  expect(readable(await answerTo(bytes, apart.url))).toBe(`431 ${allowed}, vary Origin`);
});

test.each([
  ['comes twice', `Origin: ${allowed}\r\nOrigin: ${allowed}\r\n`],
  ['comes twice, once in lower case', `Origin: ${allowed}\r\norigin: ${evil}\r\n`],
  ['comes twice, once behind a bare LF', `Origin: ${allowed}\r\nX: a\nOrigin: ${evil}\r\n`],
  ['comes twice, once behind a bare CR', `Origin: ${allowed}\r\nX: a\rOrigin: ${evil}\r\n`],
  ['goes on in the next line', `Origin: ${allowed}\r\n .evil.example\r\n`],
  ['has something behind it', `Origin: ${allowed} ${evil}\r\n`],
  ['begins with an allowed one', `Origin: ${allowed}.evil.example\r\n`],
  ['is the value of X-Origin', `X-Origin: ${allowed}\r\n`],
  ['is part of the value of another header', `X: Origin: ${allowed}\r\n`],
])('an origin that %s is not allowed', async (_, lines) => {
  for (const end of [tooMany, 'nonsense\r\n\r\n'])
    expect((await answerTo(`${line}${lines}${end}`)).headers.get('access-control-allow-origin')).toBeNull();
});

test.each([
  ['no request line', `Origin: ${allowed}\r\n\r\n`],
  ['a request line of another version', `${line.replace('1.1', '1.2')}Origin: ${allowed}\r\n\r\n`],
  ['an origin only behind the head', `${line}nonsense\r\n\r\n\r\nOrigin: ${allowed}\r\n\r\n`],
])('%s: no origin is allowed', async (_, bytes) => {
  expect(readable(await answerTo(bytes))).toBe('400 null, vary Origin');
});

test('an incomplete Origin line is ignored', async () => {
  const end = `Origin: ${allowed}`;
  // The packet ends with the line, after more than the gateway takes.
  expect(readable(await answerTo(`${line}${tooMany.slice(0, -2)}${end}`))).toBe('431 null, vary Origin');
});

test('the origin of a request is not taken for that of the next on its connection', async () => {
  const query = '{"query":"{ __typename }"}';
  const first = `${line}Origin: ${allowed}\r\nContent-Length: ${query.length}\r\n\r\n${query}`;
  for (const next of ['nonsense\r\n\r\n', `${line}nonsense\r\n\r\n`, `${line}Origin: ${evil}\r\n${tooMany}`]) {
    const answers = await talk(stack.url, first + next);
    expect(answers.map(readable)).toEqual([
      `200 ${allowed}, vary Origin`,
      expect.stringMatching(/^4\d\d null, vary Origin$/),
    ]);
  }
});

describe('over several packets', () => {
  /** Sends the parts; the gateway has read each one before the next is sent. */
  async function inPackets(...parts: string[]): Promise<string> {
    const accepted: Socket[] = [];
    // The channel's messages have no type of their own.
    const remember = (message: unknown) => void accepted.push((message as { socket: Socket }).socket);
    subscribe('net.server.socket', remember);
    using client = openConnection(Number(new URL(stack.url).port));
    await once(client.socket, 'connect');
    const ofGateway = await vi.waitFor(() => {
      const found = accepted.find(({ remotePort }) => remotePort === client.socket.localPort);
      if (!found) throw new Error('not accepted yet');
      return found;
    });
    unsubscribe('net.server.socket', remember);
    let sent = 0;
    for (const part of parts) {
      await vi.waitFor(() => expect(ofGateway.bytesRead).toBe(sent));
      await client.send(part);
      sent += part.length;
    }
    await client.closed;
    return client.received;
  }

  const allowing = `access-control-allow-origin: ${allowed}\r\n`;

  test('a head whose end alone is in the packet that fails allows no origin', async () => {
    for (const parts of [
      [`${line}Origin: ${allowed}\r\n`, tooMany],
      [line, `Origin: ${allowed}\r\n${tooMany}`],
      [line.slice(0, 20), `${line.slice(20)}Origin: ${allowed}\r\nnonsense\r\n\r\n`],
    ]) {
      const received = await inPackets(...parts);
      expect(received).toMatch(/^HTTP\/1\.1 4(00|31) [\s\S]*\r\nvary: Origin\r\n/);
      expect(received).not.toContain('access-control');
    }
  });

  test('a body that fails uses the headers of its request', async () => {
    const received = await inPackets(`${line}Origin: ${allowed}\r\n${chunked}`, '5\r\n{"que\r\n', 'zz\r\n');
    expect(received).toContain('HTTP/1.1 400 Bad Request\r\n');
    expect(received).toContain(allowing);
  });

  test('a body that fails uses no origin within it', async () => {
    const inBody = `GET / HTTP/1.1\r\nOrigin: ${allowed}\r\n\r\n`;
    const received = await inPackets(`${line}Origin: ${evil}\r\n${chunked}`, `${inBody}zz\r\n`);
    expect(received).toContain('HTTP/1.1 400 Bad Request\r\n');
    expect(received).not.toContain('access-control');
  });

  test('a request that fails after one that was answered uses its own origin', async () => {
    const get = `GET /health HTTP/1.1\r\nHost: x\r\nOrigin: ${evil}\r\n\r\n`;
    const received = await inPackets(get, `${line}Origin: ${allowed}\r\n${tooMany}`);
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*alive\n[\s\S]*HTTP\/1\.1 431 /);
    expect(received).toContain(allowing);
  });
});

describe.concurrent('a request that does not come to its end', () => {
  const patience = { timeout: 40_000 };

  /** Sends what never ends, until the gateway cuts it off. */
  async function cutOff(head: string): Promise<string> {
    using client = openConnection(Number(new URL(stack.url).port));
    await client.send(head);
    await client.closed;
    return client.received;
  }

  test('a body: a page of an allowed origin can read the answer with 408', patience, async () => {
    const head = `${line}Content-Length: 100\r\n`;
    const [mine, other] = await Promise.all(
      [allowed, evil].map((origin) => cutOff(`${head}Origin: ${origin}\r\n\r\n{`)),
    );
    expect(mine).toContain('HTTP/1.1 408 Request Timeout\r\n');
    expect(mine).toContain(`vary: Origin\r\naccess-control-allow-origin: ${allowed}\r\n`);
    expect(other).toContain('HTTP/1.1 408 Request Timeout\r\n');
    expect(other).toContain('vary: Origin\r\n');
    expect(other).not.toMatch(/access-control|evil/);
  });

  test('a head: no origin is known', patience, async () => {
    const received = await cutOff(`${line}Origin: ${allowed}\r\n`);
    expect(received).toContain('HTTP/1.1 408 Request Timeout\r\n');
    expect(received).toContain('vary: Origin\r\n');
    expect(received).not.toContain('access-control');
  });
});

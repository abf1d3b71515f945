import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Simulator } from '../../src/simulator/server.ts';
import { type GatewayProcess, portOf, startOver } from '../support/process.ts';
import { alice, openSimulator } from '../support/stack.ts';
import { type Nginx, startNginx } from './nginx.ts';

/* What browsers get through nginx: TLS, HTTP/2 and compression, none of which the gateway has itself. */

const patience = { timeout: 20_000 };
const list = '{ region(code: KR1) { volumes(first: 50) { nodes { id name status size createdAt } } } }';

let simulator: Simulator;
let replicas: GatewayProcess[];
let nginx: Nginx;
let session: ClientHttp2Session;

beforeAll(async () => {
  simulator = await openSimulator();
  for (let index = 0; index < 50; index++) simulator.store('kr1').addVolume(alice.tenant, { name: `volume ${index}` });
  replicas = [startOver(simulator), startOver(simulator)];
  const [one, other] = replicas.map(portOf) as [Promise<number>, Promise<number>];
  nginx = await startNginx([await one, await other]);
  session = connect(nginx.secureOrigin, { ca: nginx.certificate });
  await once(session, 'connect');
});

afterAll(async () => {
  session?.destroy();
  for (const part of [nginx, ...(replicas ?? []), simulator]) await part?.[Symbol.asyncDispose]();
});

const identity = { 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant };

/** Sends a document as alice, over the one connection of all tests. */
function post(query: string, headers: Record<string, string> = {}): ClientHttp2Stream {
  const own = { ':method': 'POST', ':path': '/graphql', 'content-type': 'application/json' };
  return session.request({ ...own, ...identity, ...headers }).end(JSON.stringify({ query }));
}

async function answerOf(stream: ClientHttp2Stream): Promise<{ headers: IncomingHttpHeaders; body: Buffer }> {
  // The event's only typed arguments are those of all streams.
  const [[headers], body] = await Promise.all([
    once(stream, 'response') as Promise<[IncomingHttpHeaders]>,
    buffer(stream),
  ]);
  return { headers, body };
}

/** An event stream, and what has come of it so far. */
function subscribe(id: string, headers: Record<string, string> = {}) {
  const query = `subscription { volumeUpdated(id: "${id}", region: KR1) { name } }`;
  const stream = post(query, { accept: 'text/event-stream', ...headers });
  let received = '';
  let answered: IncomingHttpHeaders | undefined;
  stream.on('response', (headers) => {
    answered = headers;
  });
  stream.setEncoding('utf8').on('data', (text) => {
    received += text;
  });
  return {
    stream,
    get received() {
      return received;
    },
    get headers() {
      return answered;
    },
  };
}

test('twelve event streams and a query share one HTTP/2 connection, and each is served', async () => {
  const ids = simulator
    .store('kr1')
    .volumes(alice.tenant)
    .slice(0, 12)
    .map(({ id }) => id);
  expect(session.alpnProtocol).toBe('h2');
  const streams = ids.map((id) => subscribe(id));
  await vi.waitFor(() => {
    for (const { received } of streams)
      expect(received).toMatch(/event: next\ndata: .*"volumeUpdated":\{"name":"volume/);
  }, patience);
  const { headers, body } = await answerOf(post(list));
  expect(headers[':status']).toBe(200);
  expect(JSON.parse(body.toString()).data.region.volumes.nodes).toHaveLength(50);
  for (const { stream } of streams) {
    expect(stream.readableEnded || stream.closed).toBe(false);
    stream.close();
  }
});

test('an answer is compressed for a client that accepts it, and for no other', async () => {
  const plain = await answerOf(post(list));
  expect(plain.headers).not.toHaveProperty('content-encoding');
  for (const accept of ['application/json', 'application/graphql-response+json']) {
    const { headers, body } = await answerOf(post(list, { accept, 'accept-encoding': 'gzip' }));
    expect(headers['content-encoding']).toBe('gzip');
    expect(headers['content-type']).toContain(accept);
    expect(gunzipSync(body)).toEqual(plain.body);
    expect(body.length).toBeLessThan(plain.body.length / 2);
  }
});

test('an event stream is not compressed, and its first event comes before it ends', async () => {
  const [volume] = simulator.store('kr1').volumes(alice.tenant);
  const subscribed = subscribe(volume?.id ?? '', { 'accept-encoding': 'gzip' });
  await vi.waitFor(() => expect(subscribed.received).toContain('"volumeUpdated":'), patience);
  expect(subscribed.headers?.['content-type']).toMatch(/^text\/event-stream/);
  expect(subscribed.headers).not.toHaveProperty('content-encoding');
  expect(subscribed.stream.closed).toBe(false);
  subscribed.stream.close();
});

test('a client that has a compressed answer already gets 304 by its weak ETag', async () => {
  const get = (headers: Record<string, string>) =>
    answerOf(
      session.request({
        ':path': `/graphql?query=${encodeURIComponent(list)}`,
        ...identity,
        'accept-encoding': 'gzip',
        ...headers,
      }),
    );
  const first = await get({});
  expect(first.headers).toMatchObject({ ':status': 200, 'content-encoding': 'gzip' });
  const { etag = '' } = first.headers;
  expect(etag).toMatch(/^W\/"/);
  const { headers, body } = await get({ 'if-none-match': etag });
  expect(headers[':status']).toBe(304);
  expect(body).toHaveLength(0);
});

test('plain HTTP redirects to https, and only the path of GraphQL is public', async () => {
  const redirect = await fetch(`${nginx.redirectingOrigin}/graphql?query={__typename}`, { redirect: 'manual' });
  expect(redirect.status).toBe(301);
  expect(redirect.headers.get('location')).toBe('https://localhost/graphql?query={__typename}');
  for (const path of ['/', '/metrics', '/health', '/ready', '/graphql/x']) {
    const { headers } = await answerOf(session.request({ ':path': path }));
    expect(headers[':status'], path).toBe(404);
  }
});

import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Authority, type Certificate, createAuthority } from '../support/certificates.ts';
import { freePort } from '../support/connection.ts';
import { linesOf } from '../support/log.ts';
import { postOf } from '../support/post.ts';
import { type GatewayProcess, start } from '../support/process.ts';
import { alice } from '../support/stack.ts';

/* The log of a gateway names the cause of each way in which a region can fail. */

type Line = Record<string, unknown> & { readonly msg: string };

const linesIn = (output: string): Line[] => linesOf(output.split('\n').filter((line) => line.startsWith('{')));

const servers: Server[] = [];

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server has an address with a port.
  return (server.address() as AddressInfo).port;
}

const volumes: RequestListener = (_, response) =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end('{"volumes": []}');

const answer =
  (status: number, type: string, body: string): RequestListener =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': type }).end(body);

/** A region over TLS that would answer if the certificate were accepted. */
const secured = async (certificate: Certificate) =>
  `https://localhost:${await listen(createHttpsServer(certificate, volumes))}`;

const answering = async (listener: RequestListener) => `http://127.0.0.1:${await listen(createHttpServer(listener))}`;

const connecting = async (listener: (socket: Socket) => void) =>
  `http://127.0.0.1:${await listen(createTcpServer((socket) => listener(socket.on('error', () => {}))))}`;

/** Sends the head of an answer, and then one byte after the other without an end. */
const drip: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 50);
  response.on('close', () => clearInterval(timer));
};

interface Breakage {
  readonly endpoint: (trusted: Authority, unknown: Authority) => Promise<string>;
  /** What the log line says of the cause. */
  readonly says: Record<string, unknown>;
}

const ways: Record<string, Breakage> = {
  'an authority that is not trusted': {
    endpoint: (_, unknown) => secured(unknown.issue('localhost')),
    says: {
      cause: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      class: 'tls',
      detail: expect.stringContaining('unable to verify the first certificate'),
    },
  },
  'a certificate that has expired': {
    endpoint: (trusted) => secured(trusted.issue('localhost', { days: -1 })),
    says: { cause: 'CERT_HAS_EXPIRED', class: 'tls', detail: expect.stringContaining('certificate has expired') },
  },
  'a certificate for another name': {
    endpoint: (trusted) => secured(trusted.issue('another.example')),
    says: {
      cause: 'ERR_TLS_CERT_ALTNAME_INVALID',
      class: 'tls',
      detail: expect.stringContaining('DNS:another.example'),
    },
  },
  'a name that does not exist': {
    endpoint: async () => 'https://nowhere.invalid',
    says: { cause: 'ENOTFOUND', class: 'dns', detail: expect.stringContaining('nowhere.invalid') },
  },
  'a port at which nothing listens': {
    endpoint: async () => `http://127.0.0.1:${await freePort()}`,
    says: {
      cause: 'ECONNREFUSED',
      class: 'refused',
      detail: expect.stringContaining('connect ECONNREFUSED 127.0.0.1'),
    },
  },
  'connections that are reset': {
    endpoint: () => connecting((socket) => socket.once('data', () => socket.resetAndDestroy())),
    says: { cause: 'ECONNRESET', class: 'reset', detail: expect.stringContaining('ECONNRESET') },
  },
  'no answer': {
    endpoint: () => connecting((socket) => socket.resume()),
    says: { cause: 'HEADERS_TIMEOUT', class: 'timeout', tenant: alice.tenant },
  },
  'a body that does not end': {
    endpoint: () => answering(drip),
    says: { cause: 'BODY_TIMEOUT', class: 'timeout', tenant: alice.tenant },
  },
  'bytes that are not HTTP': {
    endpoint: () => connecting((socket) => socket.end('220 ready\r\n')),
    says: { cause: 'HTTPParserError', class: 'unreadable', detail: expect.stringContaining('HTTP') },
  },
  'a status and a type that do not exist': {
    endpoint: () => answering(answer(987, `text/${alice.token}`, '')),
    says: { cause: 'HTTP_OTHER', class: '5xx', status: 987, contentType: 'other', tenant: alice.tenant },
  },
  '500': {
    endpoint: () => answering(answer(500, 'application/json', '{"computeFault": {"code": 500, "message": ""}}')),
    says: { cause: 'HTTP_500', class: '5xx', status: 500, contentType: 'application/json', tenant: alice.tenant },
  },
  '502 with a page': {
    endpoint: () => answering(answer(502, 'text/html', '<h1>Bad Gateway</h1>')),
    says: { cause: 'HTTP_502', class: '5xx', status: 502, contentType: 'text/html' },
  },
  'a proxy that refuses': {
    endpoint: async () => 'https://behind.the.proxy.example',
    says: {
      cause: 'PROXY_403',
      class: 'proxy',
      detail: expect.stringContaining('the proxy answered CONNECT with 403'),
    },
  },
  'an endpoint of another server': {
    endpoint: () => answering(answer(404, 'text/html', '<h1>Not Found</h1>')),
    says: { cause: 'NOT_THE_API', class: 'unreadable', status: 404, contentType: 'text/html', tenant: alice.tenant },
  },
  'http to a port of TLS': {
    endpoint: () => answering(answer(400, 'text/html', '<h1>The plain HTTP request was sent to HTTPS port</h1>')),
    says: { cause: 'NOT_THE_API', class: 'unreadable', status: 400, contentType: 'text/html', tenant: alice.tenant },
  },
  'an endpoint of another API': {
    endpoint: () => answering(answer(404, 'application/json', '{"error": {"code": 404, "title": "Not Found"}}')),
    says: {
      cause: 'NOT_THE_API',
      class: 'unreadable',
      status: 404,
      contentType: 'application/json',
      tenant: alice.tenant,
    },
  },
};

describe('the log of a gateway says why a region fails', () => {
  let gateway: GatewayProcess;
  let metrics: string;
  let answers: string;

  beforeAll(async () => {
    using trusted = createAuthority();
    using unknown = createAuthority();
    const endpoints = await Promise.all(Object.values(ways).map(({ endpoint }) => endpoint(trusted, unknown)));
    const proxy = createHttpServer().on('connect', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
    gateway = start({
      HTTPS_PROXY: `http://127.0.0.1:${await listen(proxy)}`,
      NO_PROXY: 'localhost,nowhere.invalid',
      PORT: '0',
      HOST: '127.0.0.1',
      REGIONS: endpoints.map((endpoint, place) => `r${place}=${endpoint}`).join(','),
      NODE_EXTRA_CA_CERTS: trusted.certFile,
      UPSTREAM_TIMEOUT_MS: '1000',
    });
    const url = await gateway.listening;
    const response = await fetch(`${url}/graphql`, postOf('{ volumes { nodes { id } } }'));
    answers = await response.text();
    metrics = await (await fetch(`${url}/metrics`)).text();
    await vi.waitFor(() => expect(linesIn(gateway.output).at(-1)?.msg).toBe('request'), 5_000);
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    for (const server of servers) server.close();
  });

  test.each(Object.keys(ways).map((way, place) => [way, `r${place}`]))('%s', (way, region) => {
    const [first, ...more] = linesIn(gateway.output).filter(
      (line) => line.msg === 'region fails' && line.region === region,
    );
    expect(first).toEqual({ level: 40, time: expect.any(Number), msg: 'region fails', region, ...ways[way]?.says });
    expect(more).toEqual([]);
  });

  test.each(Object.keys(ways).map((way, place) => [way, `r${place}`]))(
    'the metric of calls knows its class: %s',
    (way, region) => {
      const series = metrics.split('\n').filter((line) => line.startsWith('gateway_upstream_duration_seconds_count{'));
      const classes = series
        .filter((line) => line.includes(`region="${region}"`))
        .map((line) => /class="(\w+)"/.exec(line)?.[1]);
      expect(new Set(classes)).toEqual(new Set([ways[way]?.says.class]));
    },
  );

  test('callers learn neither causes nor addresses', () => {
    expect(answers).toContain('UPSTREAM_UNAVAILABLE');
    expect(answers).not.toMatch(/localhost|127\.0\.0\.1|nowhere|ECONN|CERT|ENOTFOUND/);
  });
});

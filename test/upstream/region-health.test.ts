import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createHealth, type FailureBegin } from '../../src/upstream/health.ts';
import type { Probed } from '../../src/upstream/probe.ts';
import { startCanned } from '../support/canned.ts';
import { type Authority, type Certificate, createAuthority } from '../support/certificates.ts';
import { freePort } from '../support/connection.ts';
import { type GatewayProcess, start } from '../support/process.ts';
import { regionAt } from '../support/region.ts';
import { alice, bob, type GatewayUnderTest, startGateway } from '../support/stack.ts';

type Line = Record<string, unknown> & { readonly msg: string };

const linesOf = (output: string): Line[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

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
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant },
      body: JSON.stringify({ query: '{ volumes { nodes { id } } }' }),
    });
    answers = await response.text();
    metrics = await (await fetch(`${url}/metrics`)).text();
    await vi.waitFor(() => expect(linesOf(gateway.output).at(-1)?.msg).toBe('request'), 5_000);
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    for (const server of servers) server.close();
  });

  test.each(Object.keys(ways).map((way, place) => [way, `r${place}`]))('%s', (way, region) => {
    const [first, ...more] = linesOf(gateway.output).filter(
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

/** A gateway over one region that answers as `state` says. */
async function startChanging() {
  const state = { isWell: true, status: 500 };
  const upstream = await startCanned(({ tenant }) =>
    state.isWell || tenant === 'well' ? { body: { volumes: [] } } : { status: state.status, body: {} },
  );
  const gateway = await startGateway({ kr1: upstream.endpoint });
  return {
    state,
    list: (headers = {}) => gateway.query('{ volumes { nodes { id } } }', { headers }),
    /** The lines about the region. */
    lines: () => gateway.log.map((line): Line => JSON.parse(line)).filter(({ msg }) => msg.startsWith('region ')),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const ofBob = { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant };

describe('the lines about a region', () => {
  test('come once at the beginning of a run of failures, and once at its end', async () => {
    await using over = await startChanging();
    Object.assign(over.state, { isWell: false, status: 502 });
    await over.list();
    await over.list();
    over.state.isWell = true;
    await over.list();
    await over.list();
    expect(over.lines()).toEqual([
      expect.objectContaining({ msg: 'region fails', region: 'kr1', cause: 'HTTP_502' }),
      {
        level: 30,
        time: expect.any(Number),
        msg: 'region is well again',
        region: 'kr1',
        cause: 'HTTP_502',
        failures: 6,
        seconds: 0,
      },
    ]);
  });

  test('name the tenant if only its own calls fail', async () => {
    await using over = await startChanging();
    over.state.isWell = false;
    await over.list();
    await over.list({ 'x-tenant-id': 'well' });
    await over.list();
    over.state.isWell = true;
    await over.list({ 'x-tenant-id': 'well' });
    expect(over.lines().map(({ msg, tenant }) => [msg, tenant])).toEqual([['region fails', alice.tenant]]);
    await over.list();
    expect(over.lines().at(-1)).toMatchObject({ msg: 'region is well again', tenant: alice.tenant, failures: 2 });
  });

  test('name no tenant if two tenants fail and no call succeeds in between', async () => {
    await using over = await startChanging();
    over.state.isWell = false;
    await over.list();
    await over.list(ofBob);
    expect(over.lines().map(({ msg, tenant }) => [msg, tenant])).toEqual([
      ['region fails', alice.tenant],
      ['region fails', undefined],
    ]);
  });

  test('are not ended by a region that refuses a token', async () => {
    await using upstream = await startCanned(({ headers }) => ({
      status: headers['x-auth-token'] === 'stale' ? 401 : 500,
      body: {},
    }));
    await using gateway = await startGateway({ kr1: upstream.endpoint });
    for (const headers of [{}, ofBob, { 'x-auth-token': 'stale' }])
      await gateway.query('{ volumes { nodes { id } } }', { headers });
    expect(gateway.log.join('')).not.toContain('region is well again');
    const { text } = await gateway.fetch('/metrics');
    expect(text).toContain('gateway_upstream_failing{region="kr1",class="5xx"} 1\n');
  });

  test('are one a minute for one cause, however often a region begins to fail', async () => {
    await using over = await startChanging();
    for (let round = 0; round < 5; round++) {
      over.state.isWell = false;
      await over.list();
      over.state.isWell = true;
      await over.list();
    }
    expect(over.lines().map(({ msg }) => msg)).toEqual(['region fails', 'region is well again']);
  });

  test('come for each new cause of a region that goes on failing', async () => {
    await using over = await startChanging();
    over.state.isWell = false;
    await over.list();
    over.state.status = 501;
    await over.list();
    over.state.isWell = true;
    await over.list();
    expect(over.lines().map(({ msg, cause }) => [msg, cause])).toEqual([
      ['region fails', 'HTTP_500'],
      ['region fails', 'HTTP_501'],
      ['region is well again', 'HTTP_501'],
    ]);
  });
});

describe('the metrics of a region that is down', () => {
  /** The values of all series whose name and labels match. */
  async function seriesOf({ fetch }: Pick<GatewayUnderTest, 'fetch'>, pattern: RegExp): Promise<number> {
    const { text } = await fetch('/metrics');
    const values = text.split('\n').filter((line) => pattern.test(line));
    return values.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  const ofProbes = /^gateway_upstream_duration_seconds_count.*resource="probe".*class="refused"/;
  const ofAttempts = /^gateway_upstream_duration_seconds_count.*resource="\/volumes/;
  const ofRefusals = /^gateway_upstream_refused_total\{region="kr1",reason="open"\}/;
  const ofState = /^gateway_upstream_failing\{region="kr1",class="refused"\}/;

  test('count every attempt, calls that the breaker refuses apart, and its probes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    await using gateway = await startGateway({ kr1: `http://127.0.0.1:${await freePort()}` });
    expect(await seriesOf(gateway, ofRefusals)).toBe(0);
    await gateway.query('{ volumes { nodes { id } } }');
    expect(await seriesOf(gateway, ofAttempts)).toBe(3);
    expect(await seriesOf(gateway, ofState)).toBe(1);
    for (let round = 0; round < 10; round++) await gateway.query('{ volumes { nodes { id } } }');
    const attempts = await seriesOf(gateway, ofAttempts);
    const refused = await seriesOf(gateway, ofRefusals);
    expect(refused).toBeGreaterThan(0);
    await gateway.query('{ volumes { nodes { id } } }');
    expect(await seriesOf(gateway, ofRefusals)).toBe(refused + 1);
    expect(await seriesOf(gateway, ofAttempts)).toBe(attempts);
    expect(await seriesOf(gateway, ofProbes)).toBe(0);
    vi.advanceTimersByTime(5_000);
    await vi.waitFor(async () => expect(await seriesOf(gateway, ofProbes)).toBe(1));
  });
});

describe('after a minute', () => {
  const failed: Probed = {
    status: null,
    fault: { code: 'ECONNREFUSED', class: 'refused' },
    class: 'refused',
    milliseconds: 1,
  };
  const region = regionAt('http://127.0.0.1:1');
  const well: Probed = { status: 300, fault: null, class: '3xx', milliseconds: 1 };

  function startHealth() {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const begun: FailureBegin[] = [];
    const health = createHealth([region], { begin: (failure) => void begun.push(failure), end() {} });
    return { health, begun };
  }

  test('the next line says how many were left out', () => {
    const { health, begun } = startHealth();
    for (let round = 0; round < 4; round++) {
      if (round === 3) vi.advanceTimersByTime(60_000);
      health.noteProbe(region, failed);
      health.noteProbe(region, well);
    }
    expect(begun.map(({ suppressed }) => suppressed)).toEqual([undefined, 2]);
  });

  test('a region that nobody has called no longer counts as failing', () => {
    const { health } = startHealth();
    health.noteProbe(region, failed);
    expect(health.failing(region)).toBe('refused');
    vi.advanceTimersByTime(60_000);
    expect(health.failing(region)).toBeNull();
  });

  test('a region that began to fail within a minute, and still fails, has its line', () => {
    const { health, begun } = startHealth();
    for (const probed of [failed, well, failed, failed]) health.noteProbe(region, probed);
    expect(begun).toHaveLength(1);
    for (let round = 0; round < 3; round++) {
      vi.advanceTimersByTime(30_000);
      health.noteProbe(region, failed);
    }
    expect(begun.map(({ suppressed }) => suppressed)).toEqual([undefined, 1]);
  });

  test('a region that fails again has a line again', () => {
    const { health, begun } = startHealth();
    health.noteProbe(region, failed);
    vi.advanceTimersByTime(60_000);
    health.noteProbe(region, failed);
    expect(begun).toHaveLength(2);
  });
});

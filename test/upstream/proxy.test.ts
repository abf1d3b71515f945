import type { ServerResponse } from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type buildConnector, Client, EnvHttpProxyAgent } from 'undici';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ConfigError } from '../../src/config/config.ts';
import { isExempt } from '../../src/config/proxies.ts';
import { readConfig } from '../../src/config/read-config.ts';
import type { Region } from '../../src/regions.ts';
import { createConnector } from '../../src/upstream/connect.ts';
import { probe } from '../../src/upstream/probe.ts';
import { type CannedAnswer, type CannedRequest, startCanned } from '../support/canned.ts';
import { type Authority, type Certificate, createAuthority } from '../support/certificates.ts';
import { type ConnectProxy, startConnectProxy, type TunnelAnswer } from '../support/connect-proxy.ts';
import { alice, bob, startGateway } from '../support/stack.ts';

/* Regions that are reached through the proxy of a company. Only the proxy knows where their names lead. */

const list = '{ region(code: KR1) { volumes { nodes { name } } } }';
const create = 'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { id } } }';
const empty = { region: { volumes: { nodes: [] } } };
const name = 'kr1.company.invalid';
const password = 'secret-password-of-the-proxy';

let authority: Authority;
let certificate: Certificate;
const defaultAuthorities = getCACertificates('default');

beforeAll(() => {
  authority = createAuthority();
  certificate = authority.issue(name);
  setDefaultCACertificates([...defaultAuthorities, authority.cert]);
});

afterAll(() => {
  setDefaultCACertificates(defaultAuthorities);
  authority[Symbol.dispose]();
});

type Answer = (request: CannedRequest, response: ServerResponse) => CannedAnswer | null;

/** An https region with a name that only the proxy knows, its proxy, and what starts gateways over it. */
async function startBehindProxy(options: { answer?: Answer; scheme?: 'http' | 'https'; proxyTls?: Certificate } = {}) {
  const { answer = () => ({ body: { volumes: [] } }), scheme = 'https', proxyTls } = options;
  const region = await startCanned(answer, scheme === 'https' ? certificate : undefined);
  const proxy = await startConnectProxy(region.endpoint, proxyTls);
  const endpoint = `${scheme}://${name}`;
  const variable = scheme === 'https' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  return {
    region,
    proxy,
    gateway: (environment: Record<string, string> = {}) =>
      startGateway({ kr1: endpoint }, { ALLOW_HTTP: 'true', [variable]: proxy.url, ...environment }, [
        alice.token,
        bob.token,
        password,
        Buffer.from(`user:${password}`).toString('base64'),
        new URL(proxy.url).port,
      ]),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await region[Symbol.asyncDispose]();
    },
  };
}

/** The URL of a proxy with credentials. */
const withUser = ({ url }: ConnectProxy, user: string) => url.replace('://', `://${user}@`);

describe('a region is reached through its proxy by a tunnel', () => {
  test('with TLS from end to end, and without knowing where its name leads', async () => {
    await using behind = await startBehindProxy();
    await using gateway = await behind.gateway();
    expect(await gateway.data(list)).toEqual(empty);
    expect(behind.proxy.asked).toEqual([
      { authority: `${name}:443`, headers: expect.objectContaining({ host: `${name}:443` }) },
    ]);
    expect(behind.proxy.asked[0]?.headers).not.toHaveProperty('proxy-authorization');
    expect(behind.region.requests[0]?.headers).toMatchObject({ host: name, 'x-auth-token': alice.token });
  });

  test('that is used for the next call too', async () => {
    await using behind = await startBehindProxy();
    await using gateway = await behind.gateway();
    for (let call = 0; call < 3; call++) await gateway.data(list);
    expect(behind.proxy.asked).toHaveLength(1);
  });

  test('with the credentials of the proxy’s URL, which the region does not see', async () => {
    await using behind = await startBehindProxy();
    await using gateway = await behind.gateway({
      HTTPS_PROXY: withUser(behind.proxy, `us%40er:${password}%3A`),
    });
    await gateway.data(list);
    const credentials = Buffer.from(`us@er:${password}:`).toString('base64');
    expect(behind.proxy.asked[0]?.headers['proxy-authorization']).toBe(`Basic ${credentials}`);
    expect(behind.region.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  test('with TLS to the proxy too', async () => {
    await using behind = await startBehindProxy({ proxyTls: authority.issue('127.0.0.1') });
    await using gateway = await behind.gateway();
    expect(await gateway.data(list)).toEqual(empty);
    expect(behind.proxy.asked).toHaveLength(1);
  });

  test('if it is an http region, by HTTP_PROXY', async () => {
    await using behind = await startBehindProxy({ scheme: 'http' });
    await using gateway = await behind.gateway();
    expect(await gateway.data(list)).toEqual(empty);
    expect(behind.proxy.asked.map((asked) => asked.authority)).toEqual([`${name}:80`]);
  });

  test('when the gateway probes it', async () => {
    await using behind = await startBehindProxy();
    const [region] = configured({ HTTPS_PROXY: behind.proxy.url });
    expect((await probe(region, 10_000)).fault).toBeNull();
    expect(behind.proxy.asked).toHaveLength(1);
    behind.proxy.use(502);
    expect((await probe(region, 10_000)).fault).not.toBeNull();
    behind.proxy.use('hang');
    expect((await probe(region, 100)).fault).not.toBeNull();
  });
});

describe('which endpoint has which proxy', () => {
  const http = 'http://plain.invalid';
  const https = 'https://secure.invalid';
  const endpoints = `a=${http},b=${https}`;
  const origins = (environment: Record<string, string>) =>
    readConfig({ REGIONS: endpoints, ALLOW_HTTP: 'true', ...environment }).regions.map(({ proxy }) => proxy?.origin);

  test('HTTPS_PROXY is for https, HTTP_PROXY for http', () => {
    expect(origins({})).toEqual([undefined, undefined]);
    expect(origins({ HTTPS_PROXY: 'http://p:1' })).toEqual([undefined, 'http://p:1']);
    expect(origins({ HTTP_PROXY: 'https://p:1/' })).toEqual(['https://p:1', undefined]);
  });

  test('the lower-case name wins, and an empty variable counts as left out', () => {
    const both = { HTTPS_PROXY: 'http://upper', https_proxy: 'http://lower' };
    expect(origins(both)).toEqual([undefined, 'http://lower']);
    expect(origins({ ...both, https_proxy: '' })).toEqual([undefined, 'http://upper']);
    expect(origins({ http_proxy: 'http://lower' })).toEqual(['http://lower', undefined]);
    expect(origins({ ...both, NO_PROXY: 'elsewhere', no_proxy: '*' })).toEqual([undefined, undefined]);
  });

  test.each([
    ['', 'https://a.example', false],
    ['a.example', 'https://a.example', true],
    ['A.Example.', 'https://a.example', true],
    ['a.example', 'https://a.example.', true],
    ['a.example', 'https://b.example', false],
    ['a.example', 'https://xa.example', false],
    ['a.example', 'https://deep.a.example', true],
    ['.a.example', 'https://deep.a.example', true],
    ['.a.example', 'https://a.example', true],
    ['*.a.example', 'https://deep.a.example', true],
    ['*.a.example', 'https://a.example', false],
    ['*', 'https://a.example', true],
    ['b.example, *', 'https://a.example', true],
    ['*:8443', 'https://a.example', false],
    ['*:8443', 'https://a.example:8443', true],
    ['a.example:443', 'https://a.example', true],
    ['a.example:443', 'http://a.example', false],
    ['a.example:80', 'http://a.example', true],
    ['a.example:8776', 'https://a.example:8776', true],
    ['a.example:8776', 'https://a.example:8777', false],
    ['b.example a.example', 'https://a.example', true],
    ['b.example,\t,a.example', 'https://a.example', true],
    ['10.0.0.1', 'https://10.0.0.1', true],
    ['::1', 'https://[::1]:8443', true],
    ['[::1]', 'https://[::1]', true],
    ['[::1]:8443', 'https://[::1]:8443', true],
    ['[::1]:8443', 'https://[::1]', false],
    ['10.0.0.0/8', 'https://10.0.0.1', false],
    ['a.example:0', 'https://a.example', true],
    ['*.', 'https://a.example.', false],
    ['.', 'https://a.example', false],
    ['*example', 'https://a.example', false],
  ])('by NO_PROXY=%s %s is reached directly: %s', async (noProxy, endpoint, expected) => {
    expect(isExempt(new URL(endpoint), noProxy)).toBe(expected);
    expect(await undiciReaches(endpoint, noProxy)).toBe(expected ? 'directly' : 'through the proxy');
  });

  /** What undici does with the same value: its connectors fail with the way that it has chosen. */
  function undiciReaches(endpoint: string, noProxy: string): Promise<string> {
    const failing = (way: string) => (_: object, callback: buildConnector.Callback) => callback(new Error(way), null);
    const proxy = 'http://proxy.invalid';
    const agent = new EnvHttpProxyAgent({
      ...{ httpProxy: proxy, httpsProxy: proxy, noProxy, proxyTunnel: true },
      connect: failing('directly'),
      clientFactory: () => new Client(proxy, { connect: failing('through the proxy') }),
    });
    return agent.request({ origin: endpoint, path: '/', method: 'GET' }).then(
      () => 'not at all',
      (error: Error) => error.message,
    );
  }

  test('a region that NO_PROXY names is called directly', async () => {
    await using region = await startCanned(() => ({ body: { volumes: [] } }));
    await using proxy = await startConnectProxy(region.endpoint);
    const { port } = new URL(region.endpoint);
    const proxied = { HTTP_PROXY: proxy.url };
    await using direct = await startGateway({ kr1: region.endpoint }, { ...proxied, NO_PROXY: `127.0.0.1:${port}` });
    expect(await direct.data(list)).toEqual(empty);
    expect(proxy.asked).toHaveLength(0);
    await using other = await startGateway({ kr1: region.endpoint }, { ...proxied, NO_PROXY: '127.0.0.1:1' });
    expect(await other.data(list)).toEqual(empty);
    expect(proxy.asked).toHaveLength(1);
  });
});

describe('a proxy variable that is malformed ends the start with one line, which does not hold the value:', () => {
  const write = 'write a URL such as http://proxy.example:3128';
  const notUrl = `is not the URL of a proxy: ${write}, and percent-encode special characters in user and password`;
  const notEncoded = 'has a user or password that is not percent-encoded UTF-8: write %25 for %';
  const noScheme = `must begin with http:// or https://: ${write}`;

  test.each([
    ['without scheme', `user:${password}@proxy.example:3128`, noScheme],
    ['socks', `socks5://user:${password}@proxy.example:1080`, noScheme],
    ['a slash in the password', `http://user:1/${password}@proxy.example:3128`, notUrl],
    ['a hash in the password', `http://user:1#${password}@proxy.example:3128`, notUrl],
    ['a port that is not a number', `http://user:${password}@proxy.example:port`, notUrl],
    ['a path', `http://user:${password}@proxy.example/proxy.pac`, notUrl],
    ['no host', `http://`, notUrl],
    ['a percent sign in the password', `http://user:%${password}@proxy.example:3128`, notEncoded],
    ['a byte that is not UTF-8', `http://user:%ff${password}@proxy.example:3128`, notEncoded],
  ])('%s', (_, value, problem) => {
    for (const variable of ['HTTPS_PROXY', 'HTTP_PROXY']) {
      const start = () => readConfig({ [variable]: value });
      expect(start).toThrow(ConfigError);
      expect(start).toThrow(new ConfigError([`${variable}: ${problem}`]).message);
    }
    const inLowerCase = () => readConfig({ HTTPS_PROXY: 'http://proxy.example', https_proxy: value });
    expect(inLowerCase).toThrow(new ConfigError([`https_proxy: ${problem}`]).message);
  });

  test('a valid configuration as JSON does not contain the password', () => {
    const config = readConfig({ HTTPS_PROXY: `http://user:${password}@proxy.example:3128` });
    const credentials = Buffer.from(`user:${password}`).toString('base64');
    for (const secret of [password, credentials]) expect(JSON.stringify(config)).not.toContain(secret);
  });
});

/** The regions of a configuration with one region. */
function configured(environment: Record<string, string>): [Region] {
  const { regions } = readConfig({ REGIONS: `kr1=https://${name}`, ...environment });
  // REGIONS names one.
  return regions as unknown as [Region];
}

/** Why a connection to the region cannot be made. */
async function connectError(environment: Record<string, string>): Promise<Error & { code?: string }> {
  const [region] = configured(environment);
  const connect = createConnector(region, { callMs: 5000, connectMs: 5000 });
  const target = { host: name, hostname: name, protocol: 'https:', port: '' };
  return new Promise((resolve, reject) => {
    connect(target, (error, socket) => {
      socket?.destroy();
      if (error) resolve(error);
      else reject(new Error('a connection was made'));
    });
  });
}

describe('the error of a proxy has a code that tells it from an error of the region:', () => {
  test.each<[TunnelAnswer, string]>([
    [403, 'PROXY_403'],
    [407, 'PROXY_407'],
    [502, 'PROXY_502'],
    [301, 'PROXY_301'],
    ['close', 'PROXY_UND_ERR_SOCKET'],
    ['greet', 'PROXY_HTTPParserError'],
    ['body', 'PROXY_UNASKED_BYTES'],
  ])('if it answers CONNECT with %s, %s', async (answer, code) => {
    await using behind = await startBehindProxy();
    behind.proxy.use(answer);
    const error = await connectError({ HTTPS_PROXY: withUser(behind.proxy, `user:${password}`) });
    expect(error.code).toBe(code);
    expect(error.stack).not.toContain(password);
  });

  test('if nobody listens, PROXY_ECONNREFUSED with its cause', async () => {
    const error = await connectError({ HTTPS_PROXY: 'http://127.0.0.1:9' });
    expect(error).toMatchObject({ code: 'PROXY_ECONNREFUSED', cause: { code: 'ECONNREFUSED' } });
  });

  test('if its name is not known, the code of the lookup', async () => {
    const error = await connectError({ HTTPS_PROXY: 'http://proxy.invalid:3128' });
    expect(error.code).toMatch(/^PROXY_(ENOTFOUND|EAI_AGAIN)$/);
  });

  test('if its certificate is for another name, the code of TLS', async () => {
    await using behind = await startBehindProxy({ proxyTls: certificate });
    const error = await connectError({ HTTPS_PROXY: behind.proxy.url });
    expect(error.code).toBe('PROXY_ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('a certificate of the region for another name is an error of the region', async () => {
    await using region = await startCanned(() => ({}), authority.issue('other.invalid'));
    await using proxy = await startConnectProxy(region.endpoint);
    const error = await connectError({ HTTPS_PROXY: proxy.url });
    expect(error).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});

describe('a proxy that fails', () => {
  const unavailable = {
    message: 'Region KR1 cannot be reached. Try again later.',
    extensions: { code: 'UPSTREAM_UNAVAILABLE', region: 'KR1' },
  };

  test.each<TunnelAnswer>([403, 407, 502, 'close', 'reset'])(
    'with %s makes the region unavailable, and a write that was not sent does not have an unknown outcome',
    async (answer) => {
      await using behind = await startBehindProxy();
      await using gateway = await behind.gateway({ HTTPS_PROXY: withUser(behind.proxy, `user:${password}`) });
      behind.proxy.use(answer);
      for (const query of [list, create]) expect((await gateway.query(query)).errors).toMatchObject([unavailable]);
      const { errors } = await gateway.query(create);
      expect(errors?.[0]?.extensions).toEqual(unavailable.extensions);
      expect(behind.region.requests).toEqual([]);
    },
  );

  test('once is made up for by the retry of a read', async () => {
    await using behind = await startBehindProxy();
    await using gateway = await behind.gateway();
    behind.proxy.use(502, 1);
    expect(await gateway.data(list)).toEqual(empty);
    expect(behind.proxy.asked).toHaveLength(2);
  });

  test('that hangs costs a call its own time, and no other call anything', async () => {
    await using behind = await startBehindProxy();
    await using gateway = await behind.gateway({ UPSTREAM_TIMEOUT_MS: '3000' });
    behind.proxy.use('hang', 1);
    const hanging = gateway.query(list, { headers: { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant } });
    await vi.waitFor(() => expect(behind.proxy.asked).toHaveLength(1), 5000);
    let isOver = false;
    void hanging.finally(() => {
      isOver = true;
    });
    expect(await gateway.data(list)).toEqual(empty);
    expect(isOver).toBe(false);
    expect((await hanging).errors?.map(({ extensions }) => extensions?.code)).toEqual(['UPSTREAM_TIMEOUT']);
    // Nothing of the attempt stays.
    await vi.waitFor(() => expect(behind.proxy.hanging.map(({ destroyed }) => destroyed)).toEqual([true]), 10_000);
  });

  test.each(['http', 'https'])(
    'by breaking a tunnel leaves the outcome of the write in it unknown: %s',
    async (link) => {
      const proxyTls = link === 'https' ? { proxyTls: authority.issue('127.0.0.1') } : {};
      await using behind = await startBehindProxy({ answer: () => null, ...proxyTls });
      await using gateway = await behind.gateway();
      const write = gateway.query(create);
      await vi.waitFor(() => expect(behind.region.requests).toHaveLength(1), 5000);
      behind.proxy.tunnels[0]?.destroy();
      expect((await write).errors?.map(({ extensions }) => extensions)).toEqual([
        { code: 'UPSTREAM_UNAVAILABLE', region: 'KR1', outcomeUnknown: true },
      ]);
      expect(behind.region.requests).toHaveLength(1);
    },
  );
});

test.each(['https', 'http'] as const)(
  'an answer through a proxy that may belong to another call retires its own tunnel alone: %s',
  async (scheme) => {
    let release = () => {};
    await using behind = await startBehindProxy({
      scheme,
      answer: ({ tenant }, response) => {
        if (tenant === alice.tenant) return { body: { snapshots: [] } };
        release = () => void response.setHeader('content-type', 'application/json').end('{"volumes": []}');
        return null;
      },
    });
    await using gateway = await behind.gateway();
    const bobs = gateway.query(list, { headers: { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant } });
    await vi.waitFor(() => expect(behind.proxy.tunnels).toHaveLength(1), 5000);
    await vi.waitFor(() => expect(behind.region.requests).toHaveLength(1), 5000);
    const { errors } = await gateway.query(list);
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['UPSTREAM_ERROR']);
    const [ofBob, ofAlice] = behind.proxy.tunnels;
    await vi.waitFor(() => expect(ofAlice?.destroyed).toBe(true), 5000);
    release();
    expect(await bobs).toEqual({ data: empty });
    expect(ofBob?.destroyed).toBe(false);
  },
);

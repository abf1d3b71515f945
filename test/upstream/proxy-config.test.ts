import { type buildConnector, Client, EnvHttpProxyAgent } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config.ts';
import { isExempt } from '../../src/config/proxies.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { startCanned } from '../support/canned.ts';
import { startConnectProxy } from '../support/connect-proxy.ts';
import { startGateway } from '../support/stack.ts';
import { empty, list, password, startAuthority, stopAuthority } from './behind-proxy.ts';

/* Which endpoint has which proxy, and which values of the variables end the start. */

beforeAll(startAuthority);
afterAll(stopAuthority);

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

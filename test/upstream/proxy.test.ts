import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import type { Region } from '../../src/regions.ts';
import { createConnector } from '../../src/upstream/connect.ts';
import { probe } from '../../src/upstream/probe.ts';
import { startCanned } from '../support/canned.ts';
import { startConnectProxy, type TunnelAnswer } from '../support/connect-proxy.ts';
import { alice, bob } from '../support/stack.ts';
import {
  authority,
  certificate,
  create,
  empty,
  list,
  name,
  password,
  startAuthority,
  startBehindProxy,
  stopAuthority,
  withUser,
} from './behind-proxy.ts';

/* Regions that are reached through the proxy of a company. Only the proxy knows where their names lead. */

beforeAll(startAuthority);
afterAll(stopAuthority);

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

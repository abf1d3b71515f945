import { afterEach, describe, expect, test, vi } from 'vitest';
import { createClients } from '../../src/http/client-name.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { linesOfRequest } from '../support/log.ts';
import { bob, startStack } from '../support/stack.ts';

/* The clients that name themselves, in the log and in the metrics. */

const list = '{ region(code: KR1) { volumes { nodes { id status } } } }';

describe('the client', () => {
  const countsOf = (text: string) =>
    Object.fromEntries(
      Array.from(
        text.matchAll(/^gateway_client_requests_total{client="(.*)",version="(.*)"} (\d+)$/gm),
        ([, client, version, count]) => [`${client} ${version}`, Number(count)],
      ),
    );
  const none = { 'unknown ': 0, 'other ': 0 };

  test.each(['Apollographql', 'GraphQL'])(
    'that names itself by %s-Client-Name is logged and counted',
    async (family) => {
      await using stack = await startStack();
      const headers = { [`${family}-Client-Name`]: '@acme/console', [`${family}-Client-Version`]: '1.2.0-rc.1+7' };
      await stack.data(list, { headers: { ...headers, 'x-request-id': 'named' } });
      await stack.data(list);
      expect(linesOfRequest(stack.log, 'named')).toMatchObject([
        { client: { name: '@acme/console', version: '1.2.0-rc.1+7' } },
      ]);
      const { text } = await stack.fetch('/metrics');
      expect(countsOf(text)).toEqual({ ...none, 'unknown ': 1, '@acme/console 1.2.0-rc.1+7': 1 });
    },
  );

  test.each(['a"b', 'a\\', 'a{b}', 'a,b', '<script>', 'caf\xe9', 'x'.repeat(65), ''])(
    'named %j is dropped, and so is its version',
    async (name) => {
      await using stack = await startStack();
      const headers = { 'graphql-client-name': name, 'graphql-client-version': '1' };
      await stack.data(list, { headers: { ...headers, 'x-request-id': 'odd' } });
      expect(linesOfRequest(stack.log, 'odd')).toEqual([expect.not.objectContaining({ client: expect.anything() })]);
      expect(countsOf((await stack.fetch('/metrics')).text)).toEqual({ ...none, 'unknown ': 1 });
    },
  );

  test('may name itself on a page of an allowed origin', async () => {
    const origin = 'https://console.example';
    await using stack = await startStack({ environment: { CORS_ORIGINS: origin } });
    const asked = 'apollographql-client-name,apollographql-client-version,graphql-client-name,graphql-client-version';
    const preflight = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': asked };
    const { headers } = await stack.fetch('/graphql', { method: 'OPTIONS', headers: preflight });
    expect(headers.get('access-control-allow-headers')).toBe(asked);
  });

  test('is counted only with a token that a region has accepted', async () => {
    await using stack = await startStack();
    for (const token of ['', 'invented'])
      await stack.query(list, { headers: { 'graphql-client-name': 'junk', 'x-auth-token': token } });
    expect(countsOf((await stack.fetch('/metrics')).text)).toEqual(none);
  });

  test('of one token has a tenth of the room for names, so that others keep theirs', async () => {
    await using stack = await startStack();
    for (let version = 0; version < 12; version++)
      await stack.data(list, {
        headers: { 'graphql-client-name': 'junk', 'graphql-client-version': String(version) },
      });
    await stack.data(list, {
      headers: { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant, 'graphql-client-name': 'console' },
    });
    const counts = countsOf((await stack.fetch('/metrics')).text);
    expect(Object.keys(counts)).toHaveLength(13);
    expect(counts).toMatchObject({ 'junk 0': 1, 'junk 9': 1, 'other ': 2, 'console ': 1 });
  });

  describe('if all the room for names is taken', () => {
    afterEach(() => void vi.useRealTimers());

    test('counts as other, until a name has not been used for an hour', async () => {
      vi.useFakeTimers({ toFake: ['performance'] });
      const { registry, clients: counter } = createMetrics();
      const clients = createClients(counter);
      // Names that the metric gives itself are nobody's, and make no room.
      for (const name of ['unknown', 'other']) clients.count({ name }, 'another');
      for (let index = 0; index < 100; index++) clients.count({ name: `name${index}` }, `owner${index}`);
      clients.count({ name: 'console' }, 'another');
      vi.advanceTimersByTime(1_800_000);
      for (let index = 1; index < 100; index++) clients.count({ name: `name${index}` }, `owner${index}`);
      vi.advanceTimersByTime(1_800_000);
      for (const name of ['console', 'late']) clients.count({ name }, 'another');
      const counts = countsOf(await registry.metrics());
      expect(Object.keys(counts)).toHaveLength(102);
      expect(counts).toMatchObject({ 'name1 ': 2, 'console ': 1, 'other ': 4, 'unknown ': 0 });
      expect(counts).not.toHaveProperty('name0 ');
    });
  });
});

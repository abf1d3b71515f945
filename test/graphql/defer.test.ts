import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental';
import { describe, expect, test, vi } from 'vitest';
import { postOf } from '../support/post.ts';
import { alice, type Stack, startStack } from '../support/stack.ts';

/* The fast regions first: what is marked with `@defer` comes when it is there. */

const byRegion = `{
  fast: region(code: KR1) { volumes { nodes { name } } }
  ... @defer(label: "slow") { slow: region(code: KR2) { volumes { nodes { name } } } }
}`;

async function startThree(): Promise<Stack> {
  const stack = await startStack();
  for (const code of ['kr1', 'kr2']) stack.simulator.store(code).addVolume(alice.tenant, { name: `of ${code}` });
  return stack;
}

const volumesOf = (code: string) => ({ volumes: { nodes: [{ name: `of ${code}` }] } });

function send(stack: Stack, accept: string, query = byRegion, headers: Record<string, string> = {}) {
  return fetch(`${stack.url}/graphql`, postOf(query, { accept, ...headers }));
}

/** Parts as RFC 2046 has them, each as soon as it is whole. */
async function* partsOf(response: Response): AsyncGenerator<Record<string, unknown>, void, void> {
  const boundary = /^multipart\/mixed; boundary="([^"]+)"/.exec(response.headers.get('content-type') ?? '')?.[1];
  expect(boundary).toBeTruthy();
  let text = '';
  for await (const bytes of response.body ?? []) {
    text += Buffer.from(bytes).toString();
    const pieces = text.split(`\r\n--${boundary}`);
    text = pieces.pop() ?? '';
    for (const piece of pieces) {
      const [head = '', body = ''] = piece.split('\r\n\r\n');
      if (body === '') continue;
      expect(head).toMatch(/content-type: application\/json; charset=utf-8/i);
      yield JSON.parse(body);
    }
  }
  expect(text).toMatch(/^--\s*$/);
}

describe('a client that accepts parts', () => {
  test('has the fast region while the slow one is waited for, which was asked at the same time', async () => {
    await using stack = await startThree();
    const release = stack.simulator.inject({ region: 'kr2', kind: 'delay', ms: 300 });
    const response = await send(stack, 'multipart/mixed;incrementalSpec=v0.2, application/json');
    const parts = partsOf(response);
    expect((await parts.next()).value).toEqual({
      data: { fast: volumesOf('kr1') },
      pending: [{ id: '0', path: [], label: 'slow' }],
      hasNext: true,
    });
    expect(stack.simulator.requests.map(({ region, done }) => [region, done])).toEqual([
      ['kr1', true],
      ['kr2', false],
    ]);
    expect(await Array.fromAsync(parts)).toEqual([
      { incremental: [{ id: '0', data: { slow: volumesOf('kr2') } }], completed: [{ id: '0' }], hasNext: false },
    ]);
    release();
  });

  test('is told an error of a deferred region with it, as every error is', async () => {
    await using stack = await startThree();
    stack.simulator.inject({ region: 'kr2', kind: 'status', status: 403 });
    const response = await send(stack, 'multipart/mixed');
    const parts = await Array.fromAsync(partsOf(response));
    expect(parts.at(-1)).toMatchObject({
      incremental: [
        {
          data: { slow: { volumes: null } },
          errors: [{ path: ['slow', 'volumes'], extensions: { code: 'FORBIDDEN', region: 'KR2' } }],
        },
      ],
      hasNext: false,
    });
    await vi.waitFor(() => expect(stack.log.join('')).toContain('"errorCodes":["FORBIDDEN"],"msg":"stream ended"'));
  });

  test('is shown the calls with the last part where it asks for them', async () => {
    await using stack = await startThree();
    const parts = await Array.fromAsync(
      partsOf(await send(stack, 'multipart/mixed', byRegion, { 'x-gateway-trace': '1' })),
    );
    expect(parts.map((part) => 'extensions' in part)).toEqual([false, true]);
    expect(parts[1]).toMatchObject({ extensions: { upstream: [{ region: 'kr1' }, { region: 'kr2' }] } });
  });

  test('is answered in the format of August 2022 where it names that', async () => {
    await using stack = await startThree();
    const parts = await Array.fromAsync(
      partsOf(await send(stack, 'multipart/mixed;deferSpec=20220824, application/json')),
    );
    expect(parts).toEqual([
      { data: { fast: volumesOf('kr1') }, hasNext: true },
      { incremental: [{ data: { slow: volumesOf('kr2') }, path: [], label: 'slow' }], hasNext: false },
    ]);
  });

  test('has them as events where it accepts an event stream alone', async () => {
    await using stack = await startThree();
    const response = await send(stack, 'text/event-stream');
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = (await response.text()).match(/^data: .+$/gm) ?? [];
    expect(events.map((event) => JSON.parse(event.slice(6)).hasNext)).toEqual([true, false]);
  });

  test('that leaves while a region is waited for closes the socket to it', async () => {
    await using stack = await startThree();
    stack.simulator.inject({ region: 'kr2', kind: 'hang' });
    const response = await send(stack, 'multipart/mixed');
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await vi.waitFor(() => expect(stack.simulator.requests.at(-1)).toMatchObject({ region: 'kr2', aborted: true }));
    await vi.waitFor(async () =>
      expect((await stack.fetch('/metrics')).text).toContain('gateway_requests_in_flight 0\n'),
    );
  });

  test('has one JSON answer to a query that defers nothing', async () => {
    await using stack = await startThree();
    const response = await send(stack, 'multipart/mixed, application/json', '{ regions { code } }');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });
});

test.each(['application/json', '*/*', 'application/graphql-response+json'])(
  'a client that accepts %s has all of it in one JSON answer',
  async (accept) => {
    await using stack = await startThree();
    const response = await send(stack, accept);
    expect(response.headers.get('content-type')).toMatch(/^application\/(graphql-response\+)?json/);
    expect(await response.json()).toEqual({ data: { fast: volumesOf('kr1'), slow: volumesOf('kr2') } });
  },
);

describe('what is deferred', () => {
  const hidden = 'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { id ... @,defer { status } } } }';

  test.each(['multipart/mixed, application/json', 'text/event-stream, application/json', 'application/json'])(
    'in a change is done once, however it is written, for a client that accepts %s',
    async (accept) => {
      await using stack = await startStack();
      const text = await (await send(stack, accept, hidden)).text();
      expect(text).toContain('"status":"CREATING"');
      expect(stack.calls()).toEqual(['POST /volumes']);
    },
  );

  test('keeps the place of its request until all of it is there, as events too', async () => {
    await using stack = await startThree();
    stack.simulator.inject({ region: 'kr2', kind: 'hang' });
    const response = await send(stack, 'text/event-stream');
    await response.body?.getReader().read();
    const { text } = await stack.fetch('/metrics');
    expect(text).toContain('gateway_requests_in_flight 1\n');
    expect(text).toContain('gateway_streams 0\n');
  });

  test('is no answer without end: what is larger than an answer may be is refused', async () => {
    await using stack = await startStack();
    const description = 'x'.repeat(255);
    for (let row = 0; row < 1000; row++) stack.simulator.store('kr1').addVolume(alice.tenant, { description });
    const aliases = Array.from({ length: 150 }, (_, index) => `a${index}: description`).join(' ');
    const query = `{ region(code: KR1) { code ... @defer { volumes(first: 1000) { nodes { ${aliases} } } } } }`;
    const parts = await Array.fromAsync(partsOf(await send(stack, 'multipart/mixed', query)));
    expect(parts[0]).toMatchObject({ data: { region: { code: 'KR1' } } });
    expect(parts.slice(1)).toMatchObject([{ errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] }]);
  });
});

describe('Apollo Client', () => {
  test.each([
    ['the current format', new GraphQL17Alpha9Handler()],
    ['the format of August 2022', new Defer20220824Handler()],
  ])('shows the fast region first, in %s', async (_, incrementalHandler) => {
    await using stack = await startThree();
    const release = stack.simulator.inject({ region: 'kr2', kind: 'delay', ms: 300 });
    const client = new ApolloClient({
      link: new HttpLink({
        uri: `${stack.url}/graphql`,
        headers: { 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant },
      }),
      cache: new InMemoryCache(),
      // Apollo's own types do not fit each other under exactOptionalPropertyTypes.
      incrementalHandler: incrementalHandler as NonNullable<ApolloClient.Options['incrementalHandler']>,
    });
    const shown: unknown[] = [];
    const done = Promise.withResolvers<void>();
    client.watchQuery({ query: gql(byRegion) }).subscribe(({ data, dataState }) => {
      if (data)
        shown.push(JSON.parse(JSON.stringify(data, (key, value) => (key === '__typename' ? undefined : value))));
      if (dataState === 'complete') done.resolve();
    });
    await done.promise;
    expect(shown).toEqual([{ fast: volumesOf('kr1') }, { fast: volumesOf('kr1'), slow: volumesOf('kr2') }]);
    client.stop();
    release();
  });
});

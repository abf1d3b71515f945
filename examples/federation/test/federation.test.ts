import { afterAll, beforeAll, expect, test } from 'vitest';
import { alice, type Stack, startStack } from '../../../test/support/stack.ts';
import { compose } from '../compose.ts';
import { startRouter } from '../router.ts';
import type { Served } from '../serve.ts';
import { startTags } from '../tags.ts';

/* The gateway in a company's graph, behind a real Hive Gateway. */

let stack: Stack;
let tags: Served;
let router: Served;

beforeAll(async () => {
  stack = await startStack({ environment: { FEDERATION: 'true' } });
  for (const code of ['kr1', 'jp1']) stack.simulator.store(code).addVolume(alice.tenant, { name: `of ${code}` });
  const { volumes } = await stack.data('{ volumes { nodes { id } } }');
  tags = await startTags({ important: volumes.nodes.map(({ id }: { id: string }) => id) });
  router = await startRouter(await compose({ block_storage: `${stack.url}/graphql`, tags: tags.url }));
});

afterAll(async () => {
  await router?.[Symbol.asyncDispose]();
  await tags?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

async function ask(query: string, headers: Record<string, string> = {}) {
  const answer = await fetch(router.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tenant-id': alice.tenant, ...headers },
    body: JSON.stringify({ query }),
  });
  return answer.json();
}

/** The HTTP statuses of what the gateway has answered, from a line of its log on. */
function statusesSince(line: number): number[] {
  const lines = stack.log.slice(line).map((text) => JSON.parse(text));
  return lines.filter(({ msg }) => msg === 'request').map(({ status }) => status);
}

const credentials = { 'x-auth-token': alice.token };

test('what another subgraph refers to is filled in here, with the token of the caller', async () => {
  stack.simulator.clearRequests();
  const query = '{ tags { name volumes { name status volumeType { name } region { code } } } }';
  const { data, errors } = await ask(query, credentials);
  expect(errors).toBeUndefined();
  expect(data.tags).toMatchObject([
    {
      name: 'important',
      volumes: expect.arrayContaining([
        { name: 'of kr1', status: 'AVAILABLE', volumeType: { name: 'General HDD' }, region: { code: 'KR1' } },
        expect.objectContaining({ name: 'of jp1', region: { code: 'JP1' } }),
      ]),
    },
  ]);
  expect(stack.calls().toSorted()).toEqual([
    'GET /types',
    'GET /types',
    expect.stringMatching(/^GET \/volumes\/[0-9a-f-]{36}$/),
    expect.stringMatching(/^GET \/volumes\/[0-9a-f-]{36}$/),
  ]);
  expect(new Set(stack.simulator.requests.map(({ headers }) => headers['x-auth-token']))).toEqual(
    new Set([alice.token]),
  );
});

test('what another subgraph adds to a volume is answered with it, in a list of all regions', async () => {
  const { data, errors } = await ask('{ volumes { nodes { name tags { name } } } }', credentials);
  expect(errors).toBeUndefined();
  expect(data.volumes.nodes).toHaveLength(2);
  for (const { tags } of data.volumes.nodes) expect(tags).toEqual([{ name: 'important' }]);
});

test('an error keeps its code on its way to the client', async () => {
  const { data, errors } = await ask('{ tags { volumes { name } } }', { 'x-auth-token': 'of-nobody' });
  expect(data.tags[0].volumes).toEqual([{ name: null }, { name: null }]);
  expect(errors[0].extensions.code).toBe('UNAUTHENTICATED');
});

test('Hive Gateway reads the data and the code of a partial answer', async () => {
  const before = stack.log.length;
  const { data, errors } = await ask('{ regions { code } volume(id: "nonsense", region: KR1) { id } }', credentials);
  expect(data).toEqual({ regions: [{ code: 'KR1' }, { code: 'KR2' }, { code: 'JP1' }], volume: null });
  expect(errors).toMatchObject([{ path: ['volume'], extensions: { code: 'BAD_USER_INPUT' } }]);
  expect(statusesSince(before)).toEqual([294]);
});

test('Hive Gateway reads the code of a request that is refused, and keeps what another subgraph answered', async () => {
  const before = stack.log.length;
  // What a DateTime may be only the gateway knows.
  const query = '{ tags { name } volumes(filter: { createdAfter: "yesterday" }) { totalCount } }';
  const { data, errors } = await ask(query, credentials);
  expect(data).toEqual({ tags: [{ name: 'important' }], volumes: null });
  expect(errors).toMatchObject([{ path: ['volumes'], extensions: { code: 'BAD_USER_INPUT' } }]);
  expect(statusesSince(before)).toEqual([422]);
});

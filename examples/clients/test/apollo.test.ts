import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client';
import { expect, test, vi } from 'vitest';
import { createApolloClient, followVolumes } from '../apollo.ts';
import {
  createVolume,
  deleteVolume,
  deletionOfNothing,
  nextOf,
  node,
  partly,
  refused,
  regions,
  summary,
  volumesPage,
  volumeUpdated,
} from './documents.ts';
import { startGateway, tenant, token } from './gateway.ts';

const patience = { timeout: 10_000 };

test('Apollo Client reads, with the token and the tenant in its headers', async () => {
  await using gateway = await startGateway();
  const client = createApolloClient(gateway.url, token, tenant);
  const { data } = await client.query({ query: summary });
  expect(data?.storageSummary.total.count).toBe(gateway.uuids().length);
});

test('Apollo Client reads to the end of a list with fetchMore, every row once', async () => {
  await using gateway = await startGateway();
  const client = createApolloClient(gateway.url, token, tenant);
  const first = { query: volumesPage, variables: { first: 60 } };
  await client.query(first);
  // What a component shows that watches the first page: fetchMore puts the others behind it.
  const shown = () => client.readQuery(first)?.volumes;
  let pages = 1;
  for (let after = nextOf(shown()); after; after = nextOf(shown())) {
    await client.watchQuery(first).fetchMore({ variables: { after } });
    pages++;
  }
  expect(pages).toBeGreaterThan(3);
  expect(
    shown()
      ?.edges.map((edge) => edge.node.uuid)
      .sort(),
  ).toEqual(gateway.uuids());
});

test('Apollo Client creates a volume, is told when it is there, reads it again by its id and deletes it', async () => {
  await using gateway = await startGateway();
  const client = createApolloClient(gateway.url, token, tenant);
  const created = await client.mutate({ mutation: createVolume, variables: { name: 'of Apollo' } });
  const id = created.data?.createVolume.volume.id ?? '';
  const told: string[] = [];
  await client.subscribe({ query: volumeUpdated, variables: { id } }).forEach(({ data }) => {
    told.push(data?.volumeUpdated.status ?? '');
    if (told.length === 1) gateway.finishCreation('of Apollo');
  });
  expect(told).toEqual(['CREATING', 'AVAILABLE']);
  // What was told is in the cache, under the volume's id.
  expect(client.extract()).toMatchObject({ [`Volume:${id}`]: { status: 'AVAILABLE' } });
  const deleted = await client.mutate({ mutation: deleteVolume, variables: { id } });
  expect(deleted.data?.deleteVolume.deletedVolumeId).toBe(id);
  const again = await client.query({ query: node, variables: { id }, fetchPolicy: 'network-only' });
  expect(again.data?.node).toMatchObject({ id, name: 'of Apollo', status: 'DELETING' });
});

test('a list in the cache of Apollo Client is kept up to date by one stream', async () => {
  await using gateway = await startGateway();
  const client = createApolloClient(gateway.url, token, tenant);
  const list = { query: volumesPage, variables: { first: 1000 } };
  let uuids: string[] = [];
  const shown = client.watchQuery(list).subscribe(({ data }) => {
    uuids = data?.volumes?.edges?.flatMap((edge) => edge?.node?.uuid ?? []) ?? [];
  });
  const follower = followVolumes(client, () => void client.refetchQueries({ include: 'active' }));
  await vi.waitFor(() => expect(uuids.toSorted()).toEqual(gateway.uuids()), patience);
  const uuid = gateway.addVolume('beside Apollo');
  await vi.waitFor(() => expect(uuids).toContain(uuid), patience);
  gateway.finishCreation('beside Apollo');
  const names = () => JSON.stringify(client.extract());
  await vi.waitFor(() => expect(names()).toMatch(/beside Apollo","status":"AVAILABLE"/), patience);
  gateway.removeVolume(uuid);
  await vi.waitFor(() => expect(uuids).not.toContain(uuid), patience);
  follower.unsubscribe();
  shown.unsubscribe();
});

test.each([
  ['as it is', {}],
  ['that accepts plain JSON', { accept: 'application/json' }],
])('an error keeps its code in Apollo Client %s', async (_, headers) => {
  await using gateway = await startGateway();
  const link = new HttpLink({
    uri: gateway.url,
    headers: { 'X-Auth-Token': token, 'X-Tenant-Id': tenant, ...headers },
  });
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const error = await client.mutate({ mutation: deletionOfNothing, variables: {} }).catch((reason) => reason);
  expect(CombinedGraphQLErrors.is(error) && error.errors).toMatchObject([
    { path: ['deleteVolume'], extensions: { code: 'NOT_FOUND', region: 'KR1' } },
  ]);
});

test('Apollo Client reads the data and the code of a partial answer', async () => {
  await using gateway = await startGateway();
  const client = createApolloClient(gateway.url, token, tenant);
  const { data, error } = await client.query({ query: partly, errorPolicy: 'all' });
  expect(data).toMatchObject({ regions: [{ code: 'KR1' }, { code: 'KR2' }, { code: 'JP1' }], volume: null });
  expect(CombinedGraphQLErrors.is(error) && error.errors).toMatchObject([
    { path: ['volume'], extensions: { code: 'BAD_USER_INPUT' } },
  ]);
  expect(gateway.statuses).toEqual([294]);
});

test('Apollo Client reads the code of a request that is refused', async () => {
  await using gateway = await startGateway();
  const client = createApolloClient(gateway.url, token, tenant);
  const error = await client.query({ query: refused }).catch((reason: unknown) => reason);
  expect(CombinedGraphQLErrors.is(error) && error.errors).toMatchObject([
    { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  ]);
  expect(gateway.statuses).toEqual([422]);
});

test('what the gateway refuses before it is GraphQL keeps its code in Apollo Client', async () => {
  await using gateway = await startGateway();
  const client = createApolloClient(gateway.url, token, tenant);
  const error = await client
    .query({ query: node, variables: { id: 'x'.repeat(2 ** 20) } })
    .catch((reason: unknown) => reason);
  expect(CombinedGraphQLErrors.is(error) && error.errors).toMatchObject([
    { extensions: { code: 'PAYLOAD_TOO_LARGE' } },
  ]);
});

test('an error of a subscription keeps its code in Apollo Client', async () => {
  await using gateway = await startGateway();
  const known = await createApolloClient(gateway.url, token, tenant).query({
    query: volumesPage,
    variables: { first: 1 },
  });
  const id = known.data?.volumes.edges[0]?.node.id ?? '';
  const client = createApolloClient(gateway.url, 'no-such-token', tenant);
  const codes: unknown[] = [];
  await client.subscribe({ query: volumeUpdated, variables: { id } }).forEach(({ error }) => {
    if (CombinedGraphQLErrors.is(error)) codes.push(error.errors[0]?.extensions?.code);
  });
  expect(codes).toEqual(['UNAUTHENTICATED']);
});

test('where no identity is given, what needs none is answered all the same', async () => {
  await using gateway = await startGateway();
  const client = createApolloClient(gateway.url, '', '');
  const { data } = await client.query({ query: regions });
  expect(data?.regions.map(({ code }) => code)).toEqual(['KR1', 'KR2', 'JP1']);
});

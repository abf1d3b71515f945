import { readFile } from 'node:fs/promises';
import { buildSchema, isObjectType } from 'graphql';
import { expect, test, vi } from 'vitest';
import { createUrqlClient, embedded } from '../urql.ts';
import {
  createVolume,
  deleteVolume,
  deletionOfNothing,
  nextOf,
  node,
  partly,
  refused,
  summary,
  volumesChanged,
  volumesPage,
  volumeUpdated,
} from './documents.ts';
import { startGateway, tenant, token } from './gateway.ts';

const patience = { timeout: 10_000 };

test('urql reads, with the token and the tenant in its headers', async () => {
  await using gateway = await startGateway();
  const client = createUrqlClient(gateway.url, token, tenant);
  const { data } = await client.query(summary, {});
  expect(data?.storageSummary.total.count).toBe(gateway.uuids().length);
});

test('a list in the cache of urql is kept up to date by one stream', async () => {
  await using gateway = await startGateway();
  const client = createUrqlClient(gateway.url, token, tenant);
  let uuids: string[] = [];
  const shown = client.query(volumesPage, { first: 1000 }).subscribe(({ data }) => {
    uuids = data?.volumes.edges.map((edge) => edge.node.uuid) ?? [];
  });
  const follower = client.subscription(volumesChanged, {}).subscribe(() => {});
  await vi.waitFor(() => expect(uuids.toSorted()).toEqual(gateway.uuids()), patience);
  const uuid = gateway.addVolume('beside urql');
  await vi.waitFor(() => expect(uuids).toContain(uuid), patience);
  gateway.removeVolume(uuid);
  await vi.waitFor(() => expect(uuids).not.toContain(uuid), patience);
  follower.unsubscribe();
  shown.unsubscribe();
});

test('urql reads to the end of a list, every row once, and its cache has the pages as one', async () => {
  await using gateway = await startGateway();
  const client = createUrqlClient(gateway.url, token, tenant);
  let pages = 0;
  let after: string | null = null;
  do {
    const { data } = await client.query(volumesPage, { first: 60, after });
    after = nextOf(data?.volumes);
    pages++;
  } while (after);
  expect(pages).toBeGreaterThan(3);
  const all = client.readQuery(volumesPage, { first: 60 });
  expect(all?.data?.volumes.edges.map((edge) => edge.node.uuid).sort()).toEqual(gateway.uuids());
});

test('urql creates a volume, is told when it is there, reads it again by its id and deletes it', async () => {
  await using gateway = await startGateway();
  const client = createUrqlClient(gateway.url, token, tenant);
  const created = await client.mutation(createVolume, { name: 'of urql' });
  const id = created.data?.createVolume.volume.id ?? '';
  await client.query(node, { id });
  const told: (string | undefined)[] = [];
  // When a subscription is complete urql repeats its last result, without `hasNext`.
  client.subscription(volumeUpdated, { id }).subscribe(({ data, hasNext }) => {
    if (hasNext) told.push(data?.volumeUpdated.status);
  });
  await vi.waitFor(() => expect(told).toEqual(['CREATING']), patience);
  gateway.finishCreation('of urql');
  await vi.waitFor(() => expect(told).toEqual(['CREATING', 'AVAILABLE']), patience);
  // What was told is in the cache, under the volume's id, and so in what was read before.
  expect(client.readQuery(node, { id })?.data?.node?.status).toBe('AVAILABLE');
  const deleted = await client.mutation(deleteVolume, { id });
  expect(deleted.data?.deleteVolume.deletedVolumeId).toBe(id);
  const again = await client.query(node, { id }, { requestPolicy: 'network-only' });
  expect(again.data?.node).toMatchObject({ id, name: 'of urql', status: 'DELETING' });
});

test('an error keeps its code in urql', async () => {
  await using gateway = await startGateway();
  const client = createUrqlClient(gateway.url, token, tenant);
  const { error } = await client.mutation(deletionOfNothing, {});
  expect(error?.graphQLErrors).toMatchObject([
    { path: ['deleteVolume'], extensions: { code: 'NOT_FOUND', region: 'KR1' } },
  ]);
});

test('urql reads the data and the code of a partial answer', async () => {
  await using gateway = await startGateway();
  const { data, error } = await createUrqlClient(gateway.url, token, tenant).query(partly, {});
  expect(data).toMatchObject({ regions: [{ code: 'KR1' }, { code: 'KR2' }, { code: 'JP1' }], volume: null });
  expect(error?.graphQLErrors).toMatchObject([{ path: ['volume'], extensions: { code: 'BAD_USER_INPUT' } }]);
  expect(gateway.statuses).toEqual([294]);
});

test('urql reads the code of a request that is refused', async () => {
  await using gateway = await startGateway();
  const { error } = await createUrqlClient(gateway.url, token, tenant).query(refused, {});
  expect(error?.graphQLErrors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
  expect(gateway.statuses).toEqual([422]);
});

test('urql is told of every type of the schema that has no id', async () => {
  const schema = buildSchema(await readFile(new URL('../../../schema/schema.graphql', import.meta.url), 'utf8'));
  const without = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.getFields().id)
    .map(({ name }) => name)
    // Of these graphcache knows, or keeps none.
    .filter((name) => !/^(__|Query$|Mutation$|Subscription$|PageInfo$)|(Connection|Edge|Payload)$/.test(name));
  expect(embedded).toEqual(without.sort());
});

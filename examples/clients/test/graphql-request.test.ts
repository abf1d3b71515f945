import { ClientError } from 'graphql-request';
import { expect, test } from 'vitest';
import { allVolumes, createRequestClient } from '../graphql-request.ts';
import { createVolume, deleteVolume, deletionOfNothing, node, partly, refused, summary } from './documents.ts';
import { startGateway, tenant, token } from './gateway.ts';

test('graphql-request reads, with the token and the tenant in its headers', async () => {
  await using gateway = await startGateway();
  const client = createRequestClient(gateway.url, token, tenant);
  const { storageSummary } = await client.request(summary);
  expect(storageSummary.total.count).toBe(gateway.uuids().length);
});

test('graphql-request reads to the end of a list in a loop, every row once', async () => {
  await using gateway = await startGateway();
  const client = createRequestClient(gateway.url, token, tenant);
  const ids = await Array.fromAsync(allVolumes(client, 60), ({ id }) => id);
  expect(ids).toHaveLength(gateway.uuids().length);
  expect(new Set(ids).size).toBe(ids.length);
});

test('graphql-request creates a volume, deletes it and reads it again by its id', async () => {
  await using gateway = await startGateway();
  const client = createRequestClient(gateway.url, token, tenant);
  const { id } = (await client.request(createVolume, { name: 'of graphql-request' })).createVolume.volume;
  gateway.finishCreation('of graphql-request');
  expect(await client.request(deleteVolume, { id })).toEqual({ deleteVolume: { deletedVolumeId: id } });
  const again = await client.request(node, { id });
  expect(again.node).toMatchObject({ id, name: 'of graphql-request', status: 'DELETING' });
});

test('an error keeps its code in graphql-request', async () => {
  await using gateway = await startGateway();
  const client = createRequestClient(gateway.url, token, tenant);
  const error: unknown = await client.request(deletionOfNothing, {}).catch((reason: unknown) => reason);
  expect(error instanceof ClientError && error.response.errors).toMatchObject([
    { path: ['deleteVolume'], extensions: { code: 'NOT_FOUND', region: 'KR1' } },
  ]);
});

test('graphql-request reads the data and the code of a partial answer', async () => {
  await using gateway = await startGateway();
  const client = createRequestClient(gateway.url, token, tenant);
  const error: unknown = await client.request(partly, {}).catch((reason: unknown) => reason);
  expect(error instanceof ClientError && error.response).toMatchObject({
    data: { regions: [{ code: 'KR1' }, { code: 'KR2' }, { code: 'JP1' }], volume: null },
    errors: [{ path: ['volume'], extensions: { code: 'BAD_USER_INPUT' } }],
  });
  expect(gateway.statuses).toEqual([294]);
});

test('graphql-request reads the code of a request that is refused', async () => {
  await using gateway = await startGateway();
  const client = createRequestClient(gateway.url, token, tenant);
  const error: unknown = await client.request(refused, {}).catch((reason: unknown) => reason);
  expect(error instanceof ClientError && error.response.errors).toMatchObject([
    { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  ]);
  expect(gateway.statuses).toEqual([422]);
});

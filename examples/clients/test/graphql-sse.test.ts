import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { print } from 'graphql';
import { createClient } from 'graphql-sse';
import { expect, test } from 'vitest';
import { createEventClients, request, volumeStatuses } from '../graphql-sse.ts';
import { createVolume, deleteVolume, deletionOfNothing, node, partly, refused, summary } from './documents.ts';
import { startGateway, tenant, token } from './gateway.ts';

test('graphql-sse reads, with the token and the tenant in its headers', async () => {
  await using gateway = await startGateway();
  const { requests } = createEventClients(gateway.url, token, tenant);
  const count = gateway.uuids().length;
  expect(await request(requests, print(summary))).toMatchObject({ data: { storageSummary: { total: { count } } } });
});

test('graphql-sse creates a volume, is told when it is there, reads it again by its id and deletes it', async () => {
  await using gateway = await startGateway();
  const { subscriptions, requests } = createEventClients(gateway.url, token, tenant);
  const created = await request<{ createVolume: { volume: { id: string } } }>(requests, print(createVolume), {
    name: 'of graphql-sse',
  });
  const id = created.data?.createVolume.volume.id ?? '';
  const told: string[] = [];
  for await (const status of volumeStatuses(subscriptions, id, ['AVAILABLE'])) {
    told.push(status);
    if (told.length === 1) gateway.finishCreation('of graphql-sse');
  }
  expect(told).toEqual(['CREATING', 'AVAILABLE']);
  expect(await request(requests, print(deleteVolume), { id })).toEqual({
    data: { deleteVolume: { deletedVolumeId: id } },
  });
  expect(await request(requests, print(node), { id })).toMatchObject({ data: { node: { id, status: 'DELETING' } } });
});

test('graphql-sse opens a stream anew that came to its age, and is told what the volume is then', async () => {
  await using gateway = await startGateway({ STREAM_LIFETIME_MS: '1000' });
  const { requests } = createEventClients(gateway.url, token, tenant);
  const created = await request<{ createVolume: { volume: { id: string } } }>(requests, print(createVolume), {
    name: 'watched',
  });
  let connections = 0;
  const client = createClient({
    url: gateway.url,
    headers: { 'X-Auth-Token': token, 'X-Tenant-Id': tenant },
    on: { connected: () => void connections++ },
  });
  const told: string[] = [];
  for await (const status of volumeStatuses(client, created.data?.createVolume.volume.id ?? '', ['AVAILABLE'])) {
    told.push(status);
    if (connections === 2) gateway.finishCreation('watched');
  }
  expect(told).toEqual(['CREATING', 'CREATING', 'AVAILABLE']);
});

test('an error keeps its code in graphql-sse', async () => {
  await using gateway = await startGateway();
  const { subscriptions, requests } = createEventClients(gateway.url, token, tenant);
  expect(await request(requests, print(deletionOfNothing))).toMatchObject({
    errors: [{ path: ['deleteVolume'], extensions: { code: 'NOT_FOUND', region: 'KR1' } }],
  });
  await expect(volumeStatuses(subscriptions, 'nonsense', []).next()).rejects.toMatchObject({
    errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
  });
});

test('graphql-sse reads the data and the code of a partial answer from a stream, whose status is 200', async () => {
  await using gateway = await startGateway();
  const { requests } = createEventClients(gateway.url, token, tenant);
  expect(await request(requests, print(partly))).toMatchObject({
    data: { regions: [{ code: 'KR1' }, { code: 'KR2' }, { code: 'JP1' }], volume: null },
    errors: [{ path: ['volume'], extensions: { code: 'BAD_USER_INPUT' } }],
  });
  expect(gateway.statuses).toEqual([200]);
});

test('graphql-sse reads the code of a request that is refused from a stream, whose status is 200', async () => {
  await using gateway = await startGateway();
  const { requests } = createEventClients(gateway.url, token, tenant);
  expect(await request(requests, print(refused))).toMatchObject({
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
  expect(gateway.statuses).toEqual([200]);
});

test('a mutation that gets no answer is sent once by graphql-sse as it is set up here', async () => {
  let requests = 0;
  const server = createServer((request) => {
    requests++;
    request.socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an address with a port.
  const { port } = server.address() as AddressInfo;
  const clients = createEventClients(`http://127.0.0.1:${port}`, token, tenant);
  await expect(request(clients.requests, print(createVolume), { name: 'once' })).rejects.toThrow();
  server.close();
  expect(requests).toBe(1);
});

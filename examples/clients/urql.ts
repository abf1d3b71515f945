import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { createClient } from 'graphql-sse';

/** Types without `id`: their objects are kept within what they belong to, and graphcache wants to be told so. */
export const embedded = `DeleteSnapshotResult DeleteVolumeResult ImageUpload NamedTotals OperationError RegionFailure
  RegionTotals Server StatusTotals StorageSummary StorageTotals VolumeEncryption VolumeLink VolumeReplication`.split(
  /\s+/,
);

const lists = { volumes: relayPagination(), snapshots: relayPagination() };

export function createUrqlClient(url: string, token: string, tenant: string): Client {
  const headers = { 'X-Auth-Token': token, 'X-Tenant-Id': tenant };
  const events = createClient({ url, headers });
  return new Client({
    url,
    fetchOptions: { headers },
    exchanges: [
      cacheExchange({
        keys: Object.fromEntries(embedded.map((type) => [type, () => null])),
        resolvers: { Query: lists, Region: lists },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables = {} }) => ({
          subscribe: (sink) => ({ unsubscribe: events.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
}

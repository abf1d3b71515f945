import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { type Cache, cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { createClient } from 'graphql-sse';

/** Types without `id`: their objects are kept within what they belong to, and graphcache wants to be told so. */
export const embedded = `DeleteSnapshotResult DeleteVolumeResult ImageUpload NamedTotals OperationError RegionFailure
  RegionTotals Server SnapshotChanges StatusTotals StorageSummary StorageTotals VolumeChanges
  VolumeEncryption VolumeLink VolumeReplication`.split(/\s+/);

/** Types whose `id` is that of the object that has changed. */
const changes = ['SnapshotChange', 'VolumeChange'];

const lists = { volumes: relayPagination(), snapshots: relayPagination() };

interface VolumeChanges {
  readonly changes: readonly { readonly kind: 'ADDED' | 'UPDATED' | 'REMOVED'; readonly id: string }[];
  readonly refetch: readonly string[];
}

/** Updated rows are in the cache by now. Lists are read again when a stream begins, also after a gap, and for new rows. */
function volumesChanged(result: { volumesChanged?: unknown }, _args: unknown, cache: Cache): void {
  // The document asks for these fields; the error of a stream comes without data.
  const changed = result.volumesChanged as VolumeChanges | null;
  if (!changed) return;
  for (const { kind, id } of changed.changes) if (kind === 'REMOVED') cache.invalidate({ __typename: 'Volume', id });
  const hasNew = changed.changes.some(({ kind }) => kind === 'ADDED');
  if (!hasNew && changed.changes.length > 0 && changed.refetch.length === 0) return;
  for (const { fieldName, arguments: args } of cache.inspectFields('Query'))
    if (fieldName === 'volumes') cache.invalidate('Query', fieldName, args);
}

export function createUrqlClient(url: string, token: string, tenant: string): Client {
  const headers = { 'X-Auth-Token': token, 'X-Tenant-Id': tenant };
  const events = createClient({ url, headers });
  return new Client({
    url,
    fetchOptions: { headers },
    exchanges: [
      cacheExchange({
        keys: Object.fromEntries([...embedded, ...changes].map((type) => [type, () => null])),
        resolvers: { Query: lists, Region: lists },
        updates: { Subscription: { volumesChanged } },
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

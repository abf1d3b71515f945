import { type ApolloCache, InMemoryCache, isReference, type Reference } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';

export function createCache(): InMemoryCache {
  return new InMemoryCache({
    typePolicies: {
      Query: {
        fields: {
          // A list is another one when any of these differs; `first` and `after` only say which part of it.
          volumes: relayStylePagination(['regions', 'orderBy', 'filter']),
        },
      },
    },
  });
}

/** A list of volumes as the cache keeps it. */
interface StoredList {
  readonly totalCount?: number | null;
  readonly edges: readonly { readonly node: Reference }[];
}

/** Takes a volume that is gone out of every list. */
export function removeVolume(cache: ApolloCache, id: string): void {
  const ref = cache.identify({ __typename: 'Volume', id });
  if (!ref) return;
  cache.batch({
    update() {
      cache.modify({
        fields: {
          // relayStylePagination leaves out edges whose volume is gone, but knows nothing of the count.
          volumes(list: StoredList | Reference | null) {
            if (!list || isReference(list) || !list.totalCount) return list;
            if (!list.edges.some(({ node }) => node.__ref === ref)) return list;
            return { ...list, totalCount: list.totalCount - 1 };
          },
        },
      });
      cache.evict({ id: ref });
      cache.gc();
    },
  });
}

/** Takes a snapshot that is gone out of its volume: the cache leaves it out of `nodes` by itself. */
export function removeSnapshot(cache: ApolloCache, id: string): void {
  const ref = cache.identify({ __typename: 'Snapshot', id });
  if (!ref) return;
  cache.evict({ id: ref });
  cache.gc();
}

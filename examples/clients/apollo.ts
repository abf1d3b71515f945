import {
  ApolloClient,
  ApolloLink,
  gql,
  HttpLink,
  InMemoryCache,
  Observable,
  type TypedDocumentNode,
} from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode, print } from 'graphql';
import { createClient, type Sink } from 'graphql-sse';

// It merges `edges`, and overwrites `nodes` with those of the last page: ask for `edges` where you page with `fetchMore`.
const everywhere = relayStylePagination(['regions', 'orderBy', 'filter']);
const inOneRegion = relayStylePagination(['orderBy', 'filter']);

export function createApolloClient(url: string, token: string, tenant: string): ApolloClient {
  const headers = { 'X-Auth-Token': token, 'X-Tenant-Id': tenant };
  const events = createClient({ url, headers });
  const subscriptions = new ApolloLink(
    ({ query, variables }) =>
      new Observable<ApolloLink.Result>((sink: Sink) => events.subscribe({ query: print(query), variables }, sink)),
  );
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      subscriptions,
      new HttpLink({ uri: url, headers }),
    ),
    cache: new InMemoryCache({
      typePolicies: {
        Query: { fields: { volumes: everywhere, snapshots: everywhere } },
        Region: { fields: { volumes: inOneRegion, snapshots: inOneRegion } },
      },
    }),
  });
}

interface VolumesChanged {
  readonly volumesChanged: {
    readonly changes: readonly { readonly kind: 'ADDED' | 'UPDATED' | 'REMOVED'; readonly id: string }[];
    readonly refetch: readonly string[];
  } | null;
}

const volumesChanged: TypedDocumentNode<VolumesChanged, Record<string, never>> = gql`
  subscription {
    volumesChanged {
      changes { kind id volume { id name status size } }
      refetch
    }
  }
`;

/**
 * Keeps volumes in the cache up to date. Returns a subscription: call its `unsubscribe` at the end.
 * @param onStale reads lists again, such as `() => client.refetchQueries({ include: [volumes] })`. Called when a stream begins, also
 * after a gap, and when there are new rows.
 */
export function followVolumes(client: ApolloClient, onStale: () => void) {
  return client.subscribe({ query: volumesChanged }).subscribe(({ data }) => {
    const { changes = [], refetch = [] } = data?.volumesChanged ?? {};
    // Updated rows are in the cache by now.
    for (const { kind, id } of changes) if (kind === 'REMOVED') client.cache.evict({ id: `Volume:${id}` });
    client.cache.gc();
    const hasNew = changes.some(({ kind }) => kind === 'ADDED');
    if (hasNew || changes.length === 0 || refetch.length > 0) onStale();
  });
}

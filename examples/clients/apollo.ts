import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable } from '@apollo/client';
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

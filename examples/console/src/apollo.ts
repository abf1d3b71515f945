import { ApolloClient, ApolloLink, HttpLink } from '@apollo/client';
import { OperationTypeNode } from 'graphql';
import { createCache } from './cache.ts';
import { createEventStreamLink } from './event-stream.ts';
import { headersOf, type Identity } from './identity.ts';

const url = '/graphql';

/** A client with a cache of its own for each identity, so that nobody sees what another one has read. */
export function createApolloClient(identity: Identity): ApolloClient {
  const headers = headersOf(identity);
  return new ApolloClient({
    cache: createCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      createEventStreamLink(url, headers),
      new HttpLink({ uri: url, headers }),
    ),
  });
}

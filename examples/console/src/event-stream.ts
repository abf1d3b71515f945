import { ApolloLink, Observable } from '@apollo/client';
import { print } from 'graphql';
import { createClient } from 'graphql-sse';

/** Subscriptions over server-sent events. It connects anew by itself when a stream is cut off. */
export function createEventStreamLink(url: string, headers: Record<string, string>): ApolloLink {
  const client = createClient({ url, headers });
  return new ApolloLink(
    ({ query, variables, operationName }) =>
      new Observable((observer) =>
        client.subscribe<Record<string, unknown>, Record<string, unknown>>(
          { query: print(query), variables, ...(operationName ? { operationName } : {}) },
          {
            next: ({ data, errors, extensions }) =>
              observer.next({
                ...(data === undefined ? {} : { data }),
                ...(errors ? { errors: errors.map((error) => error.toJSON()) } : {}),
                ...(extensions ? { extensions } : {}),
              }),
            error: (error) => observer.error(error),
            complete: () => observer.complete(),
          },
        ),
      ),
  );
}

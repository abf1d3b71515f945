import { createClient, type Sink } from 'graphql-sse';
import { Environment, type GraphQLResponse, Network, Observable, RecordSource, Store } from 'relay-runtime';

// In the first type a partial answer (294) and a refusal (422) have statuses of their own.
const accept = 'application/graphql-response+json, application/json;q=0.9';

export function createRelayEnvironment(url: string, token: string, tenant: string): Environment {
  const headers = { 'X-Auth-Token': token, 'X-Tenant-Id': tenant };
  const events = createClient({ url, headers });
  return new Environment({
    network: Network.create(
      async ({ text }, variables) => {
        const response = await fetch(url, {
          method: 'POST',
          headers: { ...headers, Accept: accept, 'Content-Type': 'application/json' },
          body: JSON.stringify({ query: text, variables }),
        });
        return response.json();
      },
      ({ text }, variables) =>
        Observable.create<GraphQLResponse>((sink: Sink) => events.subscribe({ query: text ?? '', variables }, sink)),
    ),
    store: new Store(new RecordSource()),
    // The `id` of a bulk deletion's result and of a change is that of the volume or snapshot, not their own.
    getDataID: ({ id }, type) => (/^Delete\w+Result$|Change$/.test(type) ? null : id),
  });
}

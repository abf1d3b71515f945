import { type Client, createClient, type ExecutionResult } from 'graphql-sse';

export function createEventClients(url: string, token: string, tenant: string) {
  const options = { url, headers: { 'X-Auth-Token': token, 'X-Tenant-Id': tenant } };
  // What gets no answer it sends again, up to five times: right for subscriptions, wrong for a mutation.
  return { subscriptions: createClient(options), requests: createClient({ ...options, retryAttempts: 0 }) };
}

const watchVolume = `subscription ($id: ID!, $until: [VolumeStatus!]) {
  volumeUpdated(id: $id, until: $until) { id status }
}`;

/** A volume's statuses as they come. Cut off, the stream is opened anew, and the status is told again as it is then. */
export async function* volumeStatuses(client: Client, id: string, until: readonly string[]) {
  const results = client.iterate<{ volumeUpdated: { status: string } | null }>({
    query: watchVolume,
    variables: { id, until },
  });
  for await (const { data, errors } of results) {
    if (errors) throw new AggregateError(errors, errors[0]?.message);
    yield data?.volumeUpdated?.status ?? 'DELETED';
  }
}

/** Queries and mutations work over the same stream: it has one result. */
export async function request<Data>(
  client: Client,
  query: string,
  variables = {},
): Promise<ExecutionResult<Data, unknown>> {
  for await (const result of client.iterate<Data>({ query, variables })) return result;
  throw new Error('there was no answer');
}

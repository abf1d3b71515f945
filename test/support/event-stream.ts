import { createClient, type ExecutionResult, NetworkError } from 'graphql-sse';
import { alice, type GatewayUnderTest } from './stack.ts';

/** What graphql-sse hears of one subscription. */
export interface Subscribed extends AsyncDisposable {
  /** Every result so far. */
  readonly results: readonly ExecutionResult<Record<string, unknown>, unknown>[];
  /** Resolves when the server says that it is complete, rejects when the client gives up. */
  readonly ended: Promise<void>;
  /** How often it had connected; more than once where it was cut off. */
  readonly connections: number;
}

export interface SubscribeOptions {
  readonly variables?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  /** How often it connects anew when it is cut off; not at all if left out. */
  readonly retryAttempts?: number;
}

/** Subscribes as alice. */
export function subscribe(
  gateway: Pick<GatewayUnderTest, 'url'>,
  query: string,
  options: SubscribeOptions = {},
): Subscribed {
  const results: ExecutionResult<Record<string, unknown>, unknown>[] = [];
  let connections = 0;
  const client = createClient({
    url: `${gateway.url}/graphql`,
    headers: { 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant, ...options.headers },
    retryAttempts: options.retryAttempts ?? 0,
    retry: async () => {},
    on: { connected: () => void connections++ },
  });
  const ended = Promise.withResolvers<void>();
  const { variables } = options;
  client.subscribe(
    { query, ...(variables ? { variables } : {}) },
    {
      next: (result) => void results.push(result),
      error: (error) =>
        ended.reject(error instanceof NetworkError ? error : new Error('no network error', { cause: error })),
      complete: ended.resolve,
    },
  );
  // Who is not interested in the end must not be told of it.
  ended.promise.catch(() => {});
  return {
    results,
    ended: ended.promise,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      client.dispose();
    },
  };
}

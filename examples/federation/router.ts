import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { type Served, serve } from './serve.ts';

/** Hive Gateway over a supergraph. What says on whose behalf a request is goes to this gateway, and to no other subgraph. */
export async function startRouter(supergraph: string, port = 0): Promise<Served> {
  const router = createGatewayRuntime({
    supergraph,
    propagateHeaders: {
      fromClientToSubgraphs({ request, subgraphName }) {
        if (subgraphName !== 'block_storage') return;
        const credentials = [...request.headers].filter(([name]) =>
          /^(authorization|x-auth-token|x-tenant-id)/.test(name),
        );
        return Object.fromEntries(credentials);
      },
    },
    logging: 'error',
  });
  const served = await serve((request, response) => void router(request, response), port);
  return {
    url: served.url,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await router[Symbol.asyncDispose]();
    },
  };
}

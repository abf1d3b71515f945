import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';

export interface RunningRouter extends AsyncDisposable {
  readonly url: string;
}

/** Hive Gateway over a supergraph. What says on whose behalf a request is goes to this gateway, and to no other subgraph. */
export async function startRouter(supergraph: string, port = 0): Promise<RunningRouter> {
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
  const server = createServer((request, response) => void router(request, response));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    // A listening TCP server has an address of this shape.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await router[Symbol.asyncDispose]();
    },
  };
}

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** GraphQL over HTTP, as long as it is not disposed of. */
export interface Served extends AsyncDisposable {
  readonly url: string;
}

/** @param port any free one if left out. */
export async function serve(listener: RequestListener, port = 0): Promise<Served> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    // A listening TCP server has an address of this shape.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

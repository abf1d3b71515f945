import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { Simulator } from '../../src/simulator/server.ts';
import { postOf } from '../support/post.ts';
import { startOver } from '../support/process.ts';

/* A collector of spans, and the gateway as a process that sends them to it. */

export interface CollectedSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: SpanStatusCode;
  readonly parent: string | null;
  readonly traceId: string;
  readonly spanId: string;
}

export interface Collector extends AsyncDisposable {
  readonly url: string;
  /** Every span so far. */
  readonly spans: CollectedSpan[];
}

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const server = createServer((request, response) => {
    void text(request).then((sent) => {
      spans.push(...JSON.parse(sent));
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server always has an address of this shape.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const register = fileURLToPath(new URL('../fixtures/register-sdk.mjs', import.meta.url));

export function startTraced(simulator: Simulator, { url }: Collector, environment: Record<string, string> = {}) {
  const sdk = { NODE_OPTIONS: `--import ${register}`, COLLECTOR_URL: url };
  return startOver(simulator, { POLL_INTERVAL_MS: '100', ...sdk, ...environment });
}

export function post(url: string, query: string, headers: Record<string, string> = {}) {
  return fetch(`${url}/graphql`, postOf(query, headers));
}

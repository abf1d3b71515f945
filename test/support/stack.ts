import assert from 'node:assert/strict';
import type { Config } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { startServer } from '../../src/http/server.ts';
import {
  type SimulatedRegion,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/simulator/server.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

/** The tenants of the tests. Their tokens must be found in no log line and no answer. */
export const alice = { token: 'secret-token-of-alice', tenant: '6cdebe3eb0094910bc41f1d42ebe4cb7' };
export const bob = { token: 'secret-token-of-bob', tenant: 'c0e5e63026e449e6b7e94c779021d150' };

export interface GraphQLAnswer<Data> {
  readonly data?: Data;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Record<string, unknown>;
  }[];
  readonly extensions?: Record<string, unknown>;
}

/** How a request differs from alice's usual one. */
export interface RequestOptions {
  readonly variables?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** A gateway that listens, and whoever talks to it. */
export interface GatewayUnderTest extends AsyncDisposable {
  readonly url: string;
  /** Every line logged so far. */
  readonly log: readonly string[];
  /** Sends a query as alice; any other answer than HTTP 200 with JSON is a failure. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says by its assertions what it expects of an answer
  query<Data = any>(query: string, options?: RequestOptions): Promise<GraphQLAnswer<Data>>;
  /** The same, when the answer must hold no errors. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  data<Data = any>(query: string, options?: RequestOptions): Promise<Data>;
  /** Any request; its answer's text is searched for tokens too. */
  fetch(path: string, init?: RequestInit): Promise<{ status: number; headers: Headers; text: string }>;
}

/** Starts a gateway over the endpoints given. */
export async function startGateway(
  endpoints: Readonly<Record<string, string>>,
  environment: Record<string, string> = {},
  secrets: readonly string[] = [alice.token, bob.token],
): Promise<GatewayUnderTest> {
  const log: string[] = [];
  const config: Config = readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    INTROSPECTION: 'true',
    GRAPHIQL: 'true',
    GATEWAY_TRACE: 'true',
    LOG_LEVEL: 'trace',
    REGIONS: Object.entries(endpoints)
      .map(([code, endpoint]) => `${code}=${endpoint}`)
      .join(','),
    // So that the whole suite can be run without it.
    ...(process.env.EARLY_CUTOFF === undefined ? {} : { EARLY_CUTOFF: process.env.EARLY_CUTOFF }),
    ...environment,
  });
  const server = await startServer(config, createLogger(config.logLevel, { write: (line) => void log.push(line) }));
  const answers: string[] = [];

  async function fetchText(path: string, init?: RequestInit) {
    const response = await fetch(server.url + path, init);
    const text = await response.text();
    answers.push(JSON.stringify([...response.headers]), text);
    return { status: response.status, headers: response.headers, text };
  }

  async function query<Data>(query: string, options: RequestOptions = {}): Promise<GraphQLAnswer<Data>> {
    const { status, text } = await fetchText('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-auth-token': alice.token,
        'x-tenant-id': alice.tenant,
        ...options.headers,
      },
      body: JSON.stringify({ query, variables: options.variables }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    assert.equal(status, 200, text);
    return JSON.parse(text);
  }

  return {
    url: server.url,
    log,
    query,
    async data(text, options) {
      const { data, errors } = await query(text, options);
      assert.deepEqual(errors ?? [], []);
      // Without errors there is data.
      return data as never;
    },
    fetch: fetchText,
    async [Symbol.asyncDispose]() {
      await server.close();
      for (const secret of secrets) {
        const found = [...log, ...answers].find((text) => text.includes(secret));
        assert.ok(!found, `a token was found in: ${found}`);
      }
    },
  };
}

/** A simulator and a gateway over it. */
export interface Stack extends GatewayUnderTest {
  readonly simulator: Simulator;
  /** `method path` of every REST call since the last `simulator.clearRequests()`, without the tenant. */
  calls(): string[];
}

const threeRegions: readonly SimulatedRegion[] = [{ code: 'kr1' }, { code: 'kr2' }, { code: 'jp1' }];

/** Three regions that know alice and bob, if nothing else is said. */
export function openSimulator(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  return startSimulator({
    regions: threeRegions,
    tokens: { [alice.token]: alice.tenant, [bob.token]: bob.tenant },
    ...options,
  });
}

export async function startStack(
  options: Partial<SimulatorOptions> & { readonly environment?: Record<string, string> } = {},
): Promise<Stack> {
  const { environment, ...simulated } = options;
  const simulator = await openSimulator(simulated);
  const gateway = await startGateway(simulator.endpoints, environment);
  return {
    ...gateway,
    simulator,
    calls: () => simulator.requests.map(({ method, path }) => `${method} ${path.replace(/^\/v2\/[^/]+/, '')}`),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
    },
  };
}

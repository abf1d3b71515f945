import { readConfig } from '../../../src/config/read-config.ts';
import { startServer } from '../../../src/http/server.ts';
import { DEMO_REGIONS, DEMO_TOKENS } from '../../../src/simulator/demo.ts';
import { startSimulator } from '../../../src/simulator/server.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';

export const token = 'demo-token';
export const tenant = DEMO_TOKENS[token];

/** A gateway that listens, over the demo's rows. */
export interface Gateway extends AsyncDisposable {
  /** Where it takes GraphQL. */
  readonly url: string;
  /** The HTTP statuses of its answers so far, in order. */
  readonly statuses: readonly number[];
  /** The UUIDs of all volumes of the tenant, in order. */
  uuids(): readonly string[];
  /** Lets the creation of a volume of KR1 come to its end. */
  finishCreation(name: string): void;
  /** Makes a volume of KR1 beside the gateway. Returns its UUID. */
  addVolume(name: string): string;
  /** Takes a volume of KR1 away. */
  removeVolume(uuid: string): void;
}

export async function startGateway(environment: Readonly<Record<string, string>> = {}): Promise<Gateway> {
  const simulator = await startSimulator({
    regions: DEMO_REGIONS.map((code) => ({ code })),
    tokens: DEMO_TOKENS,
    seed: true,
    // Longer than any test takes: a creation ends when the test has seen it going on, and not before.
    changeAfterMs: 600_000,
  });
  const endpoints = Object.entries(simulator.endpoints).map(([code, endpoint]) => `${code}=${endpoint}`);
  const config = readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    POLL_INTERVAL_MS: '20',
    REGIONS: endpoints.join(','),
    ...environment,
  });
  const statuses: number[] = [];
  const log = {
    write(line: string) {
      const { msg, status } = JSON.parse(line);
      if (msg === 'request') statuses.push(status);
    },
  };
  const server = await startServer(config, createLogger(config.logLevel, log));
  return {
    url: `${server.url}/graphql`,
    statuses,
    uuids: () =>
      DEMO_REGIONS.flatMap((code) =>
        simulator
          .store(code)
          .volumes(tenant)
          .map(({ id }) => id),
      ).sort(),
    addVolume: (name) => simulator.store('kr1').addVolume(tenant, { name, status: 'creating' }).id,
    removeVolume: (uuid) => simulator.store('kr1').remove(uuid),
    finishCreation(name) {
      const store = simulator.store('kr1');
      const row = store.volumes(tenant).find((volume) => volume.name === name);
      if (!row) throw new Error(`There is no volume ${name} in KR1`);
      store.setStatus(row.id, 'available');
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await simulator[Symbol.asyncDispose]();
    },
  };
}

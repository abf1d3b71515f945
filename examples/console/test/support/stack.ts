import { readConfig } from '../../../../src/config/read-config.ts';
import { startServer } from '../../../../src/http/server.ts';
import { DEMO_REGIONS, DEMO_TOKENS } from '../../../../src/simulator/demo.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../../src/simulator/server.ts';
import { createLogger } from '../../../../src/telemetry/logger.ts';

export const identity = { token: 'demo-token', tenant: DEMO_TOKENS['demo-token'] };

/** Simulated regions and a gateway over them. */
export interface Stack extends AsyncDisposable {
  readonly url: string;
  readonly simulator: Simulator;
  /** A figure of `/metrics`. */
  readonly metric: (name: string) => Promise<number>;
}

/** @param options its `environment` is the gateway’s, the rest is the simulator’s. Nothing changes by itself unless told to. */
export async function startStack(
  options: Partial<SimulatorOptions> & { readonly environment?: Record<string, string> } = {},
): Promise<Stack> {
  const { environment, ...simulated } = options;
  const simulator = await startSimulator({
    regions: DEMO_REGIONS.map((code) => ({ code })),
    tokens: DEMO_TOKENS,
    changeAfterMs: 3_600_000,
    ...simulated,
  });
  const config = readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'silent',
    POLL_INTERVAL_MS: '20',
    REGIONS: Object.entries(simulator.endpoints)
      .map(([code, endpoint]) => `${code}=${endpoint}`)
      .join(','),
    ...environment,
  });
  const server = await startServer(config, createLogger(config.logLevel));
  return {
    url: server.url,
    simulator,
    async metric(name) {
      const text = await (await fetch(`${server.metricsUrl}/metrics`)).text();
      return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await simulator[Symbol.asyncDispose]();
    },
  };
}

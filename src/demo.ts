import closeWithGrace from 'close-with-grace';
import { ConfigError } from './config/config.ts';
import { readConfig } from './config/read-config.ts';
import { warnOfUnknownVariables } from './config/unknown-variables.ts';
import { demoTabs } from './http/graphiql/demo-tabs.ts';
import { graphiqlOptions } from './http/graphiql/page.ts';
import { startServer } from './http/server.ts';
import { DEMO_REGIONS, DEMO_TOKENS, problemOfDown, startDemoSimulator } from './simulator/demo.ts';
import { createLogger } from './telemetry/logger.ts';

/** What differs from production: everything that helps to look around is on. An empty variable means the demo's default. */
const environment = {
  HOST: '127.0.0.1',
  GRAPHIQL: 'true',
  INTROSPECTION: 'true',
  GATEWAY_TRACE: 'true',
  LOG_LEVEL: 'warn',
  ...Object.fromEntries(Object.entries(process.env).filter(([, value]) => value?.trim())),
  // The simulated regions are on this machine: no proxy reaches them.
  HTTPS_PROXY: '',
  https_proxy: '',
  HTTP_PROXY: '',
  http_proxy: '',
};

try {
  const { simulatorPort, simulatorDown } = readConfig(environment);
  const problem = problemOfDown(simulatorDown);
  if (problem) throw new ConfigError([problem]);
  const simulator = await startDemoSimulator(simulatorPort, simulatorDown);
  const endpoints = Object.entries(simulator.endpoints).map(([code, endpoint]) => `${code}=${endpoint}`);
  const config = readConfig({ ...environment, REGIONS: endpoints.join(',') });
  const graphiql = graphiqlOptions(demoTabs(config.regions), demoHeaders());
  const logger = createLogger(config.logLevel);
  warnOfUnknownVariables(process.env, logger);
  const server = await startServer(config, logger, graphiql);
  process.stdout.write(
    `Open ${server.url}${config.graphqlPath} in a browser: GraphiQL, with example queries in its tabs.\n`,
  );
  process.stdout.write(
    `Regions: ${DEMO_REGIONS.join(', ')}${simulatorDown.map((code) => `; ${code} is down`).join('')}.\n`,
  );
  closeWithGrace({ delay: 5000, logger: false }, async ({ err }) => {
    if (err) process.stderr.write(`${err.stack}\n`);
    await server.close();
    await simulator[Symbol.asyncDispose]();
  });
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  // The simulated regions listen already and would keep the process.
  process.exit(1);
}

function demoHeaders() {
  const [token = '', tenant = ''] = Object.entries(DEMO_TOKENS)[0] ?? [];
  return { 'X-Auth-Token': token, 'X-Tenant-Id': tenant, 'X-Gateway-Trace': '1' };
}

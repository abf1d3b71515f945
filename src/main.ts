import { setFlagsFromString } from 'node:v8';
import closeWithGrace from 'close-with-grace';
import packageJson from '../package.json' with { type: 'json' };
import { ConfigError } from './config/config.ts';
import { readConfig } from './config/read-config.ts';
import { warnOfUnknownVariables } from './config/unknown-variables.ts';
import { startServer } from './http/server.ts';
import { flushSpans } from './telemetry/flush-spans.ts';
import { closeLogOutput, createLogger, openLogOutput, warnOfDroppedLines } from './telemetry/logger.ts';

/*
 * What is made for a request dies with it. V8 would allocate some of it as old, because of what lived long while the
 * process started; and what is old keeps all that it refers to, whole requests, until the next full collection.
 */
setFlagsFromString('--no-allocation-site-pretenuring');

try {
  const config = readConfig(process.env);
  const output = openLogOutput();
  const logger = createLogger(config.logLevel, output);
  warnOfDroppedLines(output, logger);
  warnOfUnknownVariables(process.env, logger);
  const server = await startServer(config, logger);
  closeWithGrace(
    {
      delay: config.drainDelayMs + config.requestTimeoutMs + 1000,
      logger: false,
      onTimeout: (milliseconds) => logger.error({ milliseconds }, 'closed by force'),
      onSecondSignal: (signal) => logger.warn({ signal }, 'closed by a second signal'),
      onSecondError: (error) => logger.fatal({ error }, 'crashed'),
    },
    async ({ err, signal }) => {
      if (err) logger.fatal({ error: err }, 'crashed');
      else logger.info({ signal }, 'closing');
      await server.close();
      await Promise.all([flushSpans(), closeLogOutput(output)]);
    },
  );
  // Not before a signal is heard: whoever waits for this line may send one at once.
  logger.info(
    {
      url: `${server.url}${config.graphqlPath}`,
      regions: config.regions.map(({ code }) => code),
      endpoints: Object.fromEntries(config.regions.map(({ code, endpoint }) => [code, endpoint])),
      proxies: Object.fromEntries(config.regions.flatMap(({ code, proxy }) => (proxy ? [[code, proxy.origin]] : []))),
      auditKey: config.auditKey !== null,
      version: packageJson.version,
      node: process.version,
    },
    'listening',
  );
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

import closeWithGrace from 'close-with-grace';
import { ConfigError, readConfig } from './config.ts';
import { startServer } from './front/server.ts';
import { createLogger } from './logger.ts';

try {
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel);
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
    },
  );
  // Not before a signal is heard: whoever waits for this line may send one at once.
  logger.info({ url: `${server.url}/graphql`, regions: config.regions.map(({ code }) => code) }, 'listening');
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

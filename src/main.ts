import closeWithGrace from 'close-with-grace';
import { ConfigError, readConfig } from './config.ts';
import { startServer } from './front/server.ts';
import { createLogger } from './logger.ts';

try {
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel);
  const server = await startServer(config, logger);
  logger.info({ url: `${server.url}/graphql`, regions: config.regions.map(({ code }) => code) }, 'listening');
  closeWithGrace(
    { delay: config.drainDelayMs + config.requestTimeoutMs + 1000, logger: false },
    async ({ err, signal }) => {
      if (err) logger.fatal({ error: err }, 'crashed');
      else logger.info({ signal }, 'closing');
      await server.close();
    },
  );
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

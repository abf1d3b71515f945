import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config.ts';

export type { Logger } from 'pino';

/**
 * Writes one JSON object a line. Of an error only name, code, message, stack and causes are written: errors of
 * connections can carry raw requests, and with them tokens.
 */
export function createLogger(
  level: Config['logLevel'],
  destination: DestinationStream = pino.destination(standardOutput),
): Logger {
  return pino({ level, base: null, serializers: { error: describeError } }, destination);
}

/**
 * Lines are written together, because a write is a call of the system; the process writes what is left when it ends.
 */
const standardOutput = {
  dest: 1,
  sync: false,
  /** Bytes that are written at once: all that waits is read again for each line. And milliseconds after which fewer are. */
  minLength: 8 * 1024,
  periodicFlush: 100,
  /** Beyond this lines are lost: where nobody reads them the process shall go on. */
  maxLength: 16 * 1024 * 1024,
};

function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    name: error.name,
    ...('code' in error ? { code: String(error.code) } : {}),
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined || depth > 4 ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}

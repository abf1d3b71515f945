import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config.ts';

export type { Logger } from 'pino';

export type LogOutput = ReturnType<typeof pino.destination>;

/**
 * Writes one JSON object a line. Of an error only name, code, message, stack and causes are written: errors of
 * connections can carry raw requests, and with them tokens.
 */
export function createLogger(level: Config['logLevel'], destination: DestinationStream = openLogOutput()): Logger {
  return pino({ level, base: null, serializers: { error: describeError } }, destination);
}

/**
 * Standard output. Lines are written together, because a write is a call of the system; the process writes what is left when
 * it ends.
 */
export function openLogOutput(): LogOutput {
  // Node makes a pipe non-blocking when it opens the stream. In a blocking pipe without a reader, a write holds a thread, and
  // the process waits for that thread when it exits.
  void process.stdout;
  return pino.destination({
    dest: 1,
    sync: false,
    // In bytes: all that waits is read again for each line. And the milliseconds after which fewer bytes are written.
    minLength: 8 * 1024,
    periodicFlush: 100,
    // Beyond this size new lines are dropped, so that a stuck log reader does not stop the process.
    maxLength: 16 * 1024 * 1024,
  });
}

/** In milliseconds: within the second that the process has beyond its last requests. */
const readerPatienceMs = 400;

/**
 * Flushes the log. Drops unread lines if the log reader is stuck: pino would write them when the process exits, and block for
 * ever.
 */
export function closeLogOutput(output: LogOutput): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      output.destroy();
      resolve();
    }, readerPatienceMs);
    output.flush(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

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

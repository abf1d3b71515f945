import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from '../config/config.ts';

export type { Logger } from 'pino';

export type LogOutput = ReturnType<typeof pino.destination>;

/**
 * Writes one JSON object a line. Of an error only name, code, message, stack and causes are written: errors of
 * connections can carry raw requests, and with them tokens.
 */
export function createLogger(level: Config['logLevel'], destination: DestinationStream = openLogOutput()): Logger {
  return pino({ level, base: null, serializers: { error: describeError } }, destination);
}

/** Writes one line of the level `info`. */
export type InfoLine = (line: object, message: string) => void;

/**
 * Writes lines as `logger.info` does, byte for byte, in less than half of its time: for the line that each request has.
 * The members may be anything but errors.
 */
export function createInfoLine(logger: Logger): InfoLine {
  const { write } = streamOf(logger);
  return (line, message) => {
    if (!logger.isLevelEnabled('info')) return;
    const members = JSON.stringify(line).slice(1, -1);
    const comma = members === '' ? '' : ',';
    write(`{"level":30,"time":${Date.now()},${members}${comma}"msg":${JSON.stringify(message)}}\n`);
  };
}

function streamOf(logger: Logger): Pick<DestinationStream, 'write'> {
  // pino names the member by which a logger holds its stream, but its types do not.
  const { [pino.symbols.streamSym]: stream } = logger as unknown as Record<symbol, DestinationStream>;
  if (!stream) throw new Error('the logger has no stream');
  return { write: (text) => stream.write(text) };
}

/**
 * Standard output. Lines are written together, because a write is a call of the system; the process writes what is left when
 * it ends.
 */
export function openLogOutput(): LogOutput {
  // Node makes a pipe non-blocking when it opens the stream. In a blocking pipe without a reader, a write holds a thread, and
  // the process waits for that thread when it exits.
  void process.stdout;
  /** Whether the last write has failed. */
  let isBroken = false;
  /** When writing to a stuck reader is given up, on the clock of `performance.now()`. */
  let until = Number.POSITIVE_INFINITY;
  const output = pino.destination({
    dest: 1,
    sync: false,
    // In bytes: all lines that are handed on are written at once.
    minLength: 1,
    // Milliseconds after which lines are handed on, even if they are few.
    periodicFlush: 100,
    // Beyond this size new lines are dropped, so that a stuck log reader does not stop the process.
    maxLength: 16 * 1024 * 1024,
    retryEAGAIN: () => performance.now() < until,
  });
  const flushSync = gatherLines(output);
  // A full disk does not end the process: lines that could not be written are written with the next ones.
  output.on('error', () => {
    isBroken = true;
  });
  output.on('write', () => {
    isBroken = false;
  });
  // pino calls it for `fatal` and when the process exits. While the reader is stuck, it would never return.
  output.flushSync = () => {
    if (isBroken) return;
    until = performance.now() + readerPatienceMs;
    try {
      flushSync();
    } catch {
      // Unread lines are lost.
    }
    until = Number.POSITIVE_INFINITY;
  };
  return output;
}

/** The characters of the lines that are handed on together: a write costs as much as the JSON of several lines. */
const gatheredLength = 32 * 1024;

/**
 * Gathers lines and hands them on together. The output itself would read all lines that wait again for each new line.
 * @returns what writes all lines synchronously.
 */
function gatherLines(output: LogOutput): () => void {
  const [write, flush, flushSync] = [
    output.write.bind(output),
    output.flush.bind(output),
    output.flushSync.bind(output),
  ];
  let lines = '';

  function handOn(): void {
    const gathered = lines;
    lines = '';
    if (gathered !== '') write(gathered);
  }

  output.write = (line) => {
    lines += line;
    if (lines.length >= gatheredLength) handOn();
    return true;
  };
  // The output calls it periodically.
  output.flush = (callback) => {
    handOn();
    flush(callback);
  };
  return () => {
    handOn();
    flushSync();
  };
}

/** Writes one line a second about lines that were dropped because their reader is too slow. */
export function warnOfDroppedLines(output: LogOutput, logger: Logger): void {
  let lines = 0;
  output.on('drop', (dropped: string) => {
    const isFirst = lines === 0;
    lines += linesIn(dropped);
    if (!isFirst) return;
    setTimeout(() => {
      const dropped = lines;
      lines = 0;
      // If this line is dropped too, at once, the next one counts it.
      logger.warn({ lines: dropped }, 'log lines dropped');
      output.flush();
      if (lines > 0) lines += dropped;
    }, 1000).unref();
  });
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
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

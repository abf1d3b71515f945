import type { ServerResponse } from 'node:http';

/** How long a client may read nothing of its answer, in milliseconds. */
const slowReaderMs = 10_000;

/** Bytes that are handed on at once: less could not be told from a client that reads slowly. */
const partBytes = 64 * 1024;

/** Up to here head and body go in one piece: to put them together costs less than to hand on two. */
const onePieceBytes = 2 * 1024;

/**
 * Writes out the body of an answer whose head is written. Whoever takes nothing of it for long is cut off; that it sends
 * something meanwhile is no sign that it reads.
 */
export function writeOut(response: ServerResponse, body: Buffer | string, onCutOff: () => void): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  let at = 0;

  function start(): void {
    const timer = setTimeout(() => {
      onCutOff();
      response.destroy();
    }, slowReaderMs);
    response.on('close', () => clearTimeout(timer));
    next(timer);
  }

  function next(timer: NodeJS.Timeout): void {
    timer.refresh();
    while (bytes.length - at > partBytes) {
      const part = bytes.subarray(at, at + partBytes);
      at += partBytes;
      if (response.write(part)) continue;
      response.once('drain', () => next(timer));
      return;
    }
    const rest = bytes.subarray(at);
    if (rest.length <= onePieceBytes) response.end(rest.toString('latin1'), 'latin1');
    else response.end(rest);
  }

  // Behind the answer to an earlier request of its connection it waits for its turn.
  if (response.socket) start();
  else response.once('socket', start);
}

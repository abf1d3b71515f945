import type { ServerResponse } from 'node:http';
import type { Signal } from '../fairness/until.ts';

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
    const isSmall = bytes.length <= onePieceBytes;
    if (isSmall) response.end(bytes.toString('latin1'), 'latin1');
    // What the system has taken needs no timer.
    if (isSmall && response.socket?.writableLength === 0) return;
    const timer = setTimeout(() => {
      onCutOff();
      response.destroy();
    }, slowReaderMs);
    response.on('close', () => clearTimeout(timer));
    if (!isSmall) next(timer);
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
    response.end(bytes.subarray(at));
  }

  // Behind the answer to an earlier request of its connection it waits for its turn.
  if (response.socket) start();
  else response.once('socket', start);
}

/**
 * Writes out a body that goes on, until it is over or the signal aborts; then it is cancelled and the answer ends there.
 * Whoever takes nothing of it for long is cut off.
 */
export async function writeStream(
  response: ServerResponse,
  stream: ReadableStream<Uint8Array>,
  signal: Signal,
  onCutOff: () => void,
): Promise<void> {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel();
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel);
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read())
      if (!response.write(part.value)) await isTaken(response, 'drain', onCutOff);
    response.end();
    if (!response.writableFinished) await isTaken(response, 'finish', onCutOff);
  } catch (error) {
    response.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Resolves when the client has taken what is written, or is gone. */
function isTaken(response: ServerResponse, sign: 'drain' | 'finish', onCutOff: () => void): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) {
      resolve();
      return;
    }
    const timer = setTimeout(() => {
      onCutOff();
      response.destroy();
    }, slowReaderMs);
    const settle = () => {
      clearTimeout(timer);
      response.off(sign, settle).off('close', settle);
      resolve();
    };
    response.on(sign, settle).on('close', settle);
  });
}

import { setTimeout } from 'node:timers/promises';
import { type Connection, openConnection } from './connection.ts';
import { createRecord, type Load, type Sent } from './load.ts';

/*
 * An open loop: requests are due at fixed times, whether or not the server has answered the ones before. The latency of
 * an answer counts from the time at which its request was due, so a server that stalls is charged for all that waited.
 */

export interface OpenLoop {
  readonly port: number;
  /** Requests a second. */
  readonly rate: number;
  /** How many requests are sent, beside those before. */
  readonly count: number;
  /** Seconds before that, whose answers do not count. */
  readonly leadIn: number;
  /**
   * The requests of all callers, which take turns. A caller belongs to no connection: the connection that was used last is
   * used next, so all others would meet the server as new callers after a stall.
   */
  readonly requests: readonly Sent[];
}

/** Most connections at once. When all of them wait for an answer, so do requests that are due. */
const maxConnections = 256;

/** Ends when the last answers are there. */
export async function openLoop({ port, rate, count, leadIn, requests }: OpenLoop): Promise<Load> {
  const record = createRecord();
  const idle: Connection[] = [];
  let opened = 0;
  const skipped = Math.ceil(leadIn * rate);
  const start = performance.now();
  const dueAt = (index: number) => start + (index * 1000) / rate;

  const ask = async (connection: Connection, index: number) => {
    const request = requests[index % requests.length];
    if (!request) throw new Error('An open loop needs requests.');
    request.renew?.();
    try {
      const answer = await connection.ask(request.bytes);
      if (index >= skipped) record.add(answer, performance.now() - dueAt(index));
      idle.push(connection);
    } catch (error) {
      record.fail(error);
      connection.close();
      opened--;
    }
  };
  /**
   * A connection on which no request waits; undefined if there is none. It is the one that was used last: servers close
   * connections that are idle for long.
   */
  const take = (): Connection | undefined => {
    for (let connection = idle.pop(); connection; connection = idle.pop()) {
      if (connection.isOpen()) return connection;
      opened--;
    }
    if (opened >= maxConnections) return undefined;
    opened++;
    return openConnection(port);
  };

  const asked: Promise<void>[] = [];
  while (asked.length < skipped + count) {
    // Timers are a millisecond late, or more on a busy core: several requests may be due.
    while (asked.length < skipped + count && performance.now() >= dueAt(asked.length)) {
      const connection = take();
      if (!connection) break;
      asked.push(ask(connection, asked.length));
    }
    await setTimeout(1);
  }
  await Promise.all(asked);
  for (const connection of idle) connection.close();
  return { ...record, seconds: (performance.now() - dueAt(skipped)) / 1000 };
}

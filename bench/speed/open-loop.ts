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
  /** Makes the request of a connection. */
  readonly createRequest: (connection: number) => Sent;
}

/** Most connections at once. When all of them wait for an answer, so do requests that are due. */
const maxConnections = 256;

interface Lane {
  readonly connection: Connection;
  readonly request: Sent;
}

/** Ends when the last answers are there. */
export async function openLoop({ port, rate, count, leadIn, createRequest }: OpenLoop): Promise<Load> {
  const record = createRecord();
  const idle: Lane[] = [];
  let opened = 0;
  const skipped = Math.ceil(leadIn * rate);
  const start = performance.now();
  const dueAt = (index: number) => start + (index * 1000) / rate;

  const ask = async (lane: Lane, due: number, counts: boolean) => {
    try {
      lane.request.renew?.();
      const answer = await lane.connection.ask(lane.request.bytes);
      if (counts) record.add(answer, performance.now() - due);
      idle.push(lane);
    } catch (error) {
      record.fail(error);
      lane.connection.close();
      opened--;
    }
  };
  /**
   * A connection on which no request waits; undefined if there is none. It is the one that was used last: servers close
   * connections that are idle for long.
   */
  const take = (): Lane | undefined => {
    for (let lane = idle.pop(); lane; lane = idle.pop()) {
      if (lane.connection.isOpen()) return lane;
      opened--;
    }
    if (opened >= maxConnections) return undefined;
    return { connection: openConnection(port), request: createRequest(opened++) };
  };

  const asked: Promise<void>[] = [];
  while (asked.length < skipped + count) {
    // Timers are a millisecond late, or more on a busy core: several requests may be due.
    while (asked.length < skipped + count && performance.now() >= dueAt(asked.length)) {
      const lane = take();
      if (!lane) break;
      asked.push(ask(lane, dueAt(asked.length), asked.length >= skipped));
    }
    await setTimeout(1);
  }
  await Promise.all(asked);
  for (const { connection } of idle) connection.close();
  return { ...record, seconds: (performance.now() - dueAt(skipped)) / 1000 };
}

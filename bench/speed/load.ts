import { setTimeout } from 'node:timers/promises';
import { openConnection } from './connection.ts';

/*
 * A thin load generator over bare sockets. It must cost less than the servers that it measures.
 */

/** What is sent again and again, as it goes over the wire. */
export interface Sent {
  readonly bytes: Buffer;
  /** Changes the bytes before each time that they are sent. */
  readonly renew?: () => void;
}

/** What came of a load. */
export interface Load {
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Milliseconds of each answer, in no order. */
  readonly latencies: readonly number[];
  /** Statuses other than 200 and connections that broke off, with how often. */
  readonly faults: ReadonlyMap<string, number>;
  /** Sizes of the bodies of answers that were met. */
  readonly sizes: ReadonlySet<number>;
}

/** Connections to a server, which are kept from load to load. */
export interface Client extends Disposable {
  /**
   * A closed loop: each connection sends its request again as soon as the answer is there. Ends when the last answers
   * are there. All of them count, and so does all of that time.
   *
   * @param seconds how long requests are sent
   * @param onStart called when all connections are open, before the first request
   */
  load(seconds: number, onStart?: () => void): Promise<Load>;
}

/** @param requests the request of each connection */
export function createClient(port: number, requests: readonly Sent[]): Client {
  const lanes = requests.map((request) => ({ request, connection: openConnection(port) }));
  return {
    async load(seconds, onStart) {
      const record = createRecord();
      // Servers close connections that were idle for long.
      for (const lane of lanes) if (!lane.connection.isOpen()) lane.connection = openConnection(port);
      await Promise.allSettled(lanes.map(({ connection }) => connection.opened));
      onStart?.();
      const start = performance.now();
      const until = start + seconds * 1000;
      const loop = async (lane: (typeof lanes)[number]) => {
        while (performance.now() < until) {
          try {
            lane.request.renew?.();
            const sent = performance.now();
            record.add(await lane.connection.ask(lane.request.bytes), performance.now() - sent);
          } catch (error) {
            record.fail(error);
            lane.connection.close();
            await setTimeout(50);
            lane.connection = openConnection(port);
          }
        }
      };
      await Promise.all(lanes.map(loop));
      return { ...record, seconds: (performance.now() - start) / 1000 };
    },
    [Symbol.dispose]() {
      for (const { connection } of lanes) connection.close();
    },
  };
}

/** Collects what comes of each request. */
export function createRecord() {
  const latencies: number[] = [];
  const faults = new Map<string, number>();
  const sizes = new Set<number>();
  const fault = (what: string) => faults.set(what, (faults.get(what) ?? 0) + 1);
  return {
    latencies,
    faults,
    sizes,
    add({ status, size }: { readonly status: number; readonly size: number }, milliseconds: number): void {
      if (status !== 200) fault(`status ${status}`);
      latencies.push(milliseconds);
      sizes.add(size);
    },
    fail(error: unknown): void {
      fault(error instanceof Error ? error.message : String(error));
    },
  };
}

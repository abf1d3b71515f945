import { type LoadName, moodOf } from './kinds.ts';
import { createClient, type Load } from './load.ts';
import { busyMilliseconds, cpuMilliseconds, processTree } from './machine.ts';
import { type QueryName, queries } from './queries.ts';
import { callsOf, requestOf } from './requests.ts';
import type { RunningServer, RunningUpstream } from './running.ts';
import type { ServerKind } from './servers.ts';

/** What one server did with one query for a while. */
export interface Measurement {
  /** Answers a second. */
  readonly rate: number;
  /** Processor milliseconds for each answer, of the server with all its threads and children. */
  readonly cpu: number;
  /** Milliseconds until each answer was there, in no order. */
  readonly latencies: readonly number[];
  /** REST calls for each answer. */
  readonly calls: number;
  /** How busy the server was, of one core. */
  readonly serverBusy: number;
  /** How busy upstream and load generator were, of the core that they share. */
  readonly benchBusy: number;
  /** How busy the rest of the machine kept the busier of both cores, of one core. */
  readonly strangers: number;
  /** What went wrong, in words. */
  readonly faults: readonly string[];
}

/** The core of the server under test; and that of upstream, load generator and this process. */
export const cores = { server: 0, other: 1 } as const;

/** Requests at once if the upstream is slow: it is the time of one request that counts then. */
const delayedConnections = 4;

/** Measures a server with a query and a kind of load, as often as is wanted, over the same connections. */
export interface Meter extends Disposable {
  readonly kind: ServerKind;
  measure(seconds: number): Promise<Measurement>;
}

export function createMeter(server: RunningServer, query: QueryName, name: LoadName, upstream: RunningUpstream): Meter {
  const connections = name === 'delayed' ? delayedConnections : queries[query].connections;
  const requests = Array.from({ length: connections }, (_, caller) => requestOf(server, query, name, caller));
  const client = createClient(server.port, requests);
  const pids = processTree(server.pid);
  const bench = [process.pid, upstream.pid];
  const read = () => ({
    server: cpuMilliseconds(pids),
    bench: cpuMilliseconds(bench),
    cores: Object.values(cores).map(busyMilliseconds),
  });
  return {
    kind: server.kind,
    async measure(seconds) {
      await upstream.set(moodOf(name));
      let start = read();
      const done = await client.load(seconds, () => {
        start = read();
      });
      const end = read();
      const calls = await upstream.set(moodOf(name));
      const used = end.server - start.server;
      const usedByBench = end.bench - start.bench;
      const strange = [used, usedByBench].map((own, core) => (end.cores[core] ?? 0) - (start.cores[core] ?? 0) - own);
      const answers = done.latencies.length;
      const whole = done.seconds * 1000;
      return {
        rate: answers / done.seconds,
        cpu: used / answers,
        latencies: done.latencies,
        calls: calls / answers,
        serverBusy: used / whole,
        benchBusy: usedByBench / whole,
        strangers: Math.max(0, ...strange) / whole,
        faults: faultsOf(done),
      };
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}

/** What went wrong, in words. */
export function faultsOf({ faults, sizes }: Load): string[] {
  return [
    ...Array.from(faults, ([what, count]) => `${what} (${count} times)`),
    ...(sizes.size > 1 ? [`answers of ${sizes.size} sizes: ${[...sizes].slice(0, 3).join(', ')} bytes`] : []),
  ];
}

/** How many times a second the upstream alone answers the REST calls of a query, asked by the same load generator. */
export async function measureUpstream(
  upstream: RunningUpstream,
  query: QueryName,
  name: LoadName,
  { leadIn, seconds }: { readonly leadIn: number; readonly seconds: number },
): Promise<number> {
  const { calls, connections } = queries[query];
  const requests = Array.from({ length: connections }, (_, caller) => callsOf(query, name, caller)).flat();
  using client = createClient(Number(new URL(upstream.url).port), requests);
  await upstream.set(moodOf(name));
  await client.load(leadIn);
  const done = await client.load(seconds);
  return done.latencies.length / done.seconds / calls.length;
}

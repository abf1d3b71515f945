import { getRequest, type LoadOptions, load, postRequest } from './load.ts';
import { busyMilliseconds, cpuMilliseconds, processTree } from './machine.ts';
import { type BenchQuery, type QueryName, queries } from './queries.ts';
import { bodyOf, headersOf, type RunningServer, type RunningUpstream } from './servers.ts';
import type { Mood } from './upstream.ts';

/** What one server did with one query for a while. */
export interface Measurement {
  /** Answers a second. */
  readonly rate: number;
  /** Processor milliseconds for each answer, of the server with all its threads and children. */
  readonly cpu: number;
  /** Milliseconds until the answer was there. */
  readonly p50: number;
  readonly p99: number;
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

export interface Pace {
  readonly seconds: number;
  readonly leadIn: number;
  /** Fewer connections than the query's own. */
  readonly connections?: number;
}

/** The core of the server under test; and that of upstream, load generator and this process. */
export const cores = { server: 0, other: 1 } as const;

export async function measure(
  server: RunningServer,
  name: QueryName,
  upstream: RunningUpstream,
  mood: Mood,
  { seconds, leadIn, connections }: Pace,
): Promise<Measurement> {
  const query: BenchQuery = queries[name];
  const body = bodyOf(query);
  const path = server.kind.path?.(name) ?? '/graphql';
  const requests = tokens(Math.min(connections ?? query.connections, query.connections)).map((token) =>
    postRequest(path, headersOf(server.kind, token, query.tenant), body),
  );
  const pids = processTree(server.pid);
  const bench = [process.pid, upstream.pid];
  const read = () => ({
    server: cpuMilliseconds(pids),
    bench: cpuMilliseconds(bench),
    cores: Object.values(cores).map(busyMilliseconds),
  });
  let start = read();
  let end = start;
  await upstream.set(mood);
  const { answers, total, latencies, faults, sizes } = await load({
    port: server.port,
    requests,
    seconds,
    leadIn,
    onStart() {
      start = read();
    },
    onEnd() {
      end = read();
    },
  });
  const calls = await upstream.set(mood);
  const used = end.server - start.server;
  const usedByBench = end.bench - start.bench;
  const strange = [used, usedByBench].map((own, core) => (end.cores[core] ?? 0) - (start.cores[core] ?? 0) - own);
  const whole = seconds * 1000;
  return {
    rate: answers / seconds,
    cpu: used / answers,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    calls: calls / total,
    serverBusy: used / whole,
    benchBusy: usedByBench / whole,
    strangers: Math.max(0, ...strange) / whole,
    faults: [
      ...Array.from(faults, ([what, count]) => `${what} (${count} times)`),
      ...(sizes.size > 1 ? [`answers of ${sizes.size} sizes: ${[...sizes].slice(0, 3).join(', ')} bytes`] : []),
    ],
  };
}

/** How many times a second the upstream alone answers the REST calls of a query, asked by the same load generator. */
export async function measureUpstream(upstream: RunningUpstream, name: QueryName, pace: Pace): Promise<number> {
  const { calls, tenant, connections }: BenchQuery = queries[name];
  const requests: LoadOptions['requests'] = tokens(connections).flatMap((token) =>
    calls.map(({ region, path }) => getRequest(`/${region}/v2/${tenant}${path}`, { 'x-auth-token': token })),
  );
  await upstream.set({ changing: false, delayMs: 0 });
  const { answers } = await load({ port: Number(new URL(upstream.url).port), requests, ...pace });
  return answers / pace.seconds / calls.length;
}

const tokens = (count: number) => Array.from({ length: count }, (_, index) => `token-${index}`);

function quantile(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

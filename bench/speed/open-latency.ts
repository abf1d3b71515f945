import { type Kind, moodOf } from './kinds.ts';
import { faultsOf } from './measure.ts';
import { openLoop } from './open-loop.ts';
import type { Options } from './options.ts';
import { type QueryName, queries } from './queries.ts';
import { requestOf } from './requests.ts';
import { type Case, tell } from './run.ts';
import type { RunningServer, RunningUpstream } from './running.ts';
import { servers } from './servers.ts';
import { median, quantile, rateOf } from './table.ts';

/** How long answers take at a share of the rate that a server reaches in a closed loop. */
export interface OpenCell {
  readonly server: RunningServer;
  readonly query: QueryName;
  readonly load: Kind;
  readonly share: number;
  /** Requests a second. */
  readonly rate: number;
  /** Null if too few requests could be sent in a reasonable time. */
  readonly latency: OpenLatency | null;
}

interface OpenLatency {
  /** Milliseconds from the time at which a request was due until its answer was there. */
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
  readonly faults: readonly string[];
}

export const openLoads: readonly Kind[] = ['same', 'oneRow'];
export const shares = [0.5, 0.8] as const;
/** Least requests of a cell. */
export const leastCount = 500;
/** Seconds that a cell may take at most, and those that it takes at least. The lead-in is long: V8 drops the code of an idle server. */
export const mostSeconds = 30;
const leastSeconds = 5;
const leadInSeconds = 4;

/** About how many seconds the open loop takes. */
export const openSeconds = ({ queries, loads }: Options) =>
  3 * shares.length * queries.length * openLoads.filter((load) => loads.includes(load)).length * typicalSeconds;

const typicalSeconds = 12;

/** Of this gateway and the two peers that are the fastest for each query. */
export async function measureOpenLoop(
  cases: readonly Case[],
  running: readonly RunningServer[],
  upstream: RunningUpstream,
): Promise<OpenCell[]> {
  const cells: OpenCell[] = [];
  for (const load of openLoads) {
    for (const [query, all] of Map.groupBy(
      cases.filter((one) => one.load === load),
      ({ query }) => query,
    )) {
      const peers = all.filter(({ kind }) => kind.isPeer).toSorted((a, b) => rateOf(b) - rateOf(a));
      const chosen = [...all.filter(({ kind }) => kind === servers.ours), ...peers.slice(0, 2)];
      for (const one of chosen) {
        const server = running.find(({ kind }) => kind === one.kind);
        if (!server) continue;
        for (const share of shares) {
          const rate = share * rateOf(one);
          tell(`open loop: ${load}, ${queries[query].title}, ${one.kind.title}: ${rate.toFixed(0)}/s`);
          const latency =
            leastCount / rate > mostSeconds ? null : await measureCell(server, query, load, rate, upstream);
          cells.push({ server, query, load, share, rate, latency });
        }
      }
    }
  }
  return cells;
}

async function measureCell(
  server: RunningServer,
  query: QueryName,
  load: Kind,
  rate: number,
  upstream: RunningUpstream,
): Promise<OpenLatency> {
  await upstream.set(moodOf(load));
  const done = await openLoop({
    port: server.port,
    rate,
    count: Math.ceil(Math.max(leastCount, leastSeconds * rate)),
    leadIn: leadInSeconds,
    requests: Array.from({ length: queries[query].connections }, (_, caller) => requestOf(server, query, load, caller)),
  });
  return {
    p50: median(done.latencies),
    p99: quantile(done.latencies, 0.99),
    count: done.latencies.length,
    faults: faultsOf(done),
  };
}

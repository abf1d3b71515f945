import { forgetPeak, type Peer, readMetrics, residentBytes, secondsWithoutCore, startPeer, stop } from '../process.ts';
import { type ProductionGateway, startProduction } from '../production.ts';
import { condition, mebibytes, print, printRow } from '../table.ts';
import type { Load, LoadResult } from './load.ts';
import type { UpstreamWork } from './upstream.ts';

/** Upstream and generator on one core; each gateway has another for itself. */
export interface Stage extends AsyncDisposable {
  readonly upstream: Peer<string>;
  startGateway(environment?: Readonly<Record<string, string>>): Promise<ProductionGateway>;
  load(gateway: ProductionGateway, load: Pick<Load, 'seconds' | 'arrivals'>): Promise<Measured>;
}

export interface Measured extends LoadResult {
  readonly seconds: number;
  /** Served a second. */
  readonly goodput: number;
  /** What the gateway computed from the first request to the last answer, in seconds. */
  readonly gatewayCpuSeconds: number;
  /** Of the gateway, in bytes. */
  readonly memory: { readonly before: number; readonly peak: number; readonly after: number };
  readonly upstream: UpstreamWork;
  /** For which part of the time others had the gateway's core. */
  readonly withoutCore: number;
}

/** The gateway takes 10,000 (src/http/server.ts). */
const maxConnections = 9_000;

const cores = { gateway: 0, others: 1 };

/** A generator that is later than this is no measure of the gateway, in milliseconds. */
const maxLagMs = 50;

/** @param upstreamMs what the upstream takes for each call. */
export async function openStage(upstreamMs: number): Promise<Stage> {
  const upstream = await startPeer<string>('overload/upstream.ts', { core: cores.others });
  const generator = await startPeer('overload/generator.ts', { core: cores.others });
  return {
    upstream,
    startGateway: (environment = {}) => startProduction({ kr1: upstream.ready }, { environment, core: cores.gateway }),
    async load(gateway, load) {
      await upstream.ask('take', { milliseconds: upstreamMs });
      await forgetPeak(gateway);
      const { now: before } = await residentBytes(gateway);
      const cpu = await cpuSeconds(gateway);
      const start = performance.now();
      const waited = await secondsWithoutCore(gateway.child);
      const result = await generator.ask<LoadResult>('run', { url: gateway.url, connections: maxConnections, ...load });
      const gatewayCpuSeconds = (await cpuSeconds(gateway)) - cpu;
      const { now: after, peak } = await residentBytes(gateway);
      return {
        ...result,
        seconds: load.seconds,
        goodput: result.served / load.seconds,
        gatewayCpuSeconds,
        memory: { before, peak, after },
        upstream: await upstream.ask<UpstreamWork>('work'),
        withoutCore:
          Math.max(0, (await secondsWithoutCore(gateway.child)) - waited) / ((performance.now() - start) / 1000),
      };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([stop(upstream.child), stop(generator.child)]);
    },
  };
}

async function cpuSeconds({ url }: ProductionGateway): Promise<number> {
  return (await readMetrics(url)).process_cpu_seconds_total ?? Number.NaN;
}

const columns = [
  'sent/s',
  'served/s',
  'p50',
  'p99',
  'most',
  'refused p99',
  'RSS before',
  'peak',
  'after',
  'gateway CPU',
  'lag p99',
];

export const printHead = () => printRow(['', ...columns]);

export function printMeasured(name: string, measured: Measured): void {
  const { sent, seconds, goodput, latency, refusal, memory, gatewayCpuSeconds, lag, outcomes, connections } = measured;
  const milliseconds = (value: number) => (Number.isNaN(value) ? '–' : `${value.toFixed(1)} ms`);
  printRow([
    name,
    (sent / seconds).toFixed(0),
    goodput.toFixed(0),
    ...[latency.p50, latency.p99, latency.most].map(milliseconds),
    milliseconds(refusal.p99),
    ...Object.values(memory).map((bytes) => mebibytes(bytes)),
    `${gatewayCpuSeconds.toFixed(1)} s`,
    milliseconds(lag.p99),
  ]);
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  print(`  ${counts.join(', ')}; ${connections} connections; the generator took ${measured.cpuSeconds.toFixed(1)} s`);
}

/** Tells whether it was the gateway that was measured: not a late generator, nor others on its core. */
export function printDoubts({ lag, withoutCore }: Measured): boolean[] {
  return [
    condition(lag.p99 <= maxLagMs, `the generator was ${lag.p99.toFixed(1)} ms late (p99)`),
    condition(
      !(withoutCore > 0.15),
      `others had the gateway's core for ${(withoutCore * 100).toFixed(0)} % of the time`,
    ),
  ];
}

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import packageJson from '../../package.json' with { type: 'json' };
import { limitNames } from '../config/query-limits.ts';
import { errorCodes, requestErrorCodes } from '../errors/codes.ts';
import type { Memory } from '../fairness/memory.ts';
import type { OperationReport } from '../operation.ts';
import type { Region } from '../regions.ts';
import { type FaultClass, faultClasses } from '../upstream/fault.ts';
import type { Probed } from '../upstream/probe.ts';
import { type Exchange, refusalOf, refusals, routeOf } from '../upstream/send.ts';

/** How a region is doing. */
interface RegionState {
  /** Calls that wait for their turn. */
  readonly waiting: (region: Region) => number;
  /** False while calls are kept from it. */
  readonly isAvailable: (region: Region) => boolean;
  /** Why it fails for everybody; null if it does not. */
  readonly failing: (region: Region) => FaultClass | null;
}

/** Which limit an `OVERLOADED` request hit: the caller's share, that of tokens no region has accepted, or the replica's. */
export type Share = (typeof shares)[number];

const shares = ['caller', 'unaccepted', 'replica'] as const;

/**
 * What Prometheus reads at `/metrics`. Labels hold no ids, and nothing of a caller but the name and the version of its program
 * in `clients`.
 */
export interface Metrics {
  readonly registry: Registry;
  /** Requests by the program that sent them. The labels come from clients: `createClients` bounds them. */
  readonly clients: Counter<'client' | 'version'>;
  readonly request: (status: number, seconds: number, report: Partial<OperationReport>) => void;
  /** The time of a request that it did not wait for regions or for its client. */
  ownTime(status: number, seconds: number): void;
  /** The codes of errors in what follows an answer that was told already. */
  readonly errors: (codes: readonly string[]) => void;
  readonly exchange: (exchange: Exchange) => void;
  /** A probe of the circuit breaker. */
  probe(region: Region, probed: Probed): void;
  /** An answer that was known, because no region said anything else. */
  recorded(): void;
  /** Counts a request or stream that was refused as `OVERLOADED`. */
  refused(share: Share): void;
  /** Reads how many requests are in, and wait to be, whenever it is asked for. @param state.work in microseconds. */
  watchRequests(state: {
    readonly inFlight: number;
    readonly waiting: { readonly small: number; readonly large: number };
    readonly work: number;
  }): void;
  /** Reads how many objects are read again and again, for those who follow them. */
  watchPolls(state: { readonly count: number }): void;
  /** Reads how many event streams are open. */
  watchStreams(state: { readonly count: number }): void;
  /** Reads how much memory requests hold, and wait for. */
  watchMemory(memory: Pick<Memory, 'budget' | 'charged' | 'waiting'>): void;
  /** Reads the state of the regions whenever it is asked for. */
  watch(regions: readonly Region[], state: RegionState): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
  const requests = new Histogram({
    name: 'gateway_request_duration_seconds',
    help: 'GraphQL requests by HTTP status.',
    labelNames: ['status'],
    buckets,
    registers: [registry],
  });
  const ownTimes = new Histogram({
    name: 'gateway_own_duration_seconds',
    help: 'Time of GraphQL requests, without the time in which they waited for regions or for their body, by HTTP status.',
    labelNames: ['status'],
    buckets,
    registers: [registry],
  });
  const clients = new Counter({
    name: 'gateway_client_requests_total',
    help: 'GraphQL requests with a token that a region has accepted, by the name and version that the client sends.',
    labelNames: ['client', 'version'],
    registers: [registry],
  });
  new Gauge({
    name: 'gateway_build_info',
    help: 'Always 1; the labels are the versions of the gateway and of Node.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version: packageJson.version, node: process.versions.node }, 1);
  const errors = new Counter({
    name: 'gateway_errors_total',
    help: 'Answers that hold an error of a code, or lack a region that failed with it.',
    labelNames: ['code'],
    registers: [registry],
  });
  const costInCalls = new Histogram({
    name: 'gateway_query_calls',
    help: 'REST calls that a query may cost, as counted before it was executed.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 150],
    registers: [registry],
  });
  const costInObjects = new Histogram({
    name: 'gateway_query_objects',
    help: 'Objects that an answer may hold, as counted before it was executed.',
    buckets: [10, 100, 1_000, 10_000, 100_000, 200_000],
    registers: [registry],
  });
  const limitsExceeded = new Counter({
    name: 'gateway_query_limits_exceeded_total',
    help: 'Queries beyond a limit, by the limit, whether they were refused or not.',
    labelNames: ['limit'],
    registers: [registry],
  });
  const recorded = new Counter({
    name: 'gateway_answers_known_total',
    help: 'Answers that were known because no region said anything else than before.',
    registers: [registry],
  });
  const refused = new Counter({
    name: 'gateway_refused_total',
    help: 'Requests and event streams refused as OVERLOADED, by the limit they hit: the share of the caller, of unaccepted tokens, or the replica.',
    labelNames: ['share'],
    registers: [registry],
  });
  const calls = new Histogram({
    name: 'gateway_upstream_duration_seconds',
    help: 'Attempts at REST calls, and probes, by region, method, resource, outcome (the HTTP status, or why there is none; `failed` for a probe) and class of outcome.',
    labelNames: ['region', 'method', 'resource', 'outcome', 'class'],
    buckets,
    registers: [registry],
  });
  const bytes = new Counter({
    name: 'gateway_upstream_bytes_total',
    help: 'Bytes of REST answers by region.',
    labelNames: ['region'],
    registers: [registry],
  });
  const callsRefused = new Counter({
    name: 'gateway_upstream_refused_total',
    help: 'REST calls that were refused before they were sent, by region and reason.',
    labelNames: ['region', 'reason'],
    registers: [registry],
  });
  // Prometheus sees the first increase of a counter only if it has read the counter before.
  for (const share of shares) refused.inc({ share }, 0);
  for (const limit of limitNames) limitsExceeded.inc({ limit }, 0);
  for (const code of Object.keys({ ...errorCodes, ...requestErrorCodes })) errors.inc({ code }, 0);
  for (const status of [200, 500, 503]) {
    requests.zero({ status });
    ownTimes.zero({ status });
  }
  return {
    registry,
    clients,
    request(status, seconds, { cost, errorCodes = [], exceeded = {} }) {
      requests.observe({ status }, seconds);
      for (const code of errorCodes) errors.inc({ code });
      for (const limit of Object.keys(exceeded)) limitsExceeded.inc({ limit });
      // The figures of a refused query have no bound.
      if (!cost || errorCodes.includes('QUERY_TOO_COMPLEX')) return;
      costInCalls.observe(cost.calls);
      costInObjects.observe(cost.objects);
    },
    ownTime: (status, seconds) => ownTimes.observe({ status }, seconds),
    errors(codes) {
      for (const code of codes) errors.inc({ code });
    },
    recorded: () => recorded.inc(),
    refused: (share) => refused.inc({ share }),
    exchange({ region, method, path, status, failure, class: callClass, milliseconds, bytes: size }) {
      const reason = refusalOf({ failure });
      if (reason) {
        callsRefused.inc({ region, reason });
        return;
      }
      const outcome = labelOf(status) ?? failure ?? 'unknown';
      calls.observe({ region, method, resource: routeOf({ path }), outcome, class: callClass }, milliseconds / 1000);
      bytes.inc({ region }, size);
    },
    probe({ code: region }, { status, class: probeClass, milliseconds }) {
      const outcome = labelOf(status) ?? 'failed';
      calls.observe({ region, method: 'GET', resource: 'probe', outcome, class: probeClass }, milliseconds / 1000);
    },
    watchRequests(state) {
      watchFigure(registry, 'gateway_requests_in_flight', 'Requests that are being answered.', () => state.inFlight);
      const waiting = () => state.waiting.small + state.waiting.large;
      watchFigure(registry, 'gateway_requests_waiting', 'Requests that wait to be let in.', waiting);
      const ofLarge = 'Queued large requests: scans and long pages.';
      watchFigure(registry, 'gateway_large_requests_waiting', ofLarge, () => state.waiting.large);
      const ofWork = 'Estimated work of the requests in flight, in seconds of the event loop.';
      watchFigure(registry, 'gateway_work_seconds', ofWork, () => state.work / 1_000_000);
    },
    watchPolls(state) {
      const help = 'Objects that are read again and again, for those who follow them.';
      watchFigure(registry, 'gateway_polls', help, () => state.count);
    },
    watchStreams(state) {
      watchFigure(registry, 'gateway_streams', 'Event streams that are open.', () => state.count);
    },
    watchMemory(memory) {
      const help = 'Memory that requests hold, in bytes: bodies of regions, rows and answers.';
      new Gauge({
        name: 'gateway_memory_charged_bytes',
        help,
        labelNames: ['kind'],
        registers: [registry],
        collect() {
          for (const [kind, bytes] of Object.entries(memory.charged)) this.set({ kind }, bytes);
        },
      });
      const most = 'Memory that requests may hold, in bytes.';
      watchFigure(registry, 'gateway_memory_budget_bytes', most, () => memory.budget);
      watchFigure(registry, 'gateway_memory_waiting', 'Pieces of work that wait for memory.', () => memory.waiting);
    },
    watch(regions, { waiting, isAvailable, failing }) {
      for (const { code } of regions) {
        bytes.inc({ region: code }, 0);
        for (const reason of refusals) callsRefused.inc({ region: code, reason }, 0);
      }
      const gauge = (name: string, help: string, read: (region: Region) => number) =>
        new Gauge({
          name,
          help,
          labelNames: ['region'],
          registers: [registry],
          collect() {
            for (const region of regions) this.set({ region: region.code }, read(region));
          },
        });
      gauge('gateway_upstream_waiting', 'REST calls that wait for their turn, by region.', waiting);
      gauge('gateway_upstream_available', '0 while calls are kept from a region because too many failed.', (region) =>
        isAvailable(region) ? 1 : 0,
      );
      new Gauge({
        name: 'gateway_upstream_failing',
        help: '1 while a region fails for everybody, by region and class of fault.',
        labelNames: ['region', 'class'],
        registers: [registry],
        collect() {
          for (const region of regions) {
            const found = failing(region);
            for (const each of faultClasses) this.set({ region: region.code, class: each }, each === found ? 1 : 0);
          }
        },
      });
    },
  };
}

/** A region could answer with any number; those above 599 have no meaning. */
function labelOf(status: number | null): number | string | null {
  return status !== null && status > 599 ? 'other' : status;
}

function watchFigure(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

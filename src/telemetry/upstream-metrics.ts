import { Counter, Gauge, type Registry } from 'prom-client';
import type { Region } from '../regions.ts';
import { unsentFailureOf, unsentFailures } from '../upstream/failure.ts';
import { type FaultClass, faultClasses } from '../upstream/fault.ts';
import type { Probed } from '../upstream/probe.ts';
import { type Exchange, routeOf } from '../upstream/send.ts';
import { createDurations } from './durations.ts';

/** The REST calls to the regions, and the state of the regions. */
export interface UpstreamMetrics {
  readonly exchange: (exchange: Exchange) => void;
  /** A probe of the circuit breaker. */
  probe(region: Region, probed: Probed): void;
  /** Reads the state of the regions whenever it is asked for. Their counters begin at 0. */
  watch(regions: readonly Region[], state: RegionState): void;
}

/** How a region is doing. */
interface RegionState {
  /** Calls that wait for their turn. */
  readonly waiting: (region: Region) => number;
  /** False while calls are kept from it. */
  readonly isAvailable: (region: Region) => boolean;
  /** Why it fails for everybody; null if it does not. */
  readonly failing: (region: Region) => FaultClass | null;
}

export function createUpstreamMetrics(registry: Registry): UpstreamMetrics {
  const attempts = createDurations(
    registry,
    'gateway_upstream_duration_seconds',
    'Attempts at REST calls, and probes, by region, method, resource, outcome (the HTTP status, or why there is none; `failed` for a probe) and class of outcome.',
    ['region', 'method', 'resource', 'outcome', 'class'],
  );
  /** Bytes of answers since the metrics were last read, by region. */
  const unread = new Map<string, number>();
  new Counter({
    name: 'gateway_upstream_bytes_total',
    help: 'Bytes of REST answers by region.',
    labelNames: ['region'],
    registers: [registry],
    collect() {
      for (const [region, bytes] of unread) this.inc({ region }, bytes);
      unread.clear();
    },
  });
  const unsent = new Counter({
    name: 'gateway_upstream_refused_total',
    help: 'REST calls that were refused before they were sent, by region and reason.',
    labelNames: ['region', 'reason'],
    registers: [registry],
  });
  return {
    exchange({ region, method, path, status, failure, class: callClass, milliseconds, bytes: size }) {
      const reason = unsentFailureOf({ failure });
      if (reason) {
        unsent.inc({ region, reason });
        return;
      }
      const outcome = labelOf(status) ?? failure ?? 'unknown';
      attempts.observe({ region, method, resource: routeOf({ path }), outcome, class: callClass }, milliseconds / 1000);
      unread.set(region, (unread.get(region) ?? 0) + size);
    },
    probe({ code: region }, { status, class: probeClass, milliseconds }) {
      const outcome = labelOf(status) ?? 'failed';
      attempts.observe({ region, method: 'GET', resource: 'probe', outcome, class: probeClass }, milliseconds / 1000);
    },
    watch(regions, state) {
      for (const { code } of regions) {
        unread.set(code, 0);
        for (const reason of unsentFailures) unsent.inc({ region: code, reason }, 0);
      }
      watchRegions(registry, regions, state);
    },
  };
}

/** A region could answer with any number; those above 599 have no meaning. */
function labelOf(status: number | null): number | string | null {
  return status !== null && status > 599 ? 'other' : status;
}

function watchRegions(registry: Registry, regions: readonly Region[], state: RegionState): void {
  const { waiting, isAvailable, failing } = state;
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
}

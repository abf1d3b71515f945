import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import packageJson from '../../package.json' with { type: 'json' };
import { createReplicaGauges, type ReplicaGauges } from './replica-gauges.ts';
import { createRequestMetrics, type RequestMetrics } from './request-metrics.ts';
import { createUpstreamMetrics, type UpstreamMetrics } from './upstream-metrics.ts';

/**
 * What Prometheus reads at `/metrics`. Labels hold no ids, and nothing of a caller but the name and the version of its program
 * in `clients`.
 */
export interface Metrics extends RequestMetrics, UpstreamMetrics, ReplicaGauges {
  readonly registry: Registry;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'gateway_build_info',
    help: 'Always 1; the labels are the versions of the gateway and of Node.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version: packageJson.version, node: process.versions.node }, 1);
  return {
    registry,
    ...createRequestMetrics(registry),
    ...createUpstreamMetrics(registry),
    ...createReplicaGauges(registry),
  };
}

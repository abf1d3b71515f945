import type { Registry } from 'prom-client';
import { createHistogram, type Histogram } from './histogram.ts';

/** A histogram of seconds. All of them have the same buckets, so that they can be compared. */
export function createDurations<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
): Histogram<Label> {
  return createHistogram(registry, { name, help, labelNames, buckets });
}

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

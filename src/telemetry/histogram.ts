import type { Metric, Registry } from 'prom-client';

/** A histogram of Prometheus. */
export interface Histogram<Label extends string> {
  observe(labels: Labels<Label>, value: number): void;
  /** Begins the series of these labels, so that Prometheus sees its first increase. */
  zero(labels: Labels<Label>): void;
}

type Labels<Label extends string> = Readonly<Record<Label, string | number>>;

export interface HistogramOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
  /** Upper bounds, the smallest first. */
  readonly buckets: readonly number[];
}

/**
 * Registers a histogram. It reads like one of prom-client, which validates and sorts the labels of each value: of a small
 * request that took longer than all else that is recorded of it.
 */
export function createHistogram<Label extends string>(
  registry: Registry,
  { name, help, labelNames, buckets }: HistogramOptions<Label>,
): Histogram<Label> {
  const allSeries = new Map<string, Series>();

  function seriesOf(labels: Labels<Label>): Series {
    let key = '';
    for (const label of labelNames) key += `${labels[label]}\n`;
    const known = allSeries.get(key);
    if (known) return known;
    const series = { labels, counts: buckets.map(() => 0), sum: 0, count: 0 };
    allSeries.set(key, series);
    return series;
  }

  const get = () =>
    Promise.resolve({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: [...allSeries.values()].flatMap((series) => valuesOf(name, buckets, series)),
    });
  const metric = { name, help, get, reset: () => allSeries.clear() };
  // The types of prom-client know its own classes only; a registry needs no more than these members.
  registry.registerMetric(metric as unknown as Metric);
  return {
    observe(labels, value) {
      const series = seriesOf(labels);
      series.sum += value;
      series.count++;
      const bucket = buckets.findIndex((most) => value <= most);
      if (bucket >= 0) series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    },
    zero: (labels) => void seriesOf(labels),
  };
}

interface Series {
  readonly labels: Readonly<Record<string, string | number>>;
  /** The values of each bucket that are in no smaller one. */
  readonly counts: number[];
  sum: number;
  count: number;
}

/** The values as Prometheus reads them: those of a bucket include those of all smaller ones. */
function valuesOf(name: string, buckets: readonly number[], { labels, counts, sum, count }: Series) {
  let below = 0;
  return [
    ...buckets.map((le, index) => {
      below += counts[index] ?? 0;
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: below };
    }),
    { metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: count },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

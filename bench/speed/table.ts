import type { Measurement } from './measure.ts';
import type { ServerKind } from './servers.ts';
import { servers } from './servers.ts';

/** The middle of some numbers; of an even number of them the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The number that a part of the numbers stays below. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** The measurements of one server, query and kind. */
interface Series {
  readonly kind: ServerKind;
  readonly turns: readonly Measurement[];
}

export const rateOf = ({ turns }: Series) => median(turns.map(({ rate }) => rate));

export const latenciesOf = ({ turns }: Series) => turns.flatMap(({ latencies }) => latencies);

/** Everything about one query and kind, the fastest server first. */
export function rateTable(series: readonly Series[]): string {
  const bare = series.find(({ kind }) => kind === servers.bare);
  const peers = series.filter(({ kind }) => kind.isPeer).map(rateOf);
  const rows = series
    .toSorted((a, b) => rateOf(b) - rateOf(a))
    .map((one) => {
      const rate = rateOf(one);
      const rates = one.turns.map(({ rate }) => rate);
      const latencies = latenciesOf(one);
      return [
        one.kind.title,
        figure(rate),
        `${figure(Math.min(...rates))}–${figure(Math.max(...rates))}`,
        bare ? ratio(rate / rateOf(bare)) : '–',
        peers.length > 0 ? ratio(rate / Math.max(...peers)) : '–',
        figure(median(one.turns.map(({ cpu }) => cpu))),
        figure(median(one.turns.map(({ calls }) => calls))),
        figure(median(latencies)),
        figure(quantile(latencies, 0.99)),
      ];
    });
  return markdown(
    ['server', 'requests/s', 'spread', 'of bare', 'of best peer', 'CPU ms', 'calls', 'p50 ms', 'p99 ms'],
    rows,
  );
}

/** A table of Markdown: a heading of words, then figures. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

/** Three digits that count. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(value >= 10 ? 3 : 2)));
}

export const ratio = (value: number) => value.toFixed(2);

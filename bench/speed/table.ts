import type { Measurement } from './measure.ts';

/** The middle of some numbers; of an even number of them the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The measurements of one server and query in all rounds. */
export interface Series {
  readonly server: string;
  readonly isBare: boolean;
  readonly isPeer: boolean;
  readonly rounds: readonly Measurement[];
}

/** Everything about one query, the fastest server first. */
export function rateTable(series: readonly Series[]): string[] {
  const rateOf = ({ rounds }: Series) => median(rounds.map(({ rate }) => rate));
  const bare = series.find(({ isBare }) => isBare);
  const peers = series.filter(({ isPeer }) => isPeer).map(rateOf);
  const rows = series
    .toSorted((a, b) => rateOf(b) - rateOf(a))
    .map((one) => {
      const rate = rateOf(one);
      const rates = one.rounds.map(({ rate }) => rate);
      const middle = (key: 'cpu' | 'calls' | 'p50' | 'p99') => median(one.rounds.map((round) => round[key]));
      return [
        one.server,
        figure(rate),
        `${figure(Math.min(...rates))}–${figure(Math.max(...rates))}`,
        bare ? ratio(rate / rateOf(bare)) : '–',
        peers.length > 0 ? ratio(rate / Math.max(...peers)) : '–',
        figure(middle('cpu')),
        figure(middle('calls')),
        figure(middle('p50')),
        figure(middle('p99')),
      ];
    });
  return markdown(
    ['server', 'requests/s', 'spread', 'of bare', 'of best peer', 'CPU ms', 'calls', 'p50 ms', 'p99 ms'],
    rows,
  );
}

/** A table of Markdown: a heading of words, then figures. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)];
}

/** Three digits that count. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(value >= 10 ? 3 : 2)));
}

const ratio = (value: number) => value.toFixed(2);

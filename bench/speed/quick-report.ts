import { kinds } from './kinds.ts';
import type { Options } from './options.ts';
import { queries } from './queries.ts';
import type { Case, Peak } from './run.ts';
import { servers } from './servers.ts';
import { figure, latenciesOf, median, rateOf, ratio } from './table.ts';

/** What `--quick` prints: text that a terminal shows well. */
export function quickReport({ loads }: Options, cases: readonly Case[], peaks: readonly Peak[]): string {
  const lines = loads.flatMap((load) => [
    '',
    load === 'delayed' ? 'The upstream takes 10 ms for each answer' : kinds[load],
    row(['', 'requests/s', 'CPU ms, least', 'median', 'of this gateway', 'p50 ms', 'calls']),
    ...[
      ...Map.groupBy(
        cases.filter((one) => one.load === load),
        ({ query }) => query,
      ).values(),
    ].flatMap(ofOneQuery),
  ]);
  if (peaks.length > 0) lines.push('', 'Most memory, MiB', ...peaks.map(peakRow));
  const faults = cases.flatMap((one) =>
    [...new Set(one.turns.flatMap(({ faults }) => faults))].map((fault) => `${nameOf(one)}, ${one.load}: ${fault}`),
  );
  if (faults.length > 0) lines.push('', 'Faults', ...faults);
  return `${lines.join('\n')}\n`;
}

function ofOneQuery(cases: readonly Case[]): string[] {
  const ours = cases.find(({ kind }) => kind === servers.ours);
  return cases.map((one) => {
    const cpu = one.turns.map(({ cpu }) => cpu);
    // Turn by turn: a noisy moment meets both servers.
    const shares = cpu.map((milliseconds, turn) => milliseconds / (ours?.turns[turn]?.cpu ?? Number.NaN));
    return row([
      nameOf(one),
      figure(rateOf(one)),
      figure(Math.min(...cpu)),
      figure(median(cpu)),
      ours ? ratio(median(shares)) : '–',
      figure(median(latenciesOf(one))),
      figure(median(one.turns.map(({ calls }) => calls))),
    ]);
  });
}

const peakRow = (peak: Peak) => row([nameOf(peak), figure(peak.bytes / 1024 / 1024)]);

const nameOf = ({ query, kind }: Pick<Case, 'query' | 'kind'>) => `${queries[query].title}, ${kind.title}`;

const row = ([name = '', ...figures]: readonly string[]) =>
  `${name.padEnd(44)}${figures.map((text) => text.padStart(16)).join('')}`;

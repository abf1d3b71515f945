import { readFileSync } from 'node:fs';
import { checks } from './checks.ts';
import type { Findings } from './findings.ts';
import { kindNames, kinds } from './kinds.ts';
import { leastCount, mostSeconds, type OpenCell, openLoads, shares } from './open-latency.ts';
import type { Options } from './options.ts';
import { type QueryName, queries } from './queries.ts';
import { canAnswer, type ServerKind, servers } from './servers.ts';
import { figure, latenciesOf, markdown, median, quantile, rateOf, rateTable, ratio } from './table.ts';

/** The page of results, in Markdown. */
export function report(findings: Findings): string {
  const sections = [
    '# How fast it is',
    ...introduction(findings),
    ...summarySection(findings),
    ...kindSections(findings),
    ...delaySection(findings),
    ...openSection(findings),
    ...memorySection(findings),
    ...checks(findings),
  ];
  return `${sections.join('\n\n')}\n`;
}

function introduction({ options, words, machine }: Findings): string[] {
  const command = `npm run bench${words.length > 0 ? ` -- ${words.join(' ')}` : ''}`;
  const { rounds, turns, seconds, warmUp } = options;
  return [
    `\`${command}\`, ${new Date().toISOString().slice(0, 10)}; ${machine}; Node ${process.versions.node}; ${versions()}.`,
    [
      '- The server under test has a core for itself, with all its threads. Upstream and load generator share another.',
      '- 32 connections, each with a token of its own; 8 for 10,000 volumes. A connection sends its next request when it has the answer.',
      `- ${rounds * turns} measurements of ${seconds} s each: in ${rounds} rounds of shuffled order, the servers take ${turns} turns for each query and kind. A third of the turns is enough for ${list(slowServers(options))}. Each server was warmed up for ${warmUp} s with each query.`,
      '- Rates and CPU times are medians over the measurements; the spread is the least and the most. p50 and p99 are of all answers.',
      '- “bare” makes the same REST calls at once and passes the bytes on.',
      '- “of bare” and “of best peer” are ratios of requests/s.',
    ].join('\n'),
  ];
}

const slowServers = ({ servers }: Options) => servers.filter(({ isSlow }) => isSlow).map(({ title }) => title);

const list = (words: readonly string[]) => (words.length > 0 ? words.join(', ') : 'slow servers');

/** How much faster than its best peer this gateway is. */
function summarySection({ cases, options }: Findings): string[] {
  const loads = kindNames.filter((kind) => options.loads.includes(kind));
  const rows = options.queries.map((query) => [
    title(query),
    ...loads.map((load) => {
      const all = cases.filter((one) => one.query === query && one.load === load);
      const ours = all.find(({ kind }) => kind === servers.ours);
      const [best] = all.filter(({ kind }) => kind.isPeer).toSorted((a, b) => rateOf(b) - rateOf(a));
      return ours && best ? `${ratio(rateOf(ours) / rateOf(best))} (${best.kind.title})` : '–';
    }),
  ]);
  return [
    '## This gateway, of its best peer',
    markdown(['query', ...loads], rows),
    loads.map((load) => `- \`${load}\`: ${kinds[load]}.`).join('\n'),
    ...(loads.includes('everyRow') && options.queries.includes('one')
      ? ['An answer with one volume has one row: `everyRow` would be `oneRow` again.']
      : []),
  ];
}

function kindSections({ cases, options }: Findings): string[] {
  return kindNames.flatMap((load) => {
    const tables = options.queries.flatMap((query) => {
      const series = cases.filter((one) => one.load === load && one.query === query);
      return series.length === 0 ? [] : [`### ${title(query)}`, rateTable(series)];
    });
    return tables.length === 0 ? [] : [`## ${kinds[load]}`, ...tables];
  });
}

/** What matters is the time of one request, so all queries stand in one table. */
function delaySection({ cases, options }: Findings): string[] {
  if (!options.loads.includes('delayed')) return [];
  return [
    '## The upstream takes 10 ms for each answer',
    'Milliseconds until the answer is there, median (p99), with 4 requests at once. The bytes are always the same.',
    perServer(options, (server, query) => {
      const one = cases.find((one) => one.load === 'delayed' && one.kind === server && one.query === query);
      if (!one) return '–';
      const latencies = latenciesOf(one);
      return `${figure(median(latencies))} (${figure(quantile(latencies, 0.99))})`;
    }),
  ];
}

function memorySection({ peaks, options }: Findings): string[] {
  if (peaks.length === 0) return [];
  return [
    '## Memory',
    `The most that a new process had in memory (MiB RSS) within ${options.memorySeconds} s, with 32 requests at once, 8 for 10,000 volumes. Every row of every answer differs from the answer before.`,
    perServer(options, (server, query) => {
      const peak = peaks.find((peak) => peak.kind === server && peak.query === query);
      return peak ? figure(peak.bytes / 1024 / 1024) : '–';
    }),
  ];
}

/** A table with a row for each server and a column for each query. */
function perServer({ servers, queries }: Options, cell: (server: ServerKind, query: QueryName) => string): string {
  const rows = servers.map((server) => [
    server.title,
    ...queries.map((query) => (canAnswer(server, query) ? cell(server, query) : '–')),
  ]);
  return markdown(['server', ...queries.map(title)], rows);
}

function openSection({ open }: Findings): string[] {
  if (open.length === 0) return [];
  const left = open.filter(({ latency }) => latency === null);
  const names = left.map(
    ({ server, query, load, share }) => `${server.kind.title}, ${title(query)}, ${load}, ${percent(share)}`,
  );
  return [
    '## Open loop',
    `Requests are due at fixed times, ${shares.map(percent).join(' and ')} as many as the server answers in the closed loop above. The latency counts from the time at which the request was due, so it includes the time for which a request waits because the server is busy with others. The load generator sends up to a millisecond late, which counts too. At least ${leastCount} requests each; this gateway and the two fastest peers of each query.`,
    ...openLoads.flatMap((load) => {
      const cells = open.filter((cell) => cell.load === load && cell.latency !== null);
      return cells.length === 0 ? [] : [`### ${kinds[load]}`, openTable(cells)];
    }),
    ...(left.length === 0
      ? []
      : [`Left out, because ${leastCount} requests would take more than ${mostSeconds} s: ${names.join('; ')}.`]),
  ];
}

function openTable(cells: readonly OpenCell[]): string {
  const rows = Map.groupBy(cells, ({ query, server }) => `${title(query)} | ${server.kind.title}`);
  return markdown(
    ['query', 'server', ...shares.flatMap((share) => [`${percent(share)}: requests/s`, 'p50 ms', 'p99 ms'])],
    [...rows].map(([name, all]) => [
      name,
      ...shares.flatMap((share) => {
        const cell = all.find((cell) => cell.share === share);
        return cell?.latency ? [cell.rate, cell.latency.p50, cell.latency.p99].map(figure) : ['–', '–', '–'];
      }),
    ]),
  );
}

/** Of the peers' packages. */
function versions(): string {
  const {
    dependencies,
    optionalDependencies,
  }: Record<string, Record<string, string>> = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return Object.entries({ ...dependencies, ...optionalDependencies })
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

const title = (query: QueryName) => queries[query].title;

const percent = (part: number) => `${(part * 100).toFixed(0)} %`;

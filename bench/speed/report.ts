import { readFileSync } from 'node:fs';
import type { Measurement } from './measure.ts';
import type { Options } from './options.ts';
import { type QueryName, queries } from './queries.ts';
import { type ServerKind, type ServerName, servers } from './servers.ts';
import { figure, markdown, median, rateTable } from './table.ts';

/** All measurements of one server, query and mood of the upstream. */
export interface Case {
  readonly name: ServerName;
  readonly kind: ServerKind;
  readonly query: QueryName;
  readonly mood: 'unchanged' | 'changing' | 'delayed';
  readonly rounds: readonly Measurement[];
}

/** Everything that was found out. */
export interface Findings {
  readonly options: Options;
  readonly machine: string;
  /** What was given on the command line. */
  readonly words: readonly string[];
  readonly answers: { readonly same: readonly string[]; readonly differing: readonly string[] };
  readonly cases: readonly Case[];
  readonly peaks: readonly { readonly name: ServerName; readonly query: QueryName; readonly bytes: number }[];
  readonly limits: readonly { readonly query: QueryName; readonly rate: number }[];
}

/** The page of results, in Markdown. */
export function report(findings: Findings): string {
  const { options, machine, words, answers } = findings;
  const sections = [
    '# How fast it is',
    `\`npm run bench${words.length > 0 ? ` -- ${words.join(' ')}` : ''}\`, ${new Date().toISOString().slice(0, 10)}; ${machine}; Node ${process.versions.node}; ${versions()}. ${options.rounds} rounds of ${options.seconds} s each in shuffled order, after ${options.warmUp} s of warming up; figures are medians over the rounds, the spread is their least and most. The server has one core for itself with all its threads, upstream and load generator share another. 32 connections with a token each, 8 for 10,000 volumes. “bare” makes the same REST calls at once and passes the bytes on.`,
    ...moodSections(findings),
    ...delaySection(findings),
    ...memorySection(findings),
    '## Checks',
    ...limitSection(findings),
    answers.differing.length === 0
      ? `All ${answers.same.length} answers of the peers hold the same as this gateway's, but for global identifiers${normalized()}.`
      : ['Answers that differ:', ...answers.differing.map((line) => `- ${line}`)].join('\n'),
    ...warnings(findings),
  ];
  return `${sections.join('\n\n')}\n`;
}

const headings = {
  unchanged: 'The upstream answers the same bytes every time',
  changing: 'Every answer of the upstream differs from the one before',
} as const;

function moodSections({ cases, options }: Findings): string[] {
  return (['unchanged', 'changing'] as const).flatMap((mood) => {
    const tables = options.queries.flatMap((query) => {
      const series = cases
        .filter((one) => one.mood === mood && one.query === query)
        .map(({ name, kind, rounds }) => ({
          server: kind.title,
          isBare: name === 'bare',
          isPeer: kind.isPeer,
          rounds,
        }));
      return series.length === 0 ? [] : [`### ${title(query)}`, rateTable(series).join('\n')];
    });
    return tables.length === 0 ? [] : [`## ${headings[mood]}`, ...tables];
  });
}

/** What matters is the time of one request, so all queries stand in one table. */
function delaySection({ cases, options }: Findings): string[] {
  const rows = options.only.map((server) => [
    servers[server].title,
    ...options.queries.map((query) => {
      const one = cases.find((one) => one.mood === 'delayed' && one.name === server && one.query === query);
      if (!one) return '–';
      const middle = (key: 'p50' | 'p99') => figure(median(one.rounds.map((round) => round[key])));
      return `${middle('p50')} (${middle('p99')})`;
    }),
  ]);
  if (!options.parts.includes('delayed')) return [];
  return [
    '## The upstream takes 10 ms for each answer',
    'Milliseconds until the answer is there, median (p99), with 4 requests at once.',
    markdown(['server', ...options.queries.map(title)], rows).join('\n'),
  ];
}

function memorySection({ peaks, options }: Findings): string[] {
  if (peaks.length === 0) return [];
  const rows = options.only.map((server) => [
    servers[server].title,
    ...options.queries.map((query) => {
      const peak = peaks.find((peak) => peak.name === server && peak.query === query);
      return peak ? figure(peak.bytes / 1024 / 1024) : '–';
    }),
  ]);
  return [
    '## Memory',
    'The most that a new process had in memory (MiB RSS), with 32 requests at once, 8 for 10,000 volumes.',
    markdown(['server', ...options.queries.map(title)], rows).join('\n'),
  ];
}

/** Whether the upstream could have served the fastest server. */
function limitSection({ limits, cases }: Findings): string[] {
  const rows = limits.map(({ query, rate }) => {
    const fastest = Math.max(
      ...cases
        .filter((one) => one.query === query && one.mood !== 'delayed')
        .map(({ rounds }) => median(rounds.map(({ rate }) => rate))),
    );
    return [title(query), figure(rate), figure(fastest), (rate / fastest).toFixed(1)];
  });
  return [
    'What the upstream answers when nothing stands between it and the load generator, in requests for which it is asked all that the query needs:',
    markdown(['query', 'upstream alone, requests/s', 'fastest server', 'times as fast'], rows).join('\n'),
  ];
}

/** Measurements that may not be of the server, and answers that were none. */
function warnings({ cases }: Findings): string[] {
  const lines = cases.flatMap(({ kind, query, mood, rounds }) => {
    const what = `${kind.title}, ${title(query)}, ${mood}`;
    const middle = (key: 'serverBusy' | 'benchBusy') => median(rounds.map((round) => round[key]));
    const isLimited = mood !== 'delayed' && middle('benchBusy') > 0.9 && middle('serverBusy') < 0.9;
    return [
      ...(isLimited
        ? [
            `${what}: limited by the bench, busy ${percent(middle('benchBusy'))}; server ${percent(middle('serverBusy'))}`,
          ]
        : []),
      ...new Set(rounds.flatMap(({ faults }) => faults).map((fault) => `${what}: ${fault}`)),
    ];
  });
  const strangers = cases.flatMap(({ rounds }) => rounds.map(({ strangers }) => strangers));
  const disturbed = strangers.filter((part) => part > 0.1).length;
  return [
    lines.length === 0
      ? 'No measurement was limited by the bench, and no request failed.'
      : lines.map((line) => `- ${line}`).join('\n'),
    `In ${disturbed} of ${strangers.length} measurements something else took more than 10 % of one of the cores${disturbed > strangers.length / 10 ? ': **the machine was not quiet**' : ''}.`,
  ];
}

function normalized(): string {
  const notes = Object.values(servers).flatMap((kind: ServerKind) => (kind.note ? [`${kind.title} ${kind.note}`] : []));
  return notes.length === 0 ? '' : `; ${notes.join('; ')}`;
}

/** Of this gateway's packages and the peers'. */
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

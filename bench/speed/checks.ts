import type { Findings } from './findings.ts';
import { kindNames } from './kinds.ts';
import { queries } from './queries.ts';
import { figure, markdown, median, rateOf } from './table.ts';

/** Whether the figures can be believed. */
export function checks(findings: Findings): string[] {
  return ['## Checks', ...limitSection(findings), ...answerSection(findings), ...warnings(findings)];
}

/** Whether the upstream could have served the fastest server. */
function limitSection({ options, limits, cases }: Findings): string[] {
  const loads = kindNames.filter((kind) => options.loads.includes(kind));
  const rows = options.queries.map((query) => [
    queries[query].title,
    ...loads.map((load) => {
      const limit = limits.find((limit) => limit.query === query && limit.load === load)?.rate ?? Number.NaN;
      const fastest = Math.max(...cases.filter((one) => one.query === query && one.load === load).map(rateOf));
      return Number.isNaN(limit) ? '–' : `${figure(limit)} (${(limit / fastest).toFixed(1)})`;
    }),
  ]);
  return [
    'What the upstream answers if no server stands between it and the load generator, in requests/s, each with all REST calls of the query; in brackets how many times as fast as the fastest server that is.',
    markdown(['query', ...loads], rows),
  ];
}

function answerSection({ answers, options }: Findings): string[] {
  const { same, differing, stale } = answers;
  const notes = options.servers.flatMap(({ title, note }) => (note ? [`- ${title} ${note}.`] : []));
  return [
    stale.length === 0
      ? 'After every row of the upstream had changed, each server answered with the new rows.'
      : [`**Answers that were not what the upstream answered then:**`, ...stale.map((line) => `- ${line}`)].join('\n'),
    differing.length === 0
      ? `All ${same.length} answers of the peers that were compared, half of them to a tenant not seen before, hold the same as this gateway's, but for global identifiers.`
      : ['**Answers that differ:**', ...differing.map((line) => `- ${line}`)].join('\n'),
    ...(notes.length === 0 ? [] : [notes.join('\n')]),
  ];
}

/** Measurements that may not be of the server, and answers that were none. */
function warnings({ cases, open }: Findings): string[] {
  const limited = cases.flatMap(({ kind, query, load, turns }) => {
    const middle = (key: 'serverBusy' | 'benchBusy') => median(turns.map((turn) => turn[key]));
    const isLimited = load !== 'delayed' && middle('benchBusy') > 0.9 && middle('serverBusy') < 0.9;
    return isLimited
      ? [
          `${kind.title}, ${queries[query].title}, ${load}: limited by the bench, busy ${percent(middle('benchBusy'))}; server ${percent(middle('serverBusy'))}`,
        ]
      : [];
  });
  const faults = [
    ...cases.map(({ kind, query, load, turns }) => ({
      kind,
      query,
      load,
      faults: turns.flatMap(({ faults }) => faults),
    })),
    ...open.map(({ server: { kind }, query, load, share, latency }) => ({
      kind,
      query,
      load: `${load}, open loop at ${percent(share)}`,
      faults: latency?.faults ?? [],
    })),
  ].flatMap(({ kind, query, load, faults }) =>
    [...new Set(faults)].map((fault) => `${kind.title}, ${queries[query].title}, ${load}: ${fault}`),
  );
  const lines = [...limited, ...faults];
  // The system counts whole hundredths of a second: only the mean of several short measurements says something.
  const strangers = cases.map(({ turns }) => turns.reduce((sum, turn) => sum + turn.strangers, 0) / turns.length);
  const disturbed = strangers.filter((part) => part > 0.1).length;
  return [
    lines.length === 0
      ? 'No measurement was limited by the bench, and no request failed.'
      : lines.map((line) => `- ${line}`).join('\n'),
    `In ${disturbed} of ${strangers.length} lines of these tables something else took more than 10 % of one of the cores${disturbed > strangers.length / 10 ? ': **the machine was not quiet**' : ''}.`,
  ];
}

const percent = (part: number) => `${(part * 100).toFixed(0)} %`;

import { parseArgs } from 'node:util';
import { type LoadName, loadNames } from './kinds.ts';
import { type QueryName, queryNames } from './queries.ts';
import { gatewayIn, type ServerKind, serverNames, servers } from './servers.ts';

/** How the bench is run. */
export interface Options {
  /** For daily use: few servers, short measurements, a short report. */
  readonly isQuick: boolean;
  /** Measures latencies in an open loop too. */
  readonly isFull: boolean;
  /** How often everything is measured, each time in another order. */
  readonly rounds: number;
  /** Measurements of a server, query and kind in each round. The servers take turns. */
  readonly turns: number;
  /** How long each measurement takes. */
  readonly seconds: number;
  /** How long each server is warmed up for each query. */
  readonly warmUp: number;
  /** How long each server gets used to a kind before its turns. */
  readonly leadIn: number;
  readonly servers: readonly ServerKind[];
  readonly queries: readonly QueryName[];
  readonly loads: readonly LoadName[];
  readonly measuresMemory: boolean;
  /** How long a new process is loaded for each query, for its memory. */
  readonly memorySeconds: number;
  /** Where the tables are written to; null if they are only printed. */
  readonly out: string | null;
}

const partNames = [...loadNames, 'memory'] as const;

const usual = { rounds: 2, turns: 5, seconds: 0.4, warmUp: 8, leadIn: 0.25, memorySeconds: 4 };
const quick = { rounds: 1, turns: 5, seconds: 0.25, warmUp: 2, leadIn: 0.25, memorySeconds: 4 };

/** @throws where an option means nothing. */
export function readOptions(words: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      turns: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      'lead-in': { type: 'string' },
      'memory-seconds': { type: 'string' },
      only: { type: 'string' },
      against: { type: 'string', multiple: true, default: [] },
      queries: { type: 'string' },
      parts: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const isQuick = values.quick;
  if (isQuick && values.full) throw new Error('--quick and --full exclude each other');
  const usualOf = isQuick ? quick : usual;
  const only = values.only ?? (isQuick ? 'ours,mercurius,bare' : serverNames.join(','));
  const queries = values.queries ?? (isQuick ? 'one,nested,thousand' : queryNames.join(','));
  const parts = names('parts', values.parts ?? (isQuick ? loadNames.slice(0, 4) : partNames).join(','), partNames);
  return {
    isQuick,
    isFull: values.full,
    rounds: number('rounds', values.rounds ?? usualOf.rounds),
    turns: number('turns', values.turns ?? usualOf.turns),
    seconds: number('seconds', values.seconds ?? usualOf.seconds),
    warmUp: number('warm-up', values['warm-up'] ?? usualOf.warmUp),
    leadIn: number('lead-in', values['lead-in'] ?? usualOf.leadIn),
    servers: [
      ...names('only', only, serverNames).map((name) => servers[name]),
      ...values.against.map((folder) => gatewayIn(folder, `gateway of ${folder}`)),
    ],
    queries: names('queries', queries, queryNames),
    loads: loadNames.filter((load) => parts.includes(load)),
    measuresMemory: parts.includes('memory'),
    memorySeconds: number('memory-seconds', values['memory-seconds'] ?? usualOf.memorySeconds),
    out: values.out ?? (isQuick ? null : new URL('../RESULTS.md', import.meta.url).pathname),
  };
}

function number(name: string, text: string | number): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0; it is ${text}`);
  return value;
}

function names<Name extends string>(option: string, text: string, known: readonly Name[]): Name[] {
  return text.split(',').map((word) => {
    const name = known.find((name) => name === word);
    if (!name) throw new Error(`--${option}: there is no ${word}; there are ${known.join(', ')}`);
    return name;
  });
}

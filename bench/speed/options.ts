import { parseArgs } from 'node:util';
import { type QueryName, queryNames } from './queries.ts';
import { type ServerName, serverNames } from './servers.ts';

/** How the bench is run. */
export interface Options {
  /** How often everything is measured, each time in another order. */
  readonly rounds: number;
  /** How long each measurement takes, and how long each server is warmed up for each query. */
  readonly seconds: number;
  readonly warmUp: number;
  readonly only: readonly ServerName[];
  readonly queries: readonly QueryName[];
  readonly parts: readonly Part[];
  /** Where the tables are written to. */
  readonly out: string;
}

/** What is measured: upstream bodies that stay the same, that always change, 10 ms of upstream delay, memory. */
export const partNames = ['unchanged', 'changing', 'delayed', 'memory'] as const;
export type Part = (typeof partNames)[number];

/** @throws where an option means nothing. */
export function readOptions(words: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '3' },
      'warm-up': { type: 'string', default: '4' },
      only: { type: 'string', default: serverNames.join(',') },
      queries: { type: 'string', default: queryNames.join(',') },
      parts: { type: 'string', default: partNames.join(',') },
      out: { type: 'string', default: new URL('../RESULTS.md', import.meta.url).pathname },
    },
  });
  return {
    rounds: number('rounds', values.rounds),
    seconds: number('seconds', values.seconds),
    warmUp: number('warm-up', values['warm-up']),
    only: names('only', values.only, serverNames),
    queries: names('queries', values.queries, queryNames),
    parts: names('parts', values.parts, partNames),
    out: values.out,
  };
}

function number(name: string, text: string): number {
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
